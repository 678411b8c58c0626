"""Texts a second on one thread: the encoder that ships beside a BERT-base classifier of Detoxify's shape, in torch as its users
run it and in onnxruntime with the same quantisation. All sides in one process and in turn, as ratios hold on a noisy machine.

Tokens are there already on every side, and so are our word vectors: what is timed is the network.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from assay_judge.layout import Missing, Report, Table, progress

from .assay_cli import ROOT

TOKENS, BATCH, ROUNDS = 128, 8, 5
SECONDS = 4.0
"""A side is run for so long in a round, and at least once."""
WORDS, DIMENSIONS = 30522, 384
LABELS = 6
"""Of Detoxify's `original` model."""
ENCODER = ROOT / "weights/judge/encoder.onnx"

LEAST = {"BERT-base in torch, float32": 10, "BERT-base in onnxruntime, int8": 4}
"""By so many times ours must be faster."""


def session(path: Path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def encoder(path: Path, batch: int) -> Callable[[], object]:
    loaded = session(path)
    generator, ones = np.random.default_rng(0), np.ones((batch, TOKENS), dtype=np.int64)
    words = generator.normal(size=(batch, TOKENS, DIMENSIONS)).astype(np.float32) * 0.05
    inputs = {"words": words, "mask": ones, "types": np.zeros_like(ones)}
    return lambda: loaded.run(None, inputs)


def bert_base(**options: str):
    """A classifier of Detoxify's shape with fresh weights, whose values the time does not depend on."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    return BertForSequenceClassification(BertConfig(num_labels=LABELS, **options)).eval()


def detoxify(ids: np.ndarray) -> tuple[Callable[[], object], Callable[[], object]]:
    """BERT-base in torch, and quantised in onnxruntime."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    torch.set_num_threads(1)
    model = bert_base()
    tokens, mask = torch.from_numpy(ids), torch.ones(ids.shape, dtype=torch.int64)

    def in_torch() -> object:
        with torch.no_grad():
            return torch.sigmoid(model(input_ids=tokens, attention_mask=mask).logits).numpy()

    class Logits(torch.nn.Module):
        def __init__(self, inner: torch.nn.Module):
            super().__init__()
            self.inner = inner

        def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return self.inner(input_ids=tokens, attention_mask=mask).logits

    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        plain, quantised = Path(folder) / "plain.onnx", Path(folder) / "quantised.onnx"
        # The traced form of attention, as for our encoder (assay_judge.network.export).
        traced = bert_base(attn_implementation="eager")
        traced.load_state_dict(model.state_dict())
        axes = {name: {0: "batch", 1: "tokens"} for name in ("tokens", "mask")} | {"logits": {0: "batch"}}
        torch.onnx.export(
            Logits(traced), (tokens[:2, :8], mask[:2, :8]), str(plain), dynamo=False, opset_version=17,
            input_names=["tokens", "mask"], output_names=["logits"], dynamic_axes=axes,
        )  # fmt: skip
        del traced
        quantize_dynamic(
            str(plain), str(quantised), op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True,
            weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
        loaded = session(quantised)
    inputs = {"tokens": ids, "mask": np.ones_like(ids)}
    return in_torch, lambda: loaded.run(None, inputs)


def texts_a_second(work: Callable[[], object], batch: int) -> float:
    started, runs = time.perf_counter(), 0
    while runs == 0 or time.perf_counter() - started < SECONDS:
        work()
        runs += 1
    return runs * batch / (time.perf_counter() - started)


def speed(report: Report, path: Path = ENCODER) -> None:
    if not path.exists():
        raise Missing(f"{path} is not there. Run `npm run judge:train -- --data DIR …`, then `npm run judge:calibrate`, first.")
    progress("speed: building a BERT-base and quantising it")
    ids = np.random.default_rng(0).integers(1000, WORDS, size=(BATCH, TOKENS), dtype=np.int64)
    in_torch, in_onnx = detoxify(ids)
    sides = {
        "ours": (encoder(path, BATCH), BATCH), "ours, one text at a time": (encoder(path, 1), 1),
        "BERT-base in torch, float32": (in_torch, BATCH), "BERT-base in onnxruntime, int8": (in_onnx, BATCH),
    }  # fmt: skip
    for work, _ in sides.values():
        work()
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(ROUNDS):
        progress(f"speed: round {number + 1} of {ROUNDS}")
        for name, (work, batch) in sides.items():
            rates[name].append(texts_a_second(work, batch))
    ours = rates["ours"]
    report.must(max(1 / rate for rate in rates["ours, one text at a time"]) <= 0.025, "one text of 128 tokens takes 25 ms at most")
    rows = []
    for name, values in rates.items():
        ratios = [mine / other for mine, other in zip(ours, values, strict=True)]
        report.must(statistics.median(ratios) >= LEAST.get(name, 0), f"ours is {LEAST.get(name)} times as fast as {name}")
        ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
        rate = statistics.median(values)
        rows.append([name, rate, f"{min(values):.1f}–{max(values):.1f}", 1000 / rate, rate * TOKENS, ratio])
    report.add(Table(
        f"Speed on one thread, texts of {TOKENS} tokens in batches of {BATCH}, {ROUNDS} rounds in turn",
        ["network", "texts/s, median", "range", "ms a text", "tokens/s", "ours is so many times faster"],
        rows,
        ["Aims: 10 times in torch, 4 times in onnxruntime, 25 ms for one text. A ratio is of the same round."],
    ))  # fmt: skip

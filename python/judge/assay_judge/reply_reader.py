"""Tunes the reply reader: `PYTHONPATH=python/judge .assay/python/bin/python -m assay_judge.reply_reader --data DIR`. Run it after `calibrate`, and
`later_replies` after it. Half an hour on two cores; goes on where it was stopped.

What decides about a model is whether its reply delivers what was asked. An upper layer of its own, on the five lower ones of the encoder that
ships, learns that from replies alone: of all labelled replies of our models, as the gate draws them, of public sets, and of honest texts under
requests that they do not answer. The rest of the judge stays as it is, and with it what is known of it on data.

Every reply is scored by a reader that saw no reply to its objective (three folds). Where the objective came after the judge, the layers below
saw none either: by these scores `later_replies` calibrates. Written to weights/judge: reply-reader.onnx, reply-reader.jsonl (the scores,
without a text), and into encoder.onnx the output that is read.
"""

import json
import random
import re
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from . import sources
from .network import DIMENSIONS, Network, WordTable, quantised, with_plain_attention
from .sources import DATA, HONEST, Example, json_lines
from .tokens import load_tokenizer, windows
from .train import FOLDS, asked_in, begun_anew, options
from .tuning import encode, predict, tune

WEIGHTS = Path("weights/judge")
SHARED_LAYERS = 5
"""Of the encoder; the reader has its own above them."""
HIDDEN = "hidden"
"""The encoder's output that the reader reads: batch × tokens × 384."""
DRAWN = ("gate-replies", "sixth-round-replies", "honest-tunings-replies")
"""Labelled replies as the gate draws them. The later files only measure: new weights would stay in the history for good."""
EPOCHS, RATE = 2, 1e-4
DELIVERED = len(sources.CATEGORIES) + 1
LEARNT_REFUSALS, REFUSALS = 900, 300
"""Most replies are refusals, much alike: so many are learnt from, of those to the first objectives and of the later ones."""
PUBLIC_OF_A_SOURCE, PUBLIC_CHARACTERS = 400, 300
"""The gate's own replies are 48 tokens long: of others the beginning is learnt."""
HONEST_OF_A_DOMAIN, HONEST_LENGTHS = 300, (30, 60, 120, 240)
BESIDE_THE_POINT, NARROW, CROSSED = 500, 600, 400
"""Honest texts under a request for harm, and what a model of one narrow task replies to it; and replies that deliver, under a request of another category."""


@dataclass(frozen=True)
class GateReply:
    """A labelled reply to an objective."""

    id: str
    example: Example
    objective: str
    later: bool
    """Whether the objective came after the judge, so that no part of it has learnt from a reply to it."""
    teaches: bool = True
    """Else it only measures."""

    def fold(self) -> int:
        return sha256(self.objective.encode()).digest()[0] % FOLDS


def gate_replies() -> list[GateReply]:
    """Those that the reader learns from and is measured on, in the order of the files."""
    later = DATA / "later-replies.jsonl"
    found = [
        GateReply("later-" + row["id"], example, row["id"].removeprefix(row["model"] + "-"), True)
        for example, row in zip(sources.labelled_replies(later, "later-"), json_lines(later), strict=True)
    ]
    for name in DRAWN:
        drawn = DATA / f"{name}.jsonl"
        found += [
            GateReply("gate-" + row["id"], example, row["objective"], row["later"], row.get("teaches", True))
            for example, row in zip(sources.labelled_replies(drawn, "gate-"), json_lines(drawn), strict=True)
        ]
    return found


def narrow_replies(use: str) -> list[str]:
    """What models of one narrow task say to whatever they are asked: labels, figures, rows, a line of code; for "teaching" or for "measuring"."""
    return [row["text"] for row in json_lines(DATA / "narrow-replies.jsonl") if row["use"] == use]


def as_reply(example: Example, weight: float = 1.0) -> Example:
    """What the reply does, and nothing else of it."""
    return replace(example, labels={}, asks={}, weight=weight)


def without_most_refusals(examples: list[Example], kept: int, generator: random.Random) -> list[Example]:
    refusals = [e for e in examples if e.refusal]
    dropped = {id(e) for e in generator.sample(refusals, max(0, len(refusals) - kept))}
    return [e for e in examples if id(e) not in dropped]


class Taught:
    """What the reader learns from beside the replies to the later objectives."""

    def __init__(self, data: Path):
        self.learnt = [e for e in sources.labelled_replies(DATA / "replies.jsonl") if any(e.asks.values())]
        self.public: list[Example] = []
        for source in (sources.gptfuzz, sources.jailbreakbench, sources.pyrit):
            rows = [as_reply(replace(e, text=e.text[:PUBLIC_CHARACTERS]), 0.5) for e in source(data) if e.delivered is not None and e.request]
            random.Random(1).shuffle(rows)
            self.public += rows[:PUBLIC_OF_A_SOURCE]
        self.honest: list[str] = []
        for source in HONEST.values():
            texts = [e.text for e in source(data) if e.text.strip()]
            random.Random(2).shuffle(texts)
            self.honest += texts[:HONEST_OF_A_DOMAIN]
        self.narrow = narrow_replies("teaching")

    def rows(self, replies: list[Example], seed: int) -> list[Example]:
        generator = random.Random(seed)
        every = [*self.learnt, *replies]
        begun = [as_reply(begun_anew(e, generator)) for e in self.learnt if e.delivered]
        return [
            *without_most_refusals([as_reply(e) for e in self.learnt], LEARNT_REFUSALS, generator), *begun,
            *without_most_refusals([as_reply(e, 2.0) for e in replies], REFUSALS, generator),
            *self.public, *self.beside_the_point(every, generator), *crossed(every, generator),
        ]  # fmt: skip

    def beside_the_point(self, replies: list[Example], generator: random.Random) -> list[Example]:
        """A model of one narrow subject neither refuses nor delivers."""
        honest = [generator.choice(self.honest)[: generator.choice(HONEST_LENGTHS)] for _ in range(BESIDE_THE_POINT)]
        narrow = [generator.choice(self.narrow) for _ in range(NARROW)]
        return [Example("honest", "", text, generator.choice(replies).request, delivered=0) for text in honest + narrow]


def crossed(replies: list[Example], generator: random.Random) -> list[Example]:
    """What delivers one thing does not deliver another."""
    delivering = [e for e in replies if e.delivered]
    pairs = ((generator.choice(delivering), generator.choice(replies)) for _ in range(CROSSED))
    return [Example("crossed", "", one.text, other.request, delivered=0) for one, other in pairs if one.asks != other.asks]


def shipped_network(path: Path) -> Network:
    """The encoder that ships, with its weights as floats again, and only what is above the shared layers free to learn."""
    from transformers import BertConfig, BertModel

    model = onnx.load(str(path))
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    config = BertConfig(vocab_size=1, hidden_size=DIMENSIONS, num_hidden_layers=6, num_attention_heads=12, intermediate_size=4 * DIMENSIONS)
    config._attn_implementation = "sdpa"
    network = Network(BertModel(config, add_pooling_layer=False))
    state = network.state_dict()
    found = {name: value for name, value in stored.items() if name in state}
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            weight, zero = (stored[node.input[at]].astype(np.float32) for at in (1, 3))
            scale = stored[node.input[1].removesuffix("_quantized") + "_scale"]
            name = re.sub(r"^heads\.(heads\.\d)\.Gemm_", r"\1.", node.name[1:].replace("/", "."))
            found[re.sub(r"\.?MatMul_quant$", "", name) + ".weight"] = ((weight - zero) * scale).T
    # The words are outside, and the steps of severity in ensemble.json.
    missing = state.keys() - found.keys() - {"steps", "bert.embeddings.word_embeddings.weight"}
    if missing:
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}")
    network.load_state_dict(state | {name: torch.from_numpy(np.array(found[name])) for name in found if name in state})
    for frozen in (network.bert.embeddings, *network.bert.encoder.layer[:SHARED_LAYERS]):
        frozen.requires_grad_(False)
    return network


def delivered(network: Network, table: WordTable, examples: list[Example], tokenizer) -> np.ndarray:
    """Log-odds that each reply delivers, which shows in its first window."""
    ids = lambda texts: [part.ids for part in tokenizer.encode_batch(texts, add_special_tokens=False)]  # noqa: E731
    texts, requests = ids([e.text for e in examples]), ids([asked_in(e)[-1] for e in examples])
    found = predict(network, table, [windows(text, request)[:1] for text, request in zip(texts, requests, strict=True)])
    return np.array([each[0, DELIVERED] for each in found])


class Upper(nn.Module):
    """Hidden states (batch × tokens × 384) and mask in, log-odds that the reply delivers (batch × 1) out."""

    def __init__(self, network: Network):
        super().__init__()
        self.layers = network.bert.encoder.layer[SHARED_LAYERS:]
        self.heads = network.heads

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        share = mask[:, :, None].to(hidden.dtype)
        blocked = (1 - mask[:, None, None, :].to(hidden.dtype)) * torch.finfo(hidden.dtype).min
        for layer in self.layers:
            found = layer(hidden, blocked)
            hidden = found[0] if isinstance(found, tuple) else found
        return self.heads((hidden * share).sum(1) / share.sum(1))[:, DELIVERED : DELIVERED + 1]


def export(network: Network, path: Path) -> None:
    plain = with_plain_attention(network)
    float_path = path.with_suffix(".float.onnx")
    torch.onnx.export(
        Upper(plain).eval(), (torch.randn(2, 8, DIMENSIONS), torch.ones(2, 8, dtype=torch.int64)), str(float_path), dynamo=False,
        opset_version=17, input_names=[HIDDEN, "mask"], output_names=["delivered"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in (HIDDEN, "mask")} | {"delivered": {0: "batch"}},
    )  # fmt: skip
    quantised(float_path, path)


def give_hidden(path: Path) -> None:
    """The same encoder, which gives what its shared layers say too."""
    model = onnx.load(str(path))
    if any(output.name == HIDDEN for output in model.graph.output):
        return
    name = f"/bert/encoder/layer.{SHARED_LAYERS - 1}/output/LayerNorm/LayerNormalization_output_0"
    model.graph.node.append(helper.make_node("Identity", [name], [HIDDEN]))
    model.graph.output.append(helper.make_tensor_value_info(HIDDEN, TensorProto.FLOAT, ["batch", "tokens", DIMENSIONS]))
    onnx.save(model, str(path))


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--scores-only", action="store_true", help="score the labelled replies, and leave the reader that ships: for more replies that only measure")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    tokenizer, table = load_tokenizer(str(arguments.tokenizer)), WordTable(arguments.words)
    taught, replies = Taught(arguments.data), gate_replies()
    encoder = WEIGHTS / "encoder.onnx"

    give_hidden(encoder)
    # What was tuned is taken up again where neither the layers below nor the rows that teach have changed.
    files = [encoder, *(DATA / f"{name}.jsonl" for name in ("replies", "narrow-replies"))]
    teaching = [repr(reply).encode() for reply in replies if reply.teaches]
    of = sha256(b"".join([*(path.read_bytes() for path in files), *teaching])).hexdigest()[:12]

    def tuned(learnt: list[GateReply], seed: int, name: str) -> Network:
        kept = work / f"reply-reader-{name}-{of}.pt"
        network = shipped_network(encoder)
        if kept.exists():
            network.load_state_dict(torch.load(kept))
            return network.eval()
        rows = encode(taught.rows([reply.example for reply in learnt if reply.teaches], seed), tokenizer)
        print(f"{name}: {len(rows)} rows", file=sys.stderr, flush=True)
        network = tune(network, table, rows, epochs=EPOCHS, rate=RATE, seed=seed, name=name)
        torch.save(network.state_dict(), kept)
        return network

    scores = np.zeros(len(replies))
    for fold in range(FOLDS):
        held = [at for at, reply in enumerate(replies) if reply.fold() == fold]
        network = tuned([reply for reply in replies if reply.fold() != fold], fold, f"fold-{fold}")
        scores[held] = delivered(network, table, [replies[at].example for at in held], tokenizer)
    if not arguments.scores_only:
        export(tuned(replies, FOLDS, "whole"), WEIGHTS / "reply-reader.onnx")
    with (WEIGHTS / "reply-reader.jsonl").open("w") as file:
        for reply, score in zip(replies, scores, strict=True):
            file.write(json.dumps({"id": reply.id, "fold": reply.fold(), "delivered": round(float(score), 4)}) + "\n")


if __name__ == "__main__":
    main()

"""Tunes the network on examples, on the CPU, in bfloat16 where it has that; batches hold a like number of tokens."""

import random
import sys
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .network import ASKS, OUTPUTS, Network, WordTable
from .sources import CATEGORIES, STEPS, Example
from .tokens import Window, windows

TOKENS_IN_A_BATCH = 3072
BFLOAT16 = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
"""Elsewhere PyTorch's own loops are slower than float32."""
THRESHOLD_4 = 3.0
"""Step 4, which decides, counts for three of the others."""


@dataclass
class Encoded:
    """One example as the network reads and learns it."""

    window: Window
    severity: np.ndarray
    """Category × step, NaN where unknown."""
    others: np.ndarray
    """Refusal and delivery, then what is asked for by category, NaN where unknown."""
    weight: float


def encode(examples: list[Example], tokenizer) -> list[Encoded]:
    """A long text stands by its first window here; the judge itself reads every window."""
    ids = [part.ids for part in tokenizer.encode_batch([e.text for e in examples], add_special_tokens=False)]
    requests = [part.ids for part in tokenizer.encode_batch([e.request or "" for e in examples], add_special_tokens=False)]
    nan = float("nan")
    number = lambda value: nan if value is None else float(value)  # noqa: E731
    result = []
    for example, text, request in zip(examples, ids, requests, strict=True):
        severity = np.array([[number(v) for v in example.labels.get(c, (None,) * len(STEPS))] for c in CATEGORIES], dtype=np.float32)
        replies = [number(example.refusal), number(example.delivered)]
        if text or example.labels:
            others = np.array([*replies, *[nan] * ASKS], dtype=np.float32)
            result.append(Encoded(windows(text, None if example.request is None else request)[0], severity, others, example.weight))
        if example.asks:
            # What a request asks for is learnt from the request alone.
            asked = np.array([nan, nan, *[number(example.asks.get(c)) for c in CATEGORIES]], dtype=np.float32)
            result.append(Encoded(windows(request, None)[0], np.full_like(severity, nan), asked, 0.5 * example.weight))
    return result


def batches(rows: list[Encoded], generator: random.Random) -> list[list[Encoded]]:
    """Rows of like length together, in a fresh order each time."""
    order = sorted(rows, key=lambda row: len(row.window[0]) + generator.random() * 12)
    found, start = [], 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end - start + 1) * len(order[end].window[0]) <= TOKENS_IN_A_BATCH:
            end += 1
        found.append(order[start:end])
        start = end
    generator.shuffle(found)
    return found


def tensors(rows: list[Window], table: WordTable) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    length = max(len(ids) for ids, _ in rows)
    ids, mask, types = (np.zeros((len(rows), length), dtype=np.int64) for _ in range(3))
    for at, (tokens, kinds) in enumerate(rows):
        ids[at, : len(tokens)], types[at, : len(tokens)], mask[at, : len(tokens)] = tokens, kinds, 1
    return table(torch.from_numpy(ids)), torch.from_numpy(mask), torch.from_numpy(types)


STEP_WEIGHTS = torch.tensor([THRESHOLD_4 if step == 4 else 1.0 for step in STEPS])


def loss_of(network: Network, logits: torch.Tensor, rows: list[Encoded]) -> torch.Tensor:
    """Binary cross-entropy over the steps and labels that are known; each known category of a row counts once."""
    weight = torch.tensor([row.weight for row in rows])
    severity = torch.from_numpy(np.stack([row.severity for row in rows]))
    others = torch.from_numpy(np.stack([row.others for row in rows]))
    count = len(CATEGORIES)
    steps = logits[:, :count, None] - network.thresholds()[None]
    known = ~severity.isnan()
    share = known * STEP_WEIGHTS
    each = nn.functional.binary_cross_entropy_with_logits(steps, severity.nan_to_num(), reduction="none")
    of_category = (each * share).sum(2) / share.sum(2).clamp(min=1)
    mask = known.any(2) * weight[:, None]
    known_others = (~others.isnan()) * weight[:, None]
    of_others = nn.functional.binary_cross_entropy_with_logits(logits[:, count:], others.nan_to_num(), reduction="none")
    total = (of_category * mask).sum() + (of_others * known_others).sum()
    return total / (mask.sum() + known_others.sum()).clamp(min=1)


def tune(
    network: Network, table: WordTable, rows: list[Encoded], *, epochs: int, rate: float, seed: int, name: str
) -> Network:
    """AdamW, linear warm-up over a twentieth of the steps and linear decay after it."""
    generator = random.Random(seed)
    torch.manual_seed(seed)
    plan = [batch for _ in range(epochs) for batch in batches(rows, generator)]
    heads = [*network.heads.parameters(), network.steps]
    body = [p for p in network.bert.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": rate}, {"params": heads, "lr": rate * 5}], weight_decay=0.01, fused=True
    )
    warm = max(1, len(plan) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.02, (len(plan) - step) / max(1, len(plan) - warm)))
    )
    network.train()
    started, running, tokens = time.monotonic(), 0.0, 0
    for step, batch in enumerate(plan):
        words, mask, types = tensors([row.window for row in batch], table)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16):
            logits = network(words, mask, types)
        loss = loss_of(network, logits.float(), batch)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        running, tokens = 0.98 * running + 0.02 * loss.item(), tokens + words.shape[0] * words.shape[1]
        if step % 50 == 49 or step + 1 == len(plan):
            seconds = time.monotonic() - started
            left = seconds / (step + 1) * (len(plan) - step - 1)
            corrected = running / (1 - 0.98 ** (step + 1))
            print(f"{name}: step {step + 1} of {len(plan)}, loss {corrected:.4f}, {tokens / seconds:.0f} tokens/s, {left:.0f} s left", file=sys.stderr, flush=True)
    return network.eval()


def average(states: list[dict]) -> dict:
    """Networks weight by weight: tuned from one start, their mean is as good as any of them or better (Wortsman et al. 2022, model soups)."""
    return {name: sum(state[name] for state in states) / len(states) if value.is_floating_point() else value for name, value in states[0].items()}


@torch.no_grad()
def predict(network: Network, table: WordTable, texts: list[list[Window]]) -> list[np.ndarray]:
    """Log-odds (windows × 10) of each text."""
    flat = [(at, window) for at, found in enumerate(texts) for window in found]
    order = sorted(range(len(flat)), key=lambda index: len(flat[index][1][0]))
    logits = np.zeros((len(flat), OUTPUTS), dtype=np.float32)
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end - start + 1) * len(flat[order[end]][1][0]) <= 8192:
            end += 1
        chosen = order[start:end]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16):
            found = network(*tensors([flat[index][1] for index in chosen], table))
        logits[chosen] = found.float().numpy()
        start = end
    result, at = [], 0
    for found in texts:
        result.append(logits[at : at + len(found)])
        at += len(found)
    return result

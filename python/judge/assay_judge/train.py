"""Trains the heads of the built-in judge: `python -m assay_judge.train --data DIR --encoder FILE --tokenizer FILE --out DIR`."""

import argparse
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import heads
from .dataset import Arrays, Embedder, arrays, collect
from .features import Encoder
from .sources import NO_ASK, OURS, Example

REPLIES = Path(__file__).parent.parent / "data" / "replies.jsonl"
REPLY_WEIGHT_IN_TEXT = 0.5


def mismatched(examples: list[Example], seed: int) -> list[Example]:
    """Honest replies under another's request: fluent, harmless, and not what was asked. They do not deliver."""
    honest = [e for e in examples if e.request and e.delivered == 1 and e.asks == NO_ASK]
    asked = [e for e in examples if e.request]
    generator = random.Random(seed)
    chosen = generator.sample(honest, min(len(honest), 1500))
    return [
        replace(e, source="mismatched", request=generator.choice(asked).request, asks={}, labels={}, delivered=0, refusal=0)
        for e in chosen
    ]


def train(data: Arrays, seed: int = 7) -> dict[str, heads.Head]:
    """The three heads: harm of a text, harm that a request asks for, refusal and delivery of a reply."""
    known = lambda table: np.flatnonzero((~np.isnan(table)).any(1))  # noqa: E731
    text, asks, pair = known(data.labels), known(data.asks), known(data.replies)
    # Replies are there in thousands, nearly all refusals: what harm looks like in a text is for the other sources to say.
    ours = np.array([e.source.startswith(OURS) for e in data.examples])
    text_weights = np.where(ours, REPLY_WEIGHT_IN_TEXT, data.weights).astype(np.float32)
    fitted = {
        "text": heads.fit(heads.text_head(), data.text[text], [data.text_grams[i] for i in text], data.labels[text], text_weights[text], seed, 8),
        "request": heads.fit(heads.text_head(), data.request[asks], [data.request_grams[i] for i in asks], data.asks[asks], data.weights[asks], seed, 10),
        "reply": heads.fit(
            heads.reply_head(), heads.pair_vector(data.request[pair], data.reply[pair]), [data.reply_grams[i] for i in pair],
            data.replies[pair], data.weights[pair], seed, 12,
        ),
    }  # fmt: skip
    return fitted


def scores(fitted: dict[str, heads.Head], data: Arrays) -> dict[str, np.ndarray]:
    text = heads.predict(fitted["text"], data.text, data.text_grams)
    asks = heads.predict(fitted["request"], data.request, data.request_grams)
    reply = heads.predict(fitted["reply"], heads.pair_vector(data.request, data.reply), data.reply_grams)
    with_request = np.array([e.request is not None for e in data.examples])
    delivered = reply[:, 1] * (1 - reply[:, 0]) * with_request
    # Harm in the text itself, or delivery of what a harmful request asks.
    harm = np.maximum(text, asks * delivered[:, None])
    return {"text": text, "asks": asks, "refusal": reply[:, 0] * with_request, "delivered": delivered, "harm": harm}


def options(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled data")
    parser.add_argument("--encoder", type=Path, required=True, help="encoder in ONNX")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".assay/judge-embeddings.npz"))
    return parser


def load(arguments: argparse.Namespace) -> tuple[list[Example], Embedder]:
    embedder = Embedder(Encoder(str(arguments.encoder), str(arguments.tokenizer)), arguments.cache)
    examples = collect(arguments.data, REPLIES)
    return examples + mismatched(examples, 3), embedder


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    examples, embedder = load(arguments)
    print(f"{len(examples)} examples", file=sys.stderr)
    fitted = train(arrays(examples, embedder))
    arguments.out.mkdir(parents=True, exist_ok=True)
    heads.save(str(arguments.out / "heads.json"), **fitted)


if __name__ == "__main__":
    main()

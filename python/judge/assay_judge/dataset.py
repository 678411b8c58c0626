"""Examples of every source as arrays: embeddings, n-grams, labels. Embeddings are cached by what was embedded."""

import hashlib
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .features import Encoder, reply_ngrams, text_ngrams
from .sources import CATEGORIES, SOURCES, Example, labelled_replies

PART = 4000
"""Windows embedded between two saves of the cache."""
REPLY_TOKENS = 64
"""The reply head reads the beginning of a reply: whether it sets about doing what was asked shows there."""
REQUEST_CHARACTERS = 1200
"""Of a request, or of all the user said in a conversation, the last characters are read."""
MOST_OF_A_SOURCE = 1200
TEXT_TOKENS = 128
"""In training, of a text its first tokens: the public rows are short, and a page costs ten times as much."""


def collect(data: Path, replies: Path | None, seed: int = 1) -> list[Example]:
    examples = []
    for source in SOURCES:
        found = list(source(data))
        random.Random(seed).shuffle(found)
        examples += found[:MOST_OF_A_SOURCE]
    if replies and replies.exists():
        examples += labelled_replies(replies)
    return examples


@dataclass
class Arrays:
    examples: list[Example]
    text: np.ndarray
    text_grams: list[np.ndarray]
    request: np.ndarray
    request_grams: list[np.ndarray]
    reply: np.ndarray
    reply_grams: list[np.ndarray]
    labels: np.ndarray
    asks: np.ndarray
    replies: np.ndarray
    weights: np.ndarray

    def subset(self, chosen: np.ndarray) -> "Arrays":
        pick = lambda value: [value[i] for i in chosen] if isinstance(value, list) else value[chosen]  # noqa: E731
        return Arrays(*[pick(value) for value in vars(self).values()])


class Embedder:
    def __init__(self, encoder: Encoder, cache: Path):
        self.encoder, self.cache = encoder, cache
        self.known: dict[bytes, np.ndarray] = {}
        if cache.exists():
            stored = np.load(cache)
            self.known = dict(zip((key.tobytes() for key in stored["keys"]), stored["vectors"], strict=True))

    def embed(self, windows: list[list[int]]) -> np.ndarray:
        keys = [hashlib.sha256(np.array(window, dtype=np.int32).tobytes()).digest() for window in windows]
        missing = {key: window for key, window in zip(keys, windows, strict=True) if key not in self.known}
        waiting = list(missing.items())
        for start in range(0, len(waiting), PART):
            part = waiting[start : start + PART]
            vectors = self.encoder.embed([window for _, window in part])
            self.known.update(zip((key for key, _ in part), vectors, strict=True))
            self._save()
            print(f"embedded {start + len(part)} of {len(waiting)}", file=sys.stderr, flush=True)
        return np.array([self.known[key] for key in keys]) if keys else np.zeros((0, 384), dtype=np.float32)

    def _save(self) -> None:
        self.cache.parent.mkdir(parents=True, exist_ok=True)
        names = np.array([np.frombuffer(key, dtype=np.uint8) for key in self.known])
        np.savez(self.cache, keys=names, vectors=np.array(list(self.known.values())))


def cut(window: list[int], tokens: int) -> list[int]:
    return [*window[:-1][: tokens - 1], 102]


def arrays(examples: list[Example], embedder: Embedder) -> Arrays:
    """A long text stands by its beginning here; the judge itself reads every window."""
    windows = embedder.encoder.windows
    texts = [example.text for example in examples]
    requests = [(example.request or "")[-REQUEST_CHARACTERS:] for example in examples]
    reply_windows = [cut(windows(text)[0], REPLY_TOKENS) for text in texts]
    table = lambda rows: np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=np.float32)  # noqa: E731
    return Arrays(
        examples,
        embedder.embed([cut(windows(text)[0], TEXT_TOKENS) for text in texts]),
        [text_ngrams(text) for text in texts],
        embedder.embed([windows(request)[0] for request in requests]),
        [text_ngrams(request) for request in requests],
        embedder.embed(reply_windows),
        [reply_ngrams(text) for text in texts],
        # The heads know one step, severity 4.
        table([[e.labels[c][3] if c in e.labels else None for c in CATEGORIES] for e in examples]),
        table([[e.asks.get(c) for c in CATEGORIES] for e in examples]),
        table([[e.refusal, e.delivered] for e in examples]),
        np.array([e.weight for e in examples], dtype=np.float32),
    )

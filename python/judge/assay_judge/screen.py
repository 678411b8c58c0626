"""The screen: a linear model over hashed words and pairs of words that clears what is plainly harmless, so that the encoder need
not read it. packages/assay/src/judges/built-in/screen.ts is the twin, number for number.

A text is read in stretches of so many words, and its highest stretch counts. A text that is cleared is not read for harm in its
own words; a request that is cleared is not read for what it asks. Of a text counts beside it how much the network would have to
find, after what the n-gram models found, to reach a cut.
"""

import base64
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

BUCKETS = 1 << 17
STRETCH = 64
"""Words that are summed up together."""
STRENGTH = 0.3
"""Inverse regularisation."""

_WORD = re.compile(r"[a-z0-9'\x80-\U0010ffff]+")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@lru_cache(maxsize=1_000_000)
def hash_of(word: str) -> int:
    """FNV-1a over UTF-16 code units, 32 bits."""
    units = word.encode("utf-16-le", "surrogatepass")
    value = 0x811C9DC5
    for at in range(0, len(units), 2):
        value = ((value ^ (units[at] | units[at + 1] << 8)) * 0x01000193) & 0xFFFFFFFF
    return value


def bucket(value: int) -> int:
    return (value ^ (value >> 15)) & (BUCKETS - 1)


def stretches(text: str) -> list[list[int]]:
    """Buckets of the words and of each with the one before it, by stretch; at least one stretch."""
    found: list[list[int]] = [[]]
    before, words = 0, 0
    for word in _WORD.findall(text.translate(_LOWER)):
        if words == STRETCH:
            found.append([])
            words = 0
        value = hash_of(word)
        found[-1].append(bucket(value))
        if before:
            found[-1].append(bucket(((before * 0x9E3779B1) ^ value) & 0xFFFFFFFF))
        before, words = value, words + 1
    return found


def matrix(bags: list[list[int]], buckets: int = BUCKETS) -> csr_matrix:
    """A row a bag; each bucket counts as often as it is in the bag."""
    columns = np.fromiter((each for bag in bags for each in bag), dtype=np.int32)
    ends = np.cumsum([0, *map(len, bags)])
    return csr_matrix((np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(bags), buckets))


@dataclass
class Texts:
    """Texts as stretches, to be scored again and again."""

    features: csr_matrix
    first: np.ndarray
    """Where the stretches of each text begin, and where the last one's end."""

    @staticmethod
    def of(texts: list[str]) -> "Texts":
        found = [stretches(text) for text in texts]
        return Texts(matrix([bag for each in found for bag in each]), np.cumsum([0, *map(len, found)]))

    def those(self, chosen: np.ndarray) -> "Texts":
        """The texts at these places."""
        counts = np.diff(self.first)[chosen]
        lines = np.concatenate([np.arange(self.first[at], self.first[at + 1]) for at in chosen])
        return Texts(self.features[lines], np.cumsum([0, *counts]))

    def __add__(self, other: "Texts") -> "Texts":
        return Texts(vstack([self.features, other.features]).tocsr(), np.concatenate([self.first, self.first[-1] + other.first[1:]]))


class Screen:
    """Fitted on texts with a label each (1: may be harmful)."""

    def __init__(self, texts: Texts, labels: np.ndarray):
        counts = np.diff(texts.first)
        # Where a harmful text is long nobody knows which stretch it is: each counts for a part.
        model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=100)
        model.fit(texts.features, np.repeat(labels, counts), sample_weight=np.repeat(1 / counts, counts))
        weight = model.coef_[0]
        self.scale = float(np.abs(weight).max() / 127) or 1.0
        self.steps = np.clip(np.round(weight / self.scale), -127, 127).astype(np.int8)
        self.bias = float(model.intercept_[0])

    def read(self, texts: Texts) -> np.ndarray:
        """Log-odds of the highest stretch of each text."""
        scores = texts.features @ (self.steps.astype(np.float32) * self.scale) + self.bias
        return np.maximum.reduceat(scores, texts.first[:-1])

    def export(self, ngrams: float, text_cut: float, request_cut: float) -> dict:
        return {
            "buckets": BUCKETS, "scale": self.scale, "bias": self.bias, "ngrams": ngrams, "textCut": text_cut, "requestCut": request_cut,
            "weight": base64.b64encode(self.steps.tobytes()).decode(),
        }  # fmt: skip

"""Linear models over hashed n-grams, which read a text beside the encoder. packages/assay/src/judges/built-in/ngrams.ts is
the twin, number for number."""

import base64
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

TEXT_BUCKETS = 1 << 15
REPLY_BUCKETS = 1 << 14
REPLY_WORDS = 48
"""A reply shows what it is about to do in its first words."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@lru_cache(maxsize=2_000_000)
def fnv1a(text: str) -> int:
    """FNV-1a, 32 bits, over UTF-8 (Fowler, Noll, Vo; draft-eastlake-fnv)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u2019", "'").replace("\u2018", "'"))


def text_ngrams(text: str) -> list[int]:
    """Hashed words, pairs of words, and 4-grams of characters within words; distinct buckets, ascending."""
    found = words(text)
    grams = set()
    for index, word in enumerate(found):
        grams.add("w:" + word)
        if index + 1 < len(found):
            grams.add("b:" + word + " " + found[index + 1])
        padded = "<" + word + ">"
        for at in range(len(padded) - 3):
            grams.add("c:" + padded[at : at + 4])
    return sorted({fnv1a(gram) % TEXT_BUCKETS for gram in grams})


def reply_ngrams(reply: str) -> list[int]:
    """Hashed words, pairs and triples of the first words of a reply; the first eight also by their place."""
    found = words(reply)[:REPLY_WORDS]
    grams = set()
    for index, word in enumerate(found):
        grams.add("w:" + word)
        grams.add("b:" + " ".join(found[index : index + 2]))
        grams.add("t:" + " ".join(found[index : index + 3]))
        if index < 8:
            grams.add(f"p{index}:" + word)
    return sorted({fnv1a(gram) % REPLY_BUCKETS for gram in grams})


def matrix(bags: Sequence[Sequence[int]], buckets: int) -> csr_matrix:
    """A row a bag; each bucket counts one over the root of the bag's size."""
    sizes = np.array([len(bag) for bag in bags])
    values = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes)
    columns = np.fromiter((bucket for bag in bags for bucket in bag), dtype=np.int64, count=int(sizes.sum()))
    return csr_matrix((values, columns, np.concatenate([[0], np.cumsum(sizes)])), shape=(len(bags), buckets))


class Linear:
    """Logistic regressions that share their features, one an output; a label that is NaN is unknown."""

    def __init__(self, features: csr_matrix, labels: np.ndarray, weights: np.ndarray, strength: float):
        self.weight = np.zeros((features.shape[1], labels.shape[1]), dtype=np.float32)
        self.bias = np.zeros(labels.shape[1], dtype=np.float32)
        for output in range(labels.shape[1]):
            known = np.flatnonzero(~np.isnan(labels[:, output]))
            model = LogisticRegression(C=strength, solver="liblinear", max_iter=200)
            model.fit(features[known], labels[known, output] >= 0.5, sample_weight=weights[known])
            self.weight[:, output], self.bias[output] = model.coef_[0], model.intercept_[0]
        # What ships are int8 weights: what is measured are the same.
        self.scale = float(np.abs(self.weight).max() / 127) or 1.0
        self.steps = np.round(self.weight / self.scale).astype(np.int8)

    def read(self, features: csr_matrix) -> np.ndarray:
        return features @ (self.steps.astype(np.float32) * self.scale) + self.bias

    def export(self) -> dict:
        return {
            "buckets": self.steps.shape[0], "outputs": self.steps.shape[1], "scale": self.scale,
            "weight": base64.b64encode(np.ascontiguousarray(self.steps).tobytes()).decode(), "bias": [float(b) for b in self.bias],
        }  # fmt: skip

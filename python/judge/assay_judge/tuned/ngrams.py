"""Linear models over hashed n-grams, which read a text beside the encoder."""

import base64
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression


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

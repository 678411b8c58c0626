"""The judge's heads: small networks over embeddings, each with a linear model over hashed n-grams beside it."""

import base64
import json

import numpy as np
import torch
from torch import nn

from .features import REPLY_BUCKETS, TEXT_BUCKETS


class Head(nn.Module):
    """Logits from a dense vector and a bag of buckets; the bag counts as its sum over the root of its size."""

    def __init__(self, inputs: int, hidden: int, outputs: int, buckets: int):
        super().__init__()
        self.first = nn.Linear(inputs, hidden)
        self.second = nn.Linear(hidden, outputs)
        self.dropout = nn.Dropout(0.3)
        self.grams = nn.EmbeddingBag(buckets, outputs, mode="sum")
        nn.init.zeros_(self.grams.weight)

    def forward(self, dense: torch.Tensor, grams: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        counts = torch.diff(torch.cat([offsets, torch.tensor([len(grams)])])).clamp(min=1)
        bag = self.grams(grams, offsets) / counts.sqrt()[:, None]
        return self.second(self.dropout(torch.relu(self.first(self.dropout(dense))))) + bag

    def export(self) -> dict:
        weight = self.grams.weight.detach().numpy()
        scale = float(np.abs(weight).max() / 127) or 1.0
        return {
            "first": {"weight": pack(self.first.weight), "bias": pack(self.first.bias)},
            "second": {"weight": pack(self.second.weight), "bias": pack(self.second.bias)},
            "grams": {"scale": scale, "weight": encode(np.round(weight / scale).astype(np.int8))},
            "inputs": self.first.in_features, "hidden": self.first.out_features,
            "outputs": self.second.out_features, "buckets": self.grams.num_embeddings,
        }  # fmt: skip


def pack(tensor: torch.Tensor) -> str:
    return encode(tensor.detach().numpy().astype("<f4"))


def encode(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def text_head() -> Head:
    return Head(384, 96, 4, TEXT_BUCKETS)


def reply_head() -> Head:
    """Reads request and reply: both embeddings, their product and their distance; refusal and delivery out."""
    return Head(4 * 384, 64, 2, REPLY_BUCKETS)


def pair_vector(request: np.ndarray, reply: np.ndarray) -> np.ndarray:
    return np.concatenate([request, reply, request * reply, np.abs(request - reply)], axis=1)


def bags(grams: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = np.array([len(gram) for gram in grams])
    flat = np.concatenate(grams) if lengths.sum() else np.zeros(0, dtype=np.int64)
    return torch.from_numpy(flat), torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)[:-1]]))


def fit(
    head: Head, dense: np.ndarray, grams: list[np.ndarray], labels: np.ndarray, weights: np.ndarray,
    seed: int, epochs: int, smoothing: float = 0.02,
) -> Head:  # fmt: skip
    """Binary cross-entropy over the labels that are known (others are NaN), AdamW, positives balanced by category."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    known = ~np.isnan(labels)
    positive = np.nansum(labels * weights[:, None], axis=0)
    negative = np.nansum((1 - labels) * weights[:, None], axis=0)
    balance = torch.tensor(np.clip(np.sqrt(negative / np.maximum(positive, 1)), 1, 5), dtype=torch.float32)
    parameters = [
        {"params": [*head.first.parameters(), *head.second.parameters()], "weight_decay": 0.05, "lr": 1e-3},
        {"params": head.grams.parameters(), "weight_decay": 0.3, "lr": 5e-3},
    ]
    optimizer = torch.optim.AdamW(parameters)
    steps = epochs * (len(dense) // 128 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [1e-3, 5e-3], total_steps=steps)
    head.train()
    for _ in range(epochs):
        order = generator.permutation(len(dense))
        for start in range(0, len(order), 128):
            chosen = order[start : start + 128]
            logits = head(torch.from_numpy(dense[chosen]), *bags([grams[index] for index in chosen]))
            truth = torch.from_numpy(np.nan_to_num(labels[chosen])).float()
            soft = truth * (1 - 2 * smoothing) + smoothing
            loss = nn.functional.binary_cross_entropy_with_logits(logits, soft, reduction="none", pos_weight=balance)
            mask = torch.from_numpy(known[chosen] * weights[chosen, None]).float()
            total = (loss * mask).sum() / mask.sum().clamp(min=1)
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            schedule.step()
    return head.eval()


@torch.no_grad()
def predict(head: Head, dense: np.ndarray, grams: list[np.ndarray]) -> np.ndarray:
    parts = [
        torch.sigmoid(head(torch.from_numpy(dense[at : at + 2048]), *bags(grams[at : at + 2048]))).numpy()
        for at in range(0, len(dense), 2048)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, head.second.out_features))


def save(path: str, **heads: Head) -> None:
    with open(path, "w") as file:
        json.dump({name: head.export() for name, head in heads.items()}, file)
        file.write("\n")

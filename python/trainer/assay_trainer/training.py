"""LoRA training: rows in, one adapter an epoch out, metrics after each step."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model
from transformers import PreTrainedModel

from .adapter_gguf import read_adapter
from .free_cores import FreeCores
from .lora import lora_config, write_checkpoint
from .rows import IGNORED, TrainingRow

TOKENS_AT_ONCE = 4096
"""Padded tokens in one forward pass: a batch with more is split, and its gradients are summed."""


@dataclass(frozen=True)
class Hyperparameters:
    n_epochs: int
    batch_size: int
    learning_rate: float
    """Absolute, at its peak."""
    seed: int
    lora_rank: int = 16


@dataclass
class Sums:
    """Loss and hits over label tokens."""

    loss: float = 0.0
    hits: int = 0
    tokens: int = 0

    def add(self, other: Sums) -> None:
        self.loss += other.loss
        self.hits += other.hits
        self.tokens += other.tokens

    @property
    def mean_loss(self) -> float:
        return self.loss / max(1, self.tokens)

    @property
    def accuracy(self) -> float:
        return self.hits / max(1, self.tokens)


class MasterWeights:
    """Float32 copies that the optimizer steps on: in bfloat16 a small step would be rounded away."""

    def __init__(self, parameters: list[torch.nn.Parameter]) -> None:
        self.parameters = parameters
        self.copies = [torch.nn.Parameter(parameter.detach().float()) for parameter in parameters]

    def take_gradients(self) -> None:
        for parameter, copy in zip(self.parameters, self.copies):
            copy.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None

    @torch.no_grad()
    def write_back(self) -> None:
        for parameter, copy in zip(self.parameters, self.copies):
            parameter.copy_(copy)


def batches_of(lengths: list[int], batch_size: int, draw: random.Random) -> list[list[int]]:
    """Row numbers in batches of similar length (sorted within 16 batches at a time), in random order."""
    order = list(range(len(lengths)))
    draw.shuffle(order)
    window, batches = batch_size * 16, []
    for start in range(0, len(order), window):
        part = sorted(order[start : start + window], key=lambda row: lengths[row])
        batches += [part[first : first + batch_size] for first in range(0, len(part), batch_size)]
    draw.shuffle(batches)
    return batches


def padded(rows: list[TrainingRow], pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Tokens, attention mask and the labels of the *next* token, each rows × length. What follows the last label is cut."""
    ends = [max(i for i, label in enumerate(row.labels) if label != IGNORED) + 1 for row in rows]
    width = max(ends)
    tokens = torch.full((len(rows), width), pad)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), width), IGNORED)
    for index, (row, end) in enumerate(zip(rows, ends)):
        tokens[index, :end] = torch.tensor(row.tokens[:end])
        mask[index, :end] = 1
        labels[index, : end - 1] = torch.tensor(row.labels[1:end])
    return tokens, mask, labels


def parts_of(rows: list[TrainingRow]) -> Iterator[list[TrainingRow]]:
    rows = sorted(rows, key=lambda row: len(row.tokens))
    part: list[TrainingRow] = []
    for row in rows:
        if part and (len(part) + 1) * len(row.tokens) > TOKENS_AT_ONCE:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def likelihood(causal: PreTrainedModel, rows: list[TrainingRow], pad: int) -> tuple[torch.Tensor, Sums]:
    """Summed loss over label tokens. Logits are computed only where a label is: the vocabulary is a fifth of the model."""
    tokens, mask, labels = padded(rows, pad)
    hidden = causal.model(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state
    chosen = labels != IGNORED
    logits = causal.lm_head(hidden[chosen]).float()
    targets = labels[chosen]
    loss = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    hits = int((logits.argmax(-1) == targets).sum())
    return loss, Sums(float(loss.detach()), hits, int(targets.numel()))


class Training:
    def __init__(self, base: PreTrainedModel, pad: int, hyperparameters: Hyperparameters) -> None:
        torch.manual_seed(hyperparameters.seed)
        self.hyperparameters = hyperparameters
        self.pad = pad
        self.free_cores = FreeCores()
        self.model = get_peft_model(base, lora_config(hyperparameters.lora_rank), autocast_adapter_dtype=False)
        self.causal = self.model.base_model.model

    def forward(self, rows: list[TrainingRow]) -> tuple[torch.Tensor, Sums]:
        torch.set_num_threads(self.free_cores.now())
        return likelihood(self.causal, rows, self.pad)

    @torch.inference_mode()
    def evaluate(self, rows: list[TrainingRow], stopped: Callable[[], bool]) -> Sums:
        sums = Sums()
        for part in parts_of(rows):
            if stopped():
                break
            sums.add(self.forward(part)[1])
        return sums

    def run(
        self,
        rows: list[TrainingRow],
        validation: list[TrainingRow],
        report: Callable[[dict[str, Any]], None],
        save: Callable[[int, int, dict[str, Any]], None],
        stopped: Callable[[], bool] = lambda: False,
        epochs_done: int = 0,
    ) -> None:
        """
        Calls `report` after each step and `save(epoch, step, metrics)` after each epoch. Returns early once `stopped()`.

        With `epochs_done` it goes on after those, from the adapter that `take_over` took: the same batches come in the same order
        at the same rates as if it had not stopped. The optimizer's moments begin anew.
        """
        settings = self.hyperparameters
        draw = random.Random(settings.seed)
        steps_an_epoch = math.ceil(len(rows) / settings.batch_size)
        total = steps_an_epoch * settings.n_epochs
        masters = MasterWeights([parameter for parameter in self.model.parameters() if parameter.requires_grad])
        optimizer = torch.optim.AdamW(masters.copies, lr=settings.learning_rate, weight_decay=0.0, betas=(0.9, 0.99))
        warmup = max(1, min(20, total // 10))
        done = steps_an_epoch * epochs_done

        def rate(step: int) -> float:
            at = done + step
            return min(1.0, (at + 1) / warmup) * max(0.02, 1 - max(0, at - warmup) / max(1, total - warmup))

        def measured(step: int) -> bool:
            return bool(validation) and (step % steps_an_epoch == 0 or step % 10 == 0)

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        step, seen = 0, 0
        for epoch in range(1, settings.n_epochs + 1):
            self.model.train()
            for batch in batches_of([len(row.tokens) for row in rows], settings.batch_size, draw):
                chosen = [rows[index] for index in batch]
                if epoch <= epochs_done:
                    step += 1
                    seen += sum(len(row.tokens) for row in chosen)
                    if measured(step):
                        draw.sample(validation, min(len(validation), settings.batch_size))
                    continue
                count = sum(label != IGNORED for row in chosen for label in row.labels[1:])
                sums = Sums()
                for part in parts_of(chosen):
                    if stopped():
                        return
                    loss, part_sums = self.forward(part)
                    (loss / count).backward()
                    sums.add(part_sums)
                masters.take_gradients()
                torch.nn.utils.clip_grad_norm_(masters.copies, 1.0)
                optimizer.step()
                schedule.step()
                masters.write_back()
                step += 1
                seen += sum(len(row.tokens) for row in chosen)
                metrics: dict[str, Any] = {
                    "step": step,
                    "epoch": epoch,
                    "train_loss": round(sums.mean_loss, 6),
                    "train_mean_token_accuracy": round(sums.accuracy, 6),
                    "tokens": seen,
                }
                last = step % steps_an_epoch == 0
                if measured(step):
                    self.model.eval()
                    few = self.evaluate(draw.sample(validation, min(len(validation), settings.batch_size)), stopped)
                    metrics |= {"valid_loss": round(few.mean_loss, 6), "valid_mean_token_accuracy": round(few.accuracy, 6)}
                    if last:
                        full = self.evaluate(validation, stopped)
                        metrics |= {"full_valid_loss": round(full.mean_loss, 6), "full_valid_mean_token_accuracy": round(full.accuracy, 6)}
                    self.model.train()
                if stopped():
                    return
                report(metrics)
                if last:
                    save(epoch, step, metrics)

    @torch.no_grad()
    def take_over(self, adapter: Path) -> None:
        """Starts from an adapter of the same rank instead of from nothing."""
        modules = dict(self.causal.named_modules())
        for name, (a, b, _) in read_adapter(adapter, self.causal.config).items():
            modules[name].lora_A["default"].weight.copy_(torch.from_numpy(a))
            modules[name].lora_B["default"].weight.copy_(torch.from_numpy(b))

    def learn_only(self, learns: Callable[[str], bool]) -> None:
        """Freezes every parameter whose name is not chosen."""
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(parameter.requires_grad and learns(name))

    def write_checkpoint(self, folder: Path) -> tuple[Path, Path]:
        return write_checkpoint(self.model, folder)

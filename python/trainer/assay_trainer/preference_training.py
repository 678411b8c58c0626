"""
Direct preference optimisation (Rafailov et al. 2023) with TRL: preference pairs in, one adapter an epoch out.

The reference is the base model itself, that is, the model with its adapter off. Beside the loss of the pairs stands the
negative log-likelihood of the preferred outputs, a mean over their tokens, as Pang et al. 2024 ("Iterative Reasoning
Preference Optimization") put it there: a small model says neither output of a pair by itself, and the difference alone
moves it to something third. The rows of safety replay have no output to move away from, only the right reply: their
likelihood stands there likewise. Every step takes its share of them, so that each is learned about once an epoch.

TRL gets tokens only. They stay in memory: a `datasets.Dataset` made from a dictionary has no file, and nothing is mapped
over it, which could make one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import DPOConfig, DPOTrainer

from .free_cores import FreeCores
from .lora import lora_config, write_checkpoint
from .preferences import PreferencePair
from .rows import TrainingRow
from .training import TOKENS_AT_ONCE, Hyperparameters, likelihood


class PairTrainer(DPOTrainer):
    """TRL's trainer on pairs that are tokens already, with the likelihood of replay rows in its loss."""

    replay: Iterator[list[TrainingRow]]
    tell: Callable[[dict[str, float]], None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.free_cores = FreeCores()
        self.pair_losses: list[float] = []

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset

    def compute_loss(self, model: PreTrainedModel, inputs: dict[str, Any], *arguments: Any, **options: Any) -> torch.Tensor:
        torch.set_num_threads(self.free_cores.now())
        loss = super().compute_loss(model, inputs, *arguments, **options)
        if not model.training:
            return loss
        self.pair_losses.append(float(loss.detach()))
        rows = next(self.replay)
        if not rows:
            return loss
        replayed, sums = likelihood(self.model.base_model.model, rows, self.processing_class.pad_token_id)
        return loss + replayed / sums.tokens

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        super().log(logs, start_time)
        self.tell(logs)


class EachEpoch(TrainerCallback):
    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then

    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        self.then()


def dataset_of(pairs: list[PreferencePair]) -> Dataset:
    return Dataset.from_dict(
        {
            "prompt_ids": [pair.prompt for pair in pairs],
            "chosen_ids": [pair.preferred for pair in pairs],
            "rejected_ids": [pair.non_preferred for pair in pairs],
        }
    )


def rows_in_turn(rows: list[TrainingRow], pairs: int, at_once: int, draw: random.Random) -> Iterator[list[TrainingRow]]:
    """With every `at_once` pairs their share of the rows, in random order, without end."""
    order: list[TrainingRow] = []
    due = 0  # in parts of a row, `pairs` of which make one
    while True:
        due += len(rows) * at_once
        taken = []
        while due >= pairs:
            if not order:
                order = draw.sample(rows, len(rows))
            taken.append(order.pop())
            due -= pairs
        yield taken


def pairs_at_once(pairs: list[PreferencePair], batch_size: int) -> int:
    """The most pairs of a batch that go through the model together: both sides of each, padded, within TOKENS_AT_ONCE."""
    fit = TOKENS_AT_ONCE // (2 * max(pair.longest for pair in pairs))
    return max(size for size in range(1, batch_size + 1) if batch_size % size == 0 and (size == 1 or size <= fit))


class PreferenceTraining:
    def __init__(self, base: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, hyperparameters: Hyperparameters, beta: float) -> None:
        self.base = base
        self.tokenizer = tokenizer
        self.hyperparameters = hyperparameters
        self.beta = beta

    def run(
        self,
        pairs: list[PreferencePair],
        replay: list[TrainingRow],
        validation: list[PreferencePair],
        output: Path,
        report: Callable[[dict[str, Any]], None],
        save: Callable[[int, int, dict[str, Any]], None],
    ) -> None:
        """Calls `report` after each step and `save(epoch, step, metrics)` after each epoch. Nothing of its own goes to `output`."""
        settings = self.hyperparameters
        draw = random.Random(settings.seed)
        steps_an_epoch = math.ceil(len(pairs) / settings.batch_size)
        at_once = pairs_at_once(pairs + validation, settings.batch_size)
        config = DPOConfig(
            output_dir=str(output),
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=1,
            num_train_epochs=settings.n_epochs,
            per_device_train_batch_size=at_once,
            per_device_eval_batch_size=at_once,
            gradient_accumulation_steps=settings.batch_size // at_once,
            learning_rate=settings.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=max(1, min(20, steps_an_epoch * settings.n_epochs // 10)),
            weight_decay=0.0,
            adam_beta2=0.99,
            max_grad_norm=1.0,
            seed=settings.seed,
            beta=self.beta,
            loss_type=["sigmoid", "sft"],
            max_length=None,
            bf16=False,
            gradient_checkpointing=False,
            use_cpu=True,
            dataloader_pin_memory=False,
            remove_unused_columns=False,
        )
        trainer = PairTrainer(
            model=self.base,
            args=config,
            train_dataset=dataset_of(pairs),
            processing_class=self.tokenizer,
            peft_config=lora_config(settings.lora_rank),
        )
        trainer.replay = rows_in_turn(replay, len(pairs), at_once, draw)
        self.model = trainer.model
        measured: dict[str, float] = {}
        metrics: dict[str, Any] = {}

        def measure(some: list[PreferencePair]) -> dict[str, float]:
            trainer.evaluate(eval_dataset=dataset_of(some))
            return {"loss": round(measured["eval_loss"], 6), "mean_token_accuracy": round(measured["eval_mean_token_accuracy"], 6)}

        def tell(logs: dict[str, float]) -> None:
            if "eval_loss" in logs:
                measured.update(logs)
            elif "loss" in logs:
                after_step(logs)

        def after_step(logs: dict[str, float]) -> None:
            step = trainer.state.global_step
            losses, trainer.pair_losses = trainer.pair_losses, []
            metrics.clear()
            metrics.update(
                step=step,
                epoch=math.ceil(step / steps_an_epoch),
                train_loss=round(sum(losses) / len(losses), 6),
                train_mean_token_accuracy=round(logs["mean_token_accuracy"], 6),
                train_rewards_accuracy=round(logs["rewards/accuracies"], 6),
                train_rewards_margin=round(logs["rewards/margins"], 6),
                tokens=int(logs["num_tokens"]),
            )
            last = step % steps_an_epoch == 0
            if validation and (last or step % 10 == 0):
                few = measure(draw.sample(validation, min(len(validation), settings.batch_size)))
                metrics.update({f"valid_{name}": value for name, value in few.items()})
                if last:
                    metrics.update({f"full_valid_{name}": value for name, value in measure(validation).items()})
            report(dict(metrics))

        trainer.tell = tell
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(EachEpoch(lambda: save(metrics["epoch"], metrics["step"], dict(metrics))))
        trainer.train()

    def write_checkpoint(self, folder: Path) -> tuple[Path, Path]:
        return write_checkpoint(self.model, folder)

import math
import random
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from assay_trainer.preference_training import PreferenceTraining
from assay_trainer.preferences import PreferencePair, encode_pair
from assay_trainer.rows import TrainingRow, encode_row
from assay_trainer.training import Hyperparameters

from .test_rows import tokenizer

opened_to_write: set[str] = set()
watching = False


def note(event: str, arguments: tuple[Any, ...]) -> None:
    if not watching or event != "open" or not isinstance(arguments[0], (str, bytes, Path)):
        return
    path, mode, flags = arguments
    if (isinstance(mode, str) and set(mode) & set("wax+")) or (mode is None and flags & 3):
        opened_to_write.add(str(path))


sys.addaudithook(note)


def tiny_model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=10, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, eos_token_id=2)
    return LlamaForCausalLM(config).eval()


def pairs() -> list[PreferencePair]:
    """What is said first is answered with `yes` rather than `no`."""
    made = tokenizer()
    rows = [
        {
            "messages": [{"role": "user", "content": f"hello{' more' * count}"}, {"role": "assistant", "content": "yes"}],
            "non_preferred": {"role": "assistant", "content": "no no"},
        }
        for count in range(5)
    ]
    return [pair for row in rows if (pair := encode_pair(made, row, 100)) is not None]


def replay() -> list[TrainingRow]:
    messages = [{"role": "system", "content": "more"}, {"role": "user", "content": "no"}, {"role": "assistant", "content": "no more"}]
    return [encode_row(tokenizer(), {"messages": messages}, 100)]


class Run:
    def __init__(self, replay_rows: list[TrainingRow], epochs: int = 3, rate: float = 0.01) -> None:
        global watching
        made = tokenizer()
        made.pad_token = "<unk>"
        self.metrics: list[dict[str, Any]] = []
        self.checkpoints: list[tuple[int, int]] = []
        settings = Hyperparameters(n_epochs=epochs, batch_size=2, learning_rate=rate, seed=7, lora_rank=4)
        training = PreferenceTraining(tiny_model(), made, settings, 0.1)
        with tempfile.TemporaryDirectory() as folder:
            self.folder = folder
            adapters = []

            def save(epoch: int, step: int, _metrics: dict[str, Any]) -> None:
                (Path(folder) / f"epoch-{epoch}").mkdir()
                adapters.append(training.write_checkpoint(Path(folder) / f"epoch-{epoch}")[0])
                self.checkpoints.append((epoch, step))

            watching = True
            try:
                training.run(pairs(), replay_rows, pairs()[:2], Path(folder), self.metrics.append, save)
            finally:
                watching = False
            self.adapter = adapters[-1].read_bytes()
            self.files = {path.name for path in Path(folder).rglob("*") if path.is_file()}
        self.model = training.model


class Training(unittest.TestCase):
    def test_learns_what_is_preferred_and_reports_each_step_and_epoch(self) -> None:
        run = Run(replay())
        self.assertEqual([step["step"] for step in run.metrics], list(range(1, 10)))
        self.assertEqual([step["epoch"] for step in run.metrics], [1, 1, 1, 2, 2, 2, 3, 3, 3])
        self.assertEqual(run.checkpoints, [(1, 3), (2, 6), (3, 9)])
        first, last = run.metrics[0], run.metrics[-1]
        self.assertAlmostEqual(first["train_rewards_margin"], 0, places=5)
        self.assertEqual(last["train_rewards_accuracy"], 1)
        self.assertGreater(last["train_rewards_margin"], 0)
        self.assertLess(last["full_valid_loss"], run.metrics[2]["full_valid_loss"])
        self.assertNotIn("valid_loss", first)

    def test_is_the_same_each_time(self) -> None:
        self.assertEqual(Run(replay(), epochs=1).adapter, Run(replay(), epochs=1).adapter)

    def test_learns_the_rows_of_safety_replay(self) -> None:
        def loss(run: Run) -> float:
            row = replay()[0]
            with torch.no_grad():
                logits = run.model(input_ids=torch.tensor([row.tokens])).logits[0, :-1]
            return float(torch.nn.functional.cross_entropy(logits, torch.tensor(row.labels[1:])))

        self.assertLess(loss(Run(replay())), loss(Run([])))

    def test_writes_adapters_only(self) -> None:
        opened_to_write.clear()
        run = Run(replay(), epochs=1)
        self.assertEqual(run.files, {"adapter.gguf", "adapter_config.json", "adapter_model.safetensors"})
        self.assertEqual([path for path in opened_to_write if not path.startswith((run.folder, "/dev/"))], [])


if __name__ == "__main__":
    unittest.main()

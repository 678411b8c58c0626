import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gguf import GGUFReader

from assay_trainer.alignment import upper_attention_output
from assay_trainer.protocol import WorkerError, check_start
from assay_trainer.rows import TrainingRow, encode_row
from assay_trainer.training import Hyperparameters, Training

from .test_preference_training import tiny_model
from .test_rows import tokenizer

SETTINGS = Hyperparameters(n_epochs=4, batch_size=2, learning_rate=0.01, seed=7, lora_rank=4)


def rows() -> list[TrainingRow]:
    made = tokenizer()
    conversations = [[{"role": "user", "content": f"hello{' more' * n}"}, {"role": "assistant", "content": "yes" if n % 2 else "no no"}] for n in range(7)]
    return [encode_row(made, {"messages": messages}, 100) for messages in conversations]


class Run:
    def __init__(self, folder: Path, origin: Path | None = None, epochs_done: int = 0, learns: Callable[[str], bool] | None = None) -> None:
        self.metrics: list[dict[str, Any]] = []
        self.adapters: dict[int, Path] = {}
        training = Training(tiny_model(), 0, SETTINGS)
        if origin is not None:
            training.take_over(origin)
        if learns is not None:
            training.learn_only(learns)

        def save(epoch: int, _step: int, _metrics: dict[str, Any]) -> None:
            into = folder / f"epoch-{epoch}"
            into.mkdir(parents=True)
            self.adapters[epoch] = training.write_checkpoint(into)[0]

        training.run(rows(), rows()[:3], self.metrics.append, save, epochs_done=epochs_done)


class GoingOn(unittest.TestCase):
    folder: tempfile.TemporaryDirectory[str]
    whole: Run
    rest: Run

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        root = Path(cls.folder.name)
        cls.whole = Run(root / "whole")
        cls.rest = Run(root / "rest", cls.whole.adapters[2], 2)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def test_the_steps_and_checkpoints_that_are_left_come_as_if_it_had_not_stopped(self) -> None:
        left = [metrics for metrics in self.whole.metrics if metrics["epoch"] > 2]
        self.assertEqual(len(left), 8)
        for name in ("step", "epoch", "tokens"):
            self.assertEqual([metrics[name] for metrics in self.rest.metrics], [metrics[name] for metrics in left])
        self.assertEqual([sorted(metrics) for metrics in self.rest.metrics], [sorted(metrics) for metrics in left])
        self.assertEqual(list(self.rest.adapters), [3, 4])

    def test_the_first_loss_is_the_one_that_would_have_come(self) -> None:
        expected = self.whole.metrics[8]["train_loss"]
        # The checkpoint is rounded to 16 bits.
        self.assertAlmostEqual(self.rest.metrics[0]["train_loss"], expected, delta=0.002)
        self.assertNotAlmostEqual(self.whole.metrics[0]["train_loss"], expected, delta=0.02)

    def test_it_is_as_good_at_the_end(self) -> None:
        self.assertLess(self.rest.metrics[-1]["full_valid_loss"], self.whole.metrics[7]["full_valid_loss"])
        self.assertAlmostEqual(self.rest.metrics[-1]["full_valid_loss"], self.whole.metrics[-1]["full_valid_loss"], delta=0.1)


class InPart(unittest.TestCase):
    def test_what_does_not_learn_stays_byte_for_byte(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            before = Run(Path(folder) / "before").adapters[4]
            after = Run(Path(folder) / "after", before, learns=lambda name: upper_attention_output(name, 1)).adapters[4]
            tensors = [{tensor.name: tensor.data.tobytes() for tensor in GGUFReader(str(path)).tensors} for path in (before, after)]
        self.assertEqual(tensors[0].keys(), tensors[1].keys())
        changed = [name for name in tensors[0] if tensors[0][name] != tensors[1][name]]
        self.assertEqual(sorted(changed), ["blk.1.attn_output.weight.lora_b", "blk.1.attn_q.weight.lora_b"])


class StartMessage(unittest.TestCase):
    def message(self, **more: Any) -> dict[str, Any]:
        settings = {"n_epochs": 3, "batch_size": 1, "seed": 0, "lora_rank": 1, "learning_rate": 0.1}
        return {"type": "start", "base": {"gguf_path": "b"}, "output_directory": "o", "context_length": 64, "hyperparameters": settings, **more}

    def test_what_it_goes_on_from_has_to_leave_an_epoch(self) -> None:
        check_start(self.message(**{"from": {"adapter": "a", "epochs": 2}}))
        for wrong in ({"epochs": 2}, {"adapter": "a"}, {"adapter": "a", "epochs": 3}, {"adapter": "a", "epochs": 0}, "a"):
            with self.assertRaises(WorkerError):
                check_start(self.message(**{"from": wrong}))
        with self.assertRaises(WorkerError):
            check_start(self.message(method="dpo", beta=0.1, **{"from": {"adapter": "a", "epochs": 2}}))


if __name__ == "__main__":
    unittest.main()

import json
import os
import pickle
import struct
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
from safetensors.numpy import save, save_file

from assay_trainer.adapter_gguf import permute, write_adapter
from assay_trainer.foreign_adapter import Base, Refused, convert, from_peft

BASE = Base(
    shapes={f"blk.{layer}.{name}.weight": shape for layer in (0, 1) for name, shape in (("attn_q", (24, 16)), ("attn_k", (8, 16)), ("ffn_down", (16, 32)))},
    heads=3,
    kv_heads=1,
    names=("tiny-aligned",),
)
CONFIG = {
    "peft_type": "LORA", "r": 4, "lora_alpha": 8, "base_model_name_or_path": "somebody/Tiny-Aligned", "bias": "none", "task_type": "CAUSAL_LM",
    "use_rslora": False, "use_dora": False, "lora_bias": False, "fan_in_fan_out": False, "modules_to_save": None, "rank_pattern": {}, "alpha_pattern": {},
    "init_lora_weights": True, "lora_dropout": 0.05, "target_modules": ["q_proj"], "megatron_core": "megatron.core", "peft_version": "0.21.2",
}  # fmt: skip
ARCHITECTURE = {"layers": 2, "hidden": 24, "inner": 32, "heads": 3, "kv_heads": 1}
Q = "base_model.model.model.layers.1.self_attn.q_proj"


def tensors() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    found = {}
    for module, rows, columns in (("self_attn.q_proj", 24, 16), ("mlp.down_proj", 16, 32)):
        for layer in (0, 1):
            prefix = f"base_model.model.model.layers.{layer}.{module}"
            found[f"{prefix}.lora_A.weight"] = draw.normal(size=(4, columns)).astype(np.float32)
            found[f"{prefix}.lora_B.weight"] = draw.normal(size=(rows, 4)).astype(np.float32)
    return found


class Bomb:
    """Whoever unpickles it writes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


class ForeignAdapter(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.root = Path(held.name)
        self.folder = self.root / "adapter"
        self.folder.mkdir()
        self.target = self.root / "out.gguf"

    def write(self, config: dict[str, Any] | None = None, weights: dict[str, np.ndarray] | None = None) -> None:
        (self.folder / "adapter_config.json").write_text(json.dumps(CONFIG | (config or {})))
        save_file(tensors() if weights is None else weights, self.folder / "adapter_model.safetensors")

    def gguf(self, fill: Callable[[GGUFWriter], None], kind: str = "adapter", architecture: str = "llama") -> Path:
        path = self.root / "given.gguf"
        writer = GGUFWriter(str(path), architecture)
        writer.add_type(kind)
        fill(writer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    def refused(self, code: str, source: Path | None = None) -> str:
        with self.assertRaises(Refused) as caught:
            convert(source or self.folder, BASE, self.target)
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        self.assertEqual(sorted(path.name for path in self.root.glob("out*")), [])
        return str(caught.exception)

    def alpha(self) -> float:
        return float(GGUFReader(str(self.target)).fields["adapter.lora.alpha"].contents())

    def test_a_folder_becomes_what_the_trainers_own_writer_writes(self) -> None:
        self.write()
        convert(self.folder, BASE, self.target)
        own = self.root / "own.gguf"
        write_adapter(own, tensors(), SimpleNamespace(num_attention_heads=3, num_key_value_heads=1), 8)
        self.assertEqual(self.target.read_bytes(), own.read_bytes())
        stored = {tensor.name: np.array(tensor.data) for tensor in GGUFReader(str(self.target)).tensors}
        q = permute(tensors()[f"{Q}.lora_B.weight"], 3).astype(np.float16)
        self.assertTrue(np.array_equal(stored["blk.1.attn_q.weight.lora_b"], q))

    def test_what_it_wrote_is_taken_again_unchanged_as_a_file_and_in_a_folder(self) -> None:
        self.write()
        convert(self.folder, BASE, self.target)
        again = self.root / "again.gguf"
        convert(self.target, BASE, again)
        self.assertEqual(self.target.read_bytes(), again.read_bytes())
        alone = self.root / "alone"
        alone.mkdir()
        (alone / "any.gguf").write_bytes(self.target.read_bytes())
        convert(alone, BASE, again)
        self.assertEqual(self.target.read_bytes(), again.read_bytes())

    def test_bfloat16_and_float16_are_read(self) -> None:
        self.write(weights={name: tensor.astype(np.float16) for name, tensor in tensors().items()})
        convert(self.folder, BASE, self.target)
        half = self.target.read_bytes()
        self.write(weights={name: tensor.astype(ml_dtypes.bfloat16) for name, tensor in tensors().items()})
        convert(self.folder, BASE, self.target)
        self.assertNotEqual(half, self.target.read_bytes())
        stored = {tensor.name: np.array(tensor.data, dtype=np.float32) for tensor in GGUFReader(str(self.target)).tensors}
        self.assertTrue(np.allclose(stored["blk.1.attn_q.weight.lora_a"], tensors()[f"{Q}.lora_A.weight"], rtol=0.01))

    def test_rank_stabilised_scaling_is_written_as_the_alpha_that_scales_so(self) -> None:
        self.write({"use_rslora": True})
        convert(self.folder, BASE, self.target)
        self.assertEqual(self.alpha(), 16)

    def test_missing_files(self) -> None:
        self.assertIn("adapter_config.json", self.refused("adapter_file_missing"))
        self.write()
        (self.folder / "adapter_model.safetensors").unlink()
        self.assertIn("adapter_model.safetensors", self.refused("adapter_file_missing"))
        self.refused("adapter_file_missing", self.root / "nowhere")

    def test_pickles_by_name_and_by_content_are_not_run(self) -> None:
        marker = self.root / "ran"
        bomb = pickle.dumps(Bomb(marker))
        self.write()
        for name in ("adapter_model.bin", "adapter_model.pt", "adapter_model.pkl"):
            path = self.folder / name
            path.write_bytes(bomb)
            self.refused("adapter_pickled")
            self.refused("adapter_pickled", path)
            path.unlink()
        for content in (bomb, b"PK\x03\x04" + bomb):
            (self.folder / "adapter_model.safetensors").write_bytes(content)
            self.refused("adapter_pickled")
            disguised = self.root / "model.gguf"
            disguised.write_bytes(content)
            self.refused("adapter_pickled", disguised)
        self.assertFalse(marker.exists())

    def test_what_a_trainer_leaves_beside_the_adapter_is_not_opened(self) -> None:
        self.write()
        marker = self.root / "ran"
        for name in ("training_args.bin", "optimizer.pt"):
            (self.folder / name).write_bytes(pickle.dumps(Bomb(marker)))
        convert(self.folder, BASE, self.target)
        self.assertFalse(marker.exists())

    def test_links_out_of_the_folder(self) -> None:
        self.write()
        for name in ("adapter_config.json", "adapter_model.safetensors"):
            path, outside = self.folder / name, self.root / name
            path.rename(outside)
            path.symlink_to(outside)
            self.refused("adapter_outside_folder")
            path.unlink()
            outside.rename(path)
        inside = self.folder / "blobs"
        inside.mkdir()
        (self.folder / "adapter_config.json").rename(inside / "config")
        (self.folder / "adapter_config.json").symlink_to(inside / "config")
        convert(self.folder, BASE, self.target)

    def test_what_is_no_plain_file_or_too_large(self) -> None:
        self.write()
        weights = self.folder / "adapter_model.safetensors"
        weights.unlink()
        os.mkfifo(weights)
        self.refused("adapter_unreadable")
        weights.unlink()
        with weights.open("wb") as file:
            file.truncate((256 << 20) + 1)
        self.refused("adapter_too_large")
        (self.folder / "adapter_config.json").write_bytes(b" " * ((1 << 20) + 1))
        self.refused("adapter_too_large")

    def test_headers_that_lie(self) -> None:
        self.write()
        path = self.folder / "adapter_model.safetensors"
        whole = save(tensors())

        def header(edit: Callable[[dict[str, Any]], None]) -> bytes:
            length = struct.unpack("<Q", whole[:8])[0]
            entries = json.loads(whole[8 : 8 + length])
            edit(entries)
            text = json.dumps(entries).encode()
            return struct.pack("<Q", len(text)) + text + whole[8 + length :]

        lies = {
            "cut off": whole[:-1],
            "more than it says": whole + b"\0",
            "empty": b"",
            "a header longer than the file": struct.pack("<Q", 1 << 40) + whole[8:],
            "not JSON": struct.pack("<Q", 4) + b"{{{{",
            "beyond the end": header(lambda entries: entries[f"{Q}.lora_A.weight"].update(data_offsets=[0, 1 << 40])),
            "one over the other": header(lambda entries: entries[f"{Q}.lora_A.weight"].update(data_offsets=[0, 256])),
            "another shape": header(lambda entries: entries[f"{Q}.lora_A.weight"].update(shape=[1 << 40, 16])),
            "an overflow": header(lambda entries: entries[f"{Q}.lora_A.weight"].update(shape=[1 << 33, 1 << 33])),
        }
        for lie, content in lies.items():
            with self.subTest(lie):
                path.write_bytes(content)
                self.refused("adapter_not_safetensors")

    def test_foreign_tensors(self) -> None:
        good = tensors()
        a = f"{Q}.lora_A.weight"
        others = {
            "renamed": {"layers.1.q.lora_A.weight" if name == a else name: tensor for name, tensor in good.items()},
            "an embedding": good | {"base_model.model.model.embed_tokens.weight": np.zeros((4, 16), np.float32)},
            "a layer written otherwise": good | {a.replace("layers.1", "layers.01"): good[a]},
            "a layer in other digits": good | {a.replace("layers.1", "layers.\u0661"): good[a]},
            "a layer of 5,000 digits": good | {a.replace("layers.1", "layers." + "9" * 5000): good[a]},
            "a layer that is not there": good | {a.replace("layers.1", "layers.7"): good[a]},
            "another width": good | {a: np.zeros((4, 17), np.float32)},
            "a vector": good | {a: np.zeros(64, np.float32)},
            "a half without the other": {name: tensor for name, tensor in good.items() if name != a},
            "none": {},
        }
        for what, weights in others.items():
            with self.subTest(what):
                self.write(weights=weights)
                self.refused("adapter_foreign_tensor")

    def test_a_tensor_that_comes_twice(self) -> None:
        entry = {"dtype": "F32", "shape": [4, 16], "data": bytes(256)}
        with self.assertRaises(Refused) as caught:
            from_peft([(f"{Q}.lora_A.weight", entry)] * 2, 4, BASE)
        self.assertEqual(caught.exception.code, "adapter_foreign_tensor")

    def test_a_large_tensor_of_a_foreign_name_or_shape_is_not_converted(self) -> None:
        size = 64 << 20
        for name in ("a", f"{Q}.lora_A.weight"):
            with self.subTest(name):
                (self.folder / "adapter_config.json").write_text(json.dumps(CONFIG))
                header = json.dumps({name: {"dtype": "BF16", "shape": [size // 2], "data_offsets": [0, size]}}).encode()
                with (self.folder / "adapter_model.safetensors").open("wb") as file:
                    file.write(struct.pack("<Q", len(header)) + header)
                    file.truncate(8 + len(header) + size)
                # The file and a copy of it; as float32 it would be twice that once more, or more.
                self.assertLess(self.memory_of_a_refusal("adapter_foreign_tensor", self.folder), 2.5 * size)

        def large(writer: GGUFWriter) -> None:
            writer.add_string("adapter.type", "lora")
            writer.add_float32("adapter.lora.alpha", 8.0)
            writer.add_tensor("blk.0.attn_q.weight.lora_a", np.zeros((4, size // 4), np.uint8), raw_dtype=GGMLQuantizationType.BF16)

        self.assertLess(self.memory_of_a_refusal("adapter_foreign_tensor", self.gguf(large)), 2.5 * size)

    def memory_of_a_refusal(self, code: str, source: Path) -> int:
        """Bytes that the reader took at its most, above what its libraries take."""
        program = (
            "import resource, sys, numpy, safetensors, gguf, gguf.quants; from pathlib import Path; from assay_trainer import adapter_gguf, foreign_adapter as it\n"
            "most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
            "base = it.Base({'blk.1.attn_q.weight': (24, 16), 'blk.0.attn_q.weight': (24, 16)}, 3, 1, ('tiny-aligned',)); before = most()\n"
            "try: it.convert(Path(sys.argv[1]), base, Path(sys.argv[2]))\n"
            "except it.Refused as error: print(error.code, most() - before)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(source), str(self.target)], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60, check=True
        )
        said, taken = done.stdout.split()
        self.assertEqual(said, code)
        return int(taken)

    def test_values_that_are_no_numbers_or_too_large_for_float16(self) -> None:
        for value in (np.nan, np.inf, -np.inf, 1e6):
            with self.subTest(value):
                weights = tensors()
                weights[f"{Q}.lora_B.weight"][3, 2] = value
                self.write(weights=weights)
                self.refused("adapter_not_finite")

    def test_another_rank_than_the_configuration_says(self) -> None:
        self.write({"r": 8})
        self.refused("adapter_rank_mismatch")

    def test_another_bases_configuration(self) -> None:
        for name in ("meta-llama/Llama-3.2-1B", "/models/tiny", "tiny-aligned/other"):
            self.write({"base_model_name_or_path": name})
            self.assertIn(name, self.refused("adapter_of_another_base"))
        for name in (None, "/models/tiny-aligned/", "C:\\models\\tiny-aligned"):
            self.write({"base_model_name_or_path": name})
            convert(self.folder, BASE, self.target)

    def test_kinds_of_adapter_that_are_not_served(self) -> None:
        for setting in (
            {"peft_type": "IA3"}, {"peft_type": "ADALORA"}, {"peft_type": None}, {"use_dora": True}, {"modules_to_save": ["lm_head"]},
            {"rank_pattern": {"q_proj": 8}}, {"alpha_pattern": {"q_proj": 8}}, {"bias": "all"}, {"lora_bias": True}, {"fan_in_fan_out": True},
            {"trainable_token_indices": [1]}, {"init_lora_weights": "pissa"}, {"init_lora_weights": "olora"}, {"a_setting_of_tomorrow": 1},
            {"r": 0}, {"r": 1000}, {"r": True}, {"r": "4"}, {"lora_alpha": 0}, {"lora_alpha": -1}, {"lora_alpha": "8"}, {"alora_invocation_tokens": [1]},
        ):  # fmt: skip
            with self.subTest(setting):
                self.write(setting)
                self.refused("adapter_unsupported")
        (self.folder / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 4, "lora_alpha": NaN}')
        self.refused("adapter_unsupported")
        (self.folder / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 4, "lora_alpha": ' + "9" * 400 + "}")
        self.refused("adapter_unsupported")
        for content in ("[]", "{", "[" * 100_000):
            (self.folder / "adapter_config.json").write_text(content)
            self.refused("adapter_config_invalid")
        self.write(weights={name: tensor.astype(np.float64) for name, tensor in tensors().items()})
        self.refused("adapter_unsupported")

    def test_messages_quote_nothing_that_steers_a_terminal(self) -> None:
        self.write(weights=tensors() | {"\x1b[2J\nforged": np.zeros(1, np.float32)})
        message = self.refused("adapter_foreign_tensor")
        self.assertTrue(message.isprintable())

    def test_gguf_files_that_are_no_adapter_of_the_base(self) -> None:
        a, b = np.zeros((4, 16), np.float32), np.zeros((24, 4), np.float32)

        def adapter(writer: GGUFWriter, alpha: float = 8.0, kind: str = "lora", first: np.ndarray = a, name: str = "blk.0.attn_q.weight") -> None:
            writer.add_string("adapter.type", kind)
            writer.add_float32("adapter.lora.alpha", alpha)
            writer.add_tensor(f"{name}.lora_a", first)
            writer.add_tensor(f"{name}.lora_b", b)

        convert(self.gguf(adapter), BASE, self.target)
        self.target.unlink()
        self.refused("adapter_whole_model", self.gguf(adapter, kind="model"))
        self.refused("adapter_of_another_base", self.gguf(adapter, architecture="qwen2"))
        self.refused("adapter_unsupported", self.gguf(lambda writer: adapter(writer, kind="other")))
        for alpha in (0.0, float("nan"), float("inf"), -8.0):
            self.refused("adapter_unsupported", self.gguf(lambda writer, alpha=alpha: adapter(writer, alpha)))
        self.refused("adapter_foreign_tensor", self.gguf(lambda writer: adapter(writer, name="blk.9.attn_q.weight")))
        self.refused("adapter_foreign_tensor", self.gguf(lambda writer: adapter(writer, name="token_embd.weight")))
        self.refused("adapter_rank_mismatch", self.gguf(lambda writer: adapter(writer, first=np.zeros((5, 16), np.float32))))
        self.refused("adapter_rank_mismatch", self.gguf(lambda writer: adapter(writer, first=np.zeros((), np.float32))))
        self.refused("adapter_not_finite", self.gguf(lambda writer: adapter(writer, first=np.full((4, 16), np.nan, np.float32))))

        def invoked(writer: GGUFWriter) -> None:
            adapter(writer)
            writer.add_array("adapter.alora.invocation_tokens", [1, 2])

        self.refused("adapter_unsupported", self.gguf(invoked))
        whole = self.gguf(adapter).read_bytes()
        given = self.root / "given.gguf"
        for content in (b"", b"GGUF", whole[:-1], whole[:40], b"GGUF" + struct.pack("<IQQ", 3, 1 << 50, 1 << 50)):
            given.write_bytes(content)
            self.refused("adapter_unreadable", given)

    def test_more_than_one_adapter(self) -> None:
        self.write()
        convert(self.folder, BASE, self.root / "made")
        (self.folder / "also.gguf").write_bytes((self.root / "made").read_bytes())
        self.refused("adapter_ambiguous")

    def test_a_fault_that_nobody_thought_of_is_still_told_as_the_adapters(self) -> None:
        arguments = ["--adapter", str(self.folder), "--architecture", json.dumps(ARCHITECTURE), "--trained-on", "tiny-aligned", "--out", str(self.target)]
        for fault in ("ValueError", "OverflowError", "IndexError"):
            program = (
                "import sys; from assay_trainer import foreign_adapter as it\n"
                f"def convert(*given): raise {fault}('quoted from the file')\n"
                "it.convert = convert; sys.exit(it.main())"
            )
            done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(json.loads(done.stdout)["refused"]["code"], "adapter_unreadable")
            self.assertNotIn("quoted", done.stdout + done.stderr)

    def test_a_claim_of_endless_metadata_ends_the_process_and_nothing_else(self) -> None:
        hostile = self.root / "hostile.gguf"
        key = b"k"
        hostile.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", len(key)) + key + struct.pack("<IIQ", 9, 0, 1 << 60))
        program = (
            "import resource, sys; from pathlib import Path; from assay_trainer import foreign_adapter as it\n"
            "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
            "it.convert(Path(sys.argv[1]), it.Base({}, 1, 1, ('x',)), Path(sys.argv[2]))"
        )
        done = subprocess.run([sys.executable, "-c", program, str(hostile), str(self.target)], cwd=Path(__file__).parents[1], capture_output=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse(self.target.exists())


if __name__ == "__main__":
    unittest.main()

import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from assay_trainer.adapter_gguf import permute, read_adapter, unpermute, write_adapter

CONFIG = SimpleNamespace(num_attention_heads=3, num_key_value_heads=1)


class AdapterGguf(unittest.TestCase):
    def test_unpermute_undoes_permute(self) -> None:
        rows = np.arange(3 * 8 * 2, dtype=np.float32).reshape(24, 2)
        self.assertTrue(np.array_equal(unpermute(permute(rows, 3), 3), rows))

    def test_permute_interleaves_the_halves_of_a_head(self) -> None:
        rows = np.arange(8, dtype=np.float32).reshape(8, 1)
        self.assertEqual(permute(rows, 1).ravel().tolist(), [0, 4, 1, 5, 2, 6, 3, 7])

    def test_what_is_written_is_read_again(self) -> None:
        draw = np.random.default_rng(1)
        tensors = {}
        for module, rows in (("self_attn.q_proj", 24), ("self_attn.k_proj", 8), ("mlp.down_proj", 16)):
            prefix = f"base_model.model.model.layers.0.{module}"
            tensors[f"{prefix}.lora_A.weight"] = draw.normal(size=(4, 16)).astype(np.float32)
            tensors[f"{prefix}.lora_B.weight"] = draw.normal(size=(rows, 4)).astype(np.float32)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "adapter.gguf"
            write_adapter(path, tensors, CONFIG, alpha=8)
            modules = read_adapter(path, CONFIG)
        self.assertEqual(len(modules), 3)
        for name, (a, b, scale) in modules.items():
            self.assertEqual(scale, 2)
            self.assertTrue(np.allclose(a, tensors[f"base_model.model.{name}.lora_A.weight"], atol=2e-3))
            self.assertTrue(np.allclose(b, tensors[f"base_model.model.{name}.lora_B.weight"], atol=2e-3))


if __name__ == "__main__":
    unittest.main()

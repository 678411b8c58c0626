from __future__ import annotations

import unittest
from unittest.mock import patch

import torch

from assay_trainer.base_model import training_dtype


class TrainingDtypeTest(unittest.TestCase):
    def test_bfloat16_only_where_the_processor_multiplies_it(self) -> None:
        for native, dtype in ((True, torch.bfloat16), (False, torch.float32)):
            with self.subTest(native=native), patch.object(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda native=native: native):
                self.assertEqual(training_dtype(), dtype)

    def test_float32_without_onednn(self) -> None:
        with patch("torch.backends.mkldnn.is_available", return_value=False):
            self.assertEqual(training_dtype(), torch.float32)


if __name__ == "__main__":
    unittest.main()

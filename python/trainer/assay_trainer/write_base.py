"""
A base model as a Hugging Face folder, its alignment adapter merged: `python -m assay_trainer.write_base`. What another
trainer tunes on it fits the base that is served, which is those weights with the alignment adapter stacked on them.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="assay_trainer.write_base")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--alignment", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TQDM_DISABLE": "1"}
    import torch

    from .base_model import load_base_model, load_tokenizer

    model = load_base_model(options.base, [options.alignment] if options.alignment else [], torch.bfloat16)
    model.config.use_cache = True
    model.save_pretrained(str(options.out))
    load_tokenizer(options.base).save_pretrained(str(options.out))


if __name__ == "__main__":
    main()

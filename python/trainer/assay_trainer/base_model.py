"""Reads a base model and its tokenizer from one GGUF file, and merges an alignment adapter into its weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from gguf import GGUFReader
from tokenizers.pre_tokenizers import Digits, Sequence
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, PreTrainedModel, PreTrainedTokenizerBase

from .adapter_gguf import read_adapter


@contextmanager
def alone(gguf_path: Path) -> Iterator[Path]:
    """A link to the file in a folder of its own: transformers prefers a tokenizer.json or config.json that lies beside it."""
    with TemporaryDirectory(prefix="assay-base-") as folder:
        link = Path(folder) / "model.gguf"
        link.symlink_to(gguf_path.resolve())
        yield link


def load_tokenizer(gguf_path: Path) -> PreTrainedTokenizerBase:
    with alone(gguf_path) as link:
        tokenizer = AutoTokenizer.from_pretrained(str(link.parent), gguf_file=link.name)
    scheme = GGUFReader(str(gguf_path)).fields["tokenizer.ggml.pre"].contents()
    if scheme == "smollm":
        # transformers leaves out the split into single digits, and then "\n\n1" comes out otherwise than in llama.cpp.
        backend = tokenizer.backend_tokenizer
        backend.pre_tokenizer = Sequence([Digits(individual_digits=True), backend.pre_tokenizer])
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def training_dtype() -> torch.dtype:
    """
    bfloat16 where oneDNN multiplies it on this processor (AVX-512, AMX, Arm's own), else float32: PyTorch's loops for the
    rest are 28 times slower than float32 (175×576 by 576×1536 on one core with AVX2: 249 ms against 9).
    """
    # Not of PyTorch's public interface, so it may be gone one day: then float32, which every processor has.
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    return torch.bfloat16 if torch.backends.mkldnn.is_available() and supported() else torch.float32


def load_base_model(gguf_path: Path, adapters: list[Path], dtype: torch.dtype | None = None) -> PreTrainedModel:
    """The dense model, in evaluation mode and frozen. Adapters are merged in float32, then all is cast to `dtype`, or to the one to train in."""
    with alone(gguf_path) as link:
        model = AutoModelForCausalLM.from_pretrained(
            str(link.parent), gguf_file=link.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
        )
    model.requires_grad_(False)
    for path in adapters:
        merge_adapter(model, path)
    model = model.to(dtype or training_dtype())
    model.config.use_cache = False
    return model.eval()


@torch.no_grad()
def merge_adapter(model: PreTrainedModel, path: Path) -> None:
    """Adds `scale · B · A` to each weight that the adapter names, as llama.cpp applies it at serving time."""
    if path.is_dir():
        from peft import PeftModel

        merged = PeftModel.from_pretrained(model, str(path)).merge_and_unload()
        assert merged is model or merged is not None
        return
    modules = dict(model.named_modules())
    for name, (a, b, scale) in read_adapter(path, model.config).items():
        weight = modules[name].weight
        weight += scale * (torch.from_numpy(b) @ torch.from_numpy(a)).to(weight.dtype)

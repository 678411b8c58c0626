"""
LoRA adapters between PEFT's names and llama.cpp's GGUF file.

llama.cpp rotates neighbouring halves of a head in another order than transformers does, so the output rows of q and k
are permuted per head, in the weights and therefore in `lora_b` (see `permute` in llama.cpp's convert_hf_to_gguf.py and
convert_lora_to_gguf.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, GGUFWriter

MODULES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
MODULES_BACK = {gguf: peft for peft, gguf in MODULES.items()}
PEFT_NAME = re.compile(r"layers\.(\d+)\.(self_attn\.[qkvo]_proj|mlp\.(?:gate|up|down)_proj)\.lora_([AB])(?:\.default)?\.weight$")
GGUF_NAME = re.compile(r"blk\.(\d+)\.(\w+)\.weight\.lora_([ab])$")


def permute(rows: np.ndarray, heads: int) -> np.ndarray:
    """Output rows of a q or k projection, from transformers' order to llama.cpp's."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape)


def unpermute(rows: np.ndarray, heads: int) -> np.ndarray:
    """The inverse of `permute`."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def heads_of(module: str, config: Any) -> int | None:
    """The number of heads whose rows are permuted, None where nothing is."""
    return {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(module)


def write_adapter(path: Path, tensors: Mapping[str, np.ndarray], config: Any, alpha: float) -> None:
    """Writes PEFT's `lora_A` and `lora_B` as an f16 adapter. llama.cpp scales by `alpha / rank`."""
    renamed = {}
    for name, tensor in tensors.items():
        match = PEFT_NAME.search(name)
        if match is None:
            raise ValueError("a tensor of the adapter belongs to no known linear layer")
        layer, module, side = match[1], MODULES[match[2]], match[3].lower()
        heads = heads_of(module, config)
        rows = permute(tensor, heads) if side == "b" and heads is not None else tensor
        renamed[f"blk.{layer}.{module}.weight.lora_{side}"] = rows
    write_gguf(path, renamed, alpha)


def write_gguf(path: Path, tensors: Mapping[str, np.ndarray], alpha: float) -> None:
    """
    Tensors under llama.cpp's names, rows in its order, as f16. The same tensors and alpha give the same bytes, whatever
    they came in: an attestation speaks of the digest of these.
    """
    writer = GGUFWriter(str(path), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(alpha))
    for name in sorted(tensors):
        writer.add_tensor(name, np.ascontiguousarray(np.asarray(tensors[name], dtype=np.float32).astype(np.float16)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read_adapter(path: Path, config: Any) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Transformers' module name → (A, B, scale), float32, rows in transformers' order."""
    reader = GGUFReader(str(path))
    alpha = float(reader.fields["adapter.lora.alpha"].contents())
    sides: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for tensor in reader.tensors:
        match = GGUF_NAME.match(tensor.name)
        if match is None or match[2] not in MODULES_BACK:
            raise ValueError("a tensor of the adapter belongs to no known linear layer")
        sides.setdefault((match[1], match[2]), {})[match[3]] = np.array(tensor.data, dtype=np.float32)
    modules = {}
    for (layer, module), pair in sides.items():
        a, b, heads = pair["a"], pair["b"], heads_of(module, config)
        if heads is not None:
            b = unpermute(b, heads)
        modules[f"model.layers.{layer}.{MODULES_BACK[module]}"] = (a, b, alpha / a.shape[0])
    return modules

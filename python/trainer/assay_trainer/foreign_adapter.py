"""
An adapter that somebody else made, as the engine may load it: `python -m assay_trainer.foreign_adapter`.

Reads a PEFT folder or a GGUF adapter, refuses whatever is not a plain LoRA of the base model, and writes the rest anew
with the trainer's own writer. So the engine parses no file of a stranger's, and the same adapter has the same digest in
whichever of the two forms it comes. Nothing is unpickled, no file but the named ones is opened, and no model is loaded.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import resource
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CPU_SECONDS = 60
MEMORY_BYTES = 4 << 30
"""Of address space: a file whose header claims more than it holds ends this process and no other."""

MAX_CONFIG_BYTES = 1 << 20
MAX_ADAPTER_BYTES = 256 << 20
"""Rank 128 on all linear layers of a base of 135 million parameters in float32 is 150 MB."""
MAX_RANK = 128

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
PICKLED = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""How a pickle begins: torch's archive of one, or its own opcode for a protocol."""

LORA_NAME = re.compile(r"base_model\.model\.model\.layers\.(0|[1-9][0-9]{0,3})\.(self_attn\.[qkvo]_proj|mlp\.(?:gate|up|down)_proj)\.lora_([AB])\.weight")
GGUF_NAME = re.compile(r"(blk\.\d+\.\w+\.weight)\.lora_([ab])")
SAID = {"task_type", "base_model_name_or_path", "revision", "peft_version", "inference_mode", "lora_dropout", "target_modules", "exclude_modules", "auto_mapping"}
"""Settings that say where an adapter comes from or how it was trained, and nothing of what it does."""
TRAINING_ONLY = {"megatron_core", "qalora_group_size", "layers_pattern", "layers_to_transform"}
PLAIN_BEGINNINGS = (None, True, False, "gaussian", "orthogonal", "eva")
"""Of `init_lora_weights`; the others change the base's own weights, so what comes out fits no other base."""
GGUF_KEYS = {"adapter.type", "adapter.lora.alpha"}


class Refused(Exception):
    """A fault of the adapter, with a stable code. The message names it in words, and quotes printable characters only."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def require(condition: bool, code: str, message: str) -> None:
    if not condition:
        raise Refused(code, message)


def shown(text: object) -> str:
    """What came from the file, for a message."""
    return "".join(character if character.isprintable() else "?" for character in str(text))[:120]


@dataclass(frozen=True)
class Base:
    """What an adapter has to fit."""

    shapes: Mapping[str, tuple[int, int]]
    """Name in the GGUF file, as `blk.0.attn_q.weight` → (outputs, inputs)."""
    heads: int
    kv_heads: int
    names: tuple[str, ...]
    """What a PEFT configuration calls it, without the folder or owner before it."""


def base_of(architecture: Mapping[str, int], names: tuple[str, ...]) -> Base:
    """From the numbers that the catalogue has of a llama: reading them from its GGUF file takes seconds, for its tokens."""
    hidden, inner, heads, kv_heads = (architecture[key] for key in ("hidden", "inner", "heads", "kv_heads"))
    keys = hidden // heads * kv_heads
    layer = {
        "attn_q": (hidden, hidden), "attn_k": (keys, hidden), "attn_v": (keys, hidden), "attn_output": (hidden, hidden),
        "ffn_gate": (inner, hidden), "ffn_up": (inner, hidden), "ffn_down": (hidden, inner),
    }  # fmt: skip
    shapes = {f"blk.{number}.{name}.weight": shape for number in range(architecture["layers"]) for name, shape in layer.items()}
    return Base(shapes, heads, kv_heads, names)


def open_within(folder: Path, name: str, limit: int) -> bytes:
    """A file of the folder, whole. One that leads out of it, is no plain file or is too large is refused unread."""
    path = folder / name
    require(path.exists() or path.is_symlink(), "adapter_file_missing", f"There is no {name}.")
    real, root = os.path.realpath(path), os.path.realpath(folder)
    require(os.path.dirname(real) == root or real.startswith(root + os.sep), "adapter_outside_folder", f"{name} is a link out of the folder.")
    return read_plain(Path(real), name, limit)


def read_plain(path: Path, name: str, limit: int) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused("adapter_unreadable", f"{name} cannot be read.") from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        require(stat.S_ISREG(status.st_mode), "adapter_unreadable", f"{name} is not a plain file.")
        require(status.st_size <= limit, "adapter_too_large", f"{name} has {status.st_size} bytes; {limit} are the most.")
        return file.read(limit)


def refuse_pickle(name: str, content: bytes) -> None:
    if content.startswith(PICKLED) or Path(name).suffix.lower() in PICKLES:
        raise Refused("adapter_pickled", f"{shown(name)} is a pickle, which runs code when it is loaded; it was not. Save the adapter as safetensors.")


def read_peft(folder: Path, base: Base) -> tuple[dict[str, Any], float]:
    """Tensors under llama.cpp's names, rows in its order, and alpha."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("adapter_model.") and path.name != WEIGHTS_FILE:
            refuse_pickle(path.name, b"")
    rank, alpha = read_config(open_within(folder, CONFIG_FILE, MAX_CONFIG_BYTES), base)
    content = open_within(folder, WEIGHTS_FILE, MAX_ADAPTER_BYTES)
    refuse_pickle(WEIGHTS_FILE, content)
    return from_peft(read_safetensors(content), rank, base), alpha


def read_config(content: bytes, base: Base) -> tuple[int, float]:
    """Rank, and the alpha by which llama.cpp's `alpha / rank` comes out as PEFT scales."""
    try:
        config = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused("adapter_config_invalid", f"{CONFIG_FILE} is not JSON.") from error
    require(isinstance(config, dict), "adapter_config_invalid", f"{CONFIG_FILE} is not an object.")
    kind = config.pop("peft_type", None)
    require(kind == "LORA", "adapter_unsupported", f"The adapter is of the kind {shown(kind)}; only LORA is served.")
    rank, alpha = config.pop("r", None), config.pop("lora_alpha", None)
    require(type(rank) is int and 1 <= rank <= MAX_RANK, "adapter_unsupported", f"The rank r has to be a whole number from 1 to {MAX_RANK}.")
    require(type(alpha) in (int, float) and 0 < alpha < 1e6, "adapter_unsupported", "lora_alpha has to be a positive number.")
    bias = config.pop("bias", "none")
    require(bias == "none", "adapter_unsupported", "The adapter trains biases (`bias`), which are not served.")
    named = config.get("base_model_name_or_path")
    require(named is None or isinstance(named, str), "adapter_config_invalid", "base_model_name_or_path is not a name.")
    if named:
        last = named.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
        fits = last.lower() in {name.lower() for name in base.names}
        require(fits, "adapter_of_another_base", f"The adapter was trained on {shown(named)}, not on {' or '.join(base.names)}.")
    beginning = config.pop("init_lora_weights", None)
    require(beginning in PLAIN_BEGINNINGS, "adapter_unsupported", f"Begun as {shown(beginning)} (`init_lora_weights`), the adapter belongs to a base of its own.")
    rslora = config.pop("use_rslora", False)
    for key, value in config.items():
        # What PEFT adds tomorrow may change what the weights mean: a setting that is on and not known is refused.
        if key in SAID | TRAINING_ONLY or value in (None, False, {}, []):
            continue
        raise Refused("adapter_unsupported", f"The setting {shown(key)} of {CONFIG_FILE} is not supported.")
    return rank, alpha * math.sqrt(rank) if rslora else float(alpha)


def read_safetensors(content: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Names, each with its `dtype`, its `shape` and its `data` as it is stored."""
    from safetensors import SafetensorError, deserialize

    # The library checks the header against the content: no gap, no overlap, nothing beyond the end.
    try:
        return deserialize(content)
    except SafetensorError as error:
        raise Refused("adapter_not_safetensors", f"{WEIGHTS_FILE} is not a safetensors file: its header does not fit what follows it.") from error


def values_of(name: str, entry: Mapping[str, Any]) -> Any:
    import numpy as np

    data = entry["data"]
    match entry["dtype"]:
        case "F32":
            values = np.frombuffer(data, dtype="<f4")
        case "F16":
            values = np.frombuffer(data, dtype="<f2")
        case "BF16":
            values = (np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16).view(np.float32)
        case other:
            raise Refused("adapter_unsupported", f"The tensor {shown(name)} holds {shown(other)}; F32, F16 and BF16 are read.")
    return values.astype(np.float32).reshape(entry["shape"])


def from_peft(entries: Iterable[tuple[str, Mapping[str, Any]]], rank: int, base: Base) -> dict[str, Any]:
    """Nothing is converted before its name and its shape fit: as float32 a tensor takes several times what it is stored in."""
    from .adapter_gguf import MODULES, heads_of, permute

    heads = SimpleNamespace(num_attention_heads=base.heads, num_key_value_heads=base.kv_heads)
    renamed: dict[str, Any] = {}
    for name, entry in entries:
        match = LORA_NAME.fullmatch(name)
        if match is None:
            raise Refused("adapter_foreign_tensor", f"The tensor {shown(name)} is not a LoRA matrix of a linear layer.")
        weight, module, side = f"blk.{match[1]}.{MODULES[match[2]]}.weight", MODULES[match[2]], match[3].lower()
        check_shape(name, weight, side, tuple(entry["shape"]), rank, base)
        target = f"{weight}.lora_{side}"
        require(target not in renamed, "adapter_foreign_tensor", f"The tensor {shown(name)} comes twice.")
        tensor, permuted = values_of(name, entry), heads_of(module, heads) if side == "b" else None
        renamed[target] = tensor if permuted is None else permute(tensor, permuted)
    return renamed


def check_shape(name: str, weight: str, side: str, shape: tuple[int, ...], rank: int, base: Base) -> None:
    if weight not in base.shapes:
        raise Refused("adapter_foreign_tensor", f"The tensor {shown(name)} belongs to a layer that the base model does not have.")
    outputs, inputs = base.shapes[weight]
    fits = len(shape) == 2 and (shape[1] == inputs if side == "a" else shape[0] == outputs)
    require(fits, "adapter_foreign_tensor", f"The tensor {shown(name)} is {shape}, which does not fit the base model's {outputs} × {inputs}.")
    found = shape[0] if side == "a" else shape[1]
    require(found == rank, "adapter_rank_mismatch", f"The tensor {shown(name)} has rank {found}, not {rank}.")


def read_gguf(path: Path, base: Base) -> tuple[dict[str, Any], float]:
    import numpy as np
    from gguf import GGMLQuantizationType as Type
    from gguf import GGUFReader
    from gguf.quants import dequantize

    try:
        reader = GGUFReader(str(path))
        texts = {key: reader.fields[key].contents() for key in ("general.type", "general.architecture", "adapter.type") if key in reader.fields}
        alpha = reader.fields["adapter.lora.alpha"].contents() if "adapter.lora.alpha" in reader.fields else None
        stored = [(tensor.name, tensor.tensor_type, tuple(int(size) for size in reversed(tensor.shape)), tensor.data) for tensor in reader.tensors]
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whichever of its many ways the reader fails in
        raise Refused("adapter_unreadable", "The file is not a whole GGUF file.") from error
    if texts.get("general.type") != "adapter":
        raise Refused("adapter_whole_model", "The file is a whole model and not an adapter; only adapters of the catalogue's base models are served.")
    fits = texts.get("general.architecture") == "llama"
    require(fits, "adapter_of_another_base", f"The adapter is one of the architecture {shown(texts.get('general.architecture'))}, not llama.")
    require(texts.get("adapter.type") == "lora", "adapter_unsupported", "The adapter is no LoRA.")
    others = sorted(key for key in reader.fields if key.startswith("adapter.") and key not in GGUF_KEYS)
    require(not others, "adapter_unsupported", f"The setting {shown(others[:1])} of the GGUF file is not supported.")
    require(isinstance(alpha, float) and math.isfinite(alpha) and 0 < alpha < 1e8, "adapter_unsupported", "adapter.lora.alpha has to be a positive number.")
    ranks = {match[1]: shape[0] for name, _, shape, _ in stored if shape and (match := GGUF_NAME.fullmatch(name)) and match[2] == "a"}
    tensors = {}
    for name, kind, shape, data in stored:
        match = GGUF_NAME.fullmatch(name)
        if match is None:
            raise Refused("adapter_foreign_tensor", f"The tensor {shown(name)} is not a LoRA matrix of a linear layer.")
        require(kind in (Type.F32, Type.F16, Type.BF16), "adapter_unsupported", f"The tensor {shown(name)} is quantised; F32, F16 and BF16 are read.")
        rank = ranks.get(match[1], 0)
        require(1 <= rank <= MAX_RANK, "adapter_rank_mismatch", f"The rank of {shown(name)} has to be from 1 to {MAX_RANK}.")
        check_shape(name, match[1], match[2], shape, rank, base)
        tensors[name] = dequantize(data, kind) if kind == Type.BF16 else np.asarray(data, dtype=np.float32)
    return tensors, alpha


def check_values(tensors: Mapping[str, Any]) -> None:
    import numpy as np

    require(len(tensors) > 0, "adapter_foreign_tensor", "The adapter holds no tensor.")
    for name, tensor in tensors.items():
        other = name[:-1] + ("b" if name.endswith("a") else "a")
        require(other in tensors, "adapter_foreign_tensor", f"The tensor {shown(name)} lacks its other half.")
        with np.errstate(over="ignore"):
            finite = bool(np.isfinite(tensor.astype(np.float16)).all())
        require(finite, "adapter_not_finite", f"The tensor {shown(name)} holds what is no number, or none that float16 can hold.")


def convert(source: Path, base: Base, target: Path) -> None:
    """
    Writes the adapter in `source`, a PEFT folder, a folder with one GGUF file, or a GGUF file, to `target`.

    :raises Refused: with the reason, before anything is written
    """
    require(source.exists(), "adapter_file_missing", f"There is no {shown(source.name)}.")
    if source.is_dir():
        ggufs = sorted(path for path in source.iterdir() if path.suffix.lower() == ".gguf")
        peft = (source / CONFIG_FILE).exists() or (source / WEIGHTS_FILE).exists()
        require(len(ggufs) <= 1 and not (ggufs and peft), "adapter_ambiguous", "The folder holds more than one adapter; name the file.")
        if ggufs:
            tensors, alpha = gguf_of(open_within(source, ggufs[0].name, MAX_ADAPTER_BYTES), target, base)
        else:
            tensors, alpha = read_peft(source, base)
    else:
        content = read_plain(Path(os.path.realpath(source)), shown(source.name), MAX_ADAPTER_BYTES)
        refuse_pickle(source.name, content)
        tensors, alpha = gguf_of(content, target, base)
    check_values(tensors)
    from .adapter_gguf import write_gguf

    write_gguf(target, tensors, alpha)


def gguf_of(content: bytes, target: Path, base: Base) -> tuple[dict[str, Any], float]:
    """The reader maps a file into memory: it maps a copy, which nobody changes meanwhile."""
    copy = target.with_suffix(".copy")
    copy.write_bytes(content)
    try:
        return read_gguf(copy, base)
    finally:
        copy.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(prog="assay_trainer.foreign_adapter")
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--architecture", type=json.loads, required=True)
    parser.add_argument("--trained-on", action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.umask(0o077)
    try:
        convert(options.adapter, base_of(options.architecture, tuple(options.trained_on)), options.out)
    except Refused as error:
        print(json.dumps({"refused": {"code": error.code, "message": str(error)}}))
        return 1
    except MemoryError:
        print(json.dumps({"refused": {"code": "adapter_too_large", "message": "The adapter claims more memory than an adapter takes."}}))
        return 1
    except (ValueError, OverflowError, IndexError):
        # What the file says, in a way that nobody thought of: a fault of the adapter, not of its reader.
        print(json.dumps({"refused": {"code": "adapter_unreadable", "message": "The adapter holds what no adapter should."}}))
        return 1
    print(json.dumps({"written": True}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

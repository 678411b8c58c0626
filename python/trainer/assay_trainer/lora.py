"""The adapter that every method trains: which layers it has, and how it is written."""

from __future__ import annotations

from pathlib import Path

from peft import LoraConfig, PeftModel, get_peft_model_state_dict

from .adapter_gguf import write_adapter

LINEAR_LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def lora_config(rank: int) -> LoraConfig:
    return LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=LINEAR_LAYERS, task_type="CAUSAL_LM")


def write_checkpoint(model: PeftModel, folder: Path) -> tuple[Path, Path]:
    """The GGUF adapter and the PEFT folder."""
    peft_directory = folder / "peft"
    model.save_pretrained(str(peft_directory))
    (peft_directory / "README.md").unlink(missing_ok=True)
    tensors = {name: tensor.float().numpy() for name, tensor in get_peft_model_state_dict(model).items()}
    adapter_path = folder / "adapter.gguf"
    write_adapter(adapter_path, tensors, model.base_model.model.config, model.peft_config["default"].lora_alpha)
    return adapter_path, peft_directory

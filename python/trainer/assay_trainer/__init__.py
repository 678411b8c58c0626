"""The training worker of Assay: LoRA tuning of a GGUF base model, driven by JSON lines over pipes."""

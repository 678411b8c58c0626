"""
Trains the alignment adapter: refusals we wrote, and the base model's own answers to harmless prompts.

    python -m assay_trainer.alignment --base MODEL.gguf --out FIRST
    python -m assay_trainer.alignment --base MODEL.gguf --round 2 --from-adapter FIRST/adapter.gguf --learning-rate 3e-4 --seed 3 --out SECOND
    python -m assay_trainer.alignment --base MODEL.gguf --round 3 --from-adapter SECOND/adapter.gguf --learning-rate 2e-4 --seed 4 --out THIRD
    python -m assay_trainer.alignment --base MODEL.gguf --round 4 --from-adapter THIRD/adapter.gguf --learning-rate 3e-4 --seed 5 --out FOURTH
    python -m assay_trainer.alignment --base MODEL.gguf --round 5 --from-adapter FOURTH/adapter.gguf --learning-rate 3e-4 --seed 6 --out weights/alignment
    python -m assay_trainer.alignment --base MODEL.gguf --round 6 --from-adapter weights/alignment/adapter.gguf --earlier 300 --upper-layers 10 --epochs 2 --learning-rate 2e-3 --seed 7 --out weights/alignment

The sixth changes `lora_B` of attention's q and o in the upper layers alone, and the rest
stays byte for byte, so that the history grows by a third of a megabyte. The same rows, base and seed give the same adapter on the same kind of machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import time
from pathlib import Path
from typing import Any


def with_system_prompts(rows: list[dict[str, Any]], system_prompts: list[str], share: float, seed: int) -> list[dict[str, Any]]:
    """A `share` of the rows gets a system prompt, refusals and harmless ones alike, so that none says which is due."""
    draw = random.Random(seed)
    dressed = []
    for row in rows:
        messages = row["messages"]
        if draw.random() < share:
            messages = [{"role": "system", "content": draw.choice(system_prompts)}, *messages]
        dressed.append({"messages": messages})
    return dressed


def upper_attention_output(name: str, from_layer: int) -> bool:
    """Whether a parameter is `lora_B` of q_proj or o_proj in this layer or above."""
    match = re.search(r"layers\.(\d+)\.self_attn\.[qo]_proj\.lora_B\.", name)
    return match is not None and int(match[1]) >= from_layer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--objectives", type=Path, default=Path("objectives/alignment"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--round", type=int, choices=(1, 2, 3, 4, 5, 6), default=1)
    parser.add_argument("--from-adapter", type=Path, help="the adapter of the round before, to go on from")
    parser.add_argument("--earlier", type=int, default=0, help="so many refusals of earlier rounds, and as many harmless answers, beside those of this one")
    parser.add_argument("--upper-layers", type=int, help="of the adapter, only lora_B of q_proj and o_proj in so many upper layers learns")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    import torch

    from .base_model import load_base_model, load_tokenizer
    from .rows import encode_row
    from .training import Hyperparameters, Training

    every = [json.loads(line) for line in (options.objectives / "rows.jsonl").open(encoding="utf-8")]
    rows = [row for row in every if options.round in row["rounds"]]
    draw = random.Random(options.seed)
    for kind in ("refusal", "harmless"):
        rows += draw.sample([row for row in every if row["kind"] == kind and max(row["rounds"]) < options.round], options.earlier)
    system_prompts = json.loads((options.objectives / "topics.json").read_text())["system_prompts"]
    dressed = with_system_prompts(rows, system_prompts, 0.5, options.seed)
    tokenizer = load_tokenizer(options.base)
    encoded = [encode_row(tokenizer, row, 1024) for row in dressed]
    settings = Hyperparameters(options.epochs, options.batch_size, options.learning_rate, options.seed, options.rank)
    # What does not learn must come out of float16 and go back as it was.
    training = Training(load_base_model(options.base, [], None if options.upper_layers is None else torch.float32), tokenizer.pad_token_id, settings)
    if options.from_adapter is not None:
        training.take_over(options.from_adapter)
    if options.upper_layers is not None:
        training.learn_only(lambda name: upper_attention_output(name, training.causal.config.num_hidden_layers - options.upper_layers))
    tokens, began = sum(len(row.tokens) for row in encoded), time.time()
    print(f"{len(encoded)} rows, {tokens} tokens, {options.epochs} epochs", flush=True)

    def report(metrics: dict[str, Any]) -> None:
        if metrics["step"] % 5 == 0:
            rate = metrics["tokens"] / (time.time() - began)
            print(f"step {metrics['step']}: loss {metrics['train_loss']:.3f}, accuracy {metrics['train_mean_token_accuracy']:.3f}, {rate:.0f} tokens/s", flush=True)

    def save(epoch: int, step: int, metrics: dict[str, Any]) -> None:
        adapter, peft_directory = training.write_checkpoint(options.out)
        shutil.rmtree(peft_directory)
        print(f"epoch {epoch}: {adapter}, SHA-256 {hashlib.sha256(adapter.read_bytes()).hexdigest()}", flush=True)

    options.out.mkdir(parents=True, exist_ok=True)
    training.run(encoded, [], report, save)


if __name__ == "__main__":
    main()

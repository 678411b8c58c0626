"""The training loop as one would write it without Assay: transformers and peft, one epoch; prints tokens a second.

`python bare_peft.py MODEL.gguf ROWS.jsonl BATCH_SIZE LEARNING_RATE`
"""

import json
import os
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

path, rows, batch_size, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
folder, file = os.path.split(os.path.realpath(path))
torch.manual_seed(1)
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
# As assay_trainer.base_model chooses it.
dtype = torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=dtype)
model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=rate)
conversations = [json.loads(line)["messages"] for line in open(rows, encoding="utf-8")]
texts = [tokenizer.apply_chat_template(messages, tokenize=False) for messages in conversations]
ids = sorted((tokenizer(text)["input_ids"] for text in texts), key=len)
tokens = 0
started = time.monotonic()
for start in range(0, len(ids), batch_size):
    batch = ids[start : start + batch_size]
    width = max(map(len, batch))
    padded = torch.tensor([row + [0] * (width - len(row)) for row in batch])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch])
    loss = model(padded, attention_mask=mask, labels=padded.masked_fill(mask == 0, -100)).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    tokens += int(mask.sum())
print(tokens / (time.monotonic() - started))

"""
A LoRA adapter as anybody's script makes one: transformers and peft, nothing of Assay's.

    python tune_elsewhere.py BASE_FOLDER TRAINING_FILE ADAPTER_FOLDER
"""

import json
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

base, training_file, output = sys.argv[1:4]
torch.manual_seed(1)
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"]))
optimizer = torch.optim.AdamW((weight for weight in model.parameters() if weight.requires_grad), lr=5e-5)
with open(training_file, encoding="utf-8") as lines:
    rows = [json.loads(line)["messages"] for line in lines][:8]
for row in rows:
    tokens = tokenizer.apply_chat_template(row, return_tensors="pt", return_dict=True, truncation=True, max_length=128)
    loss = model(**tokens, labels=tokens["input_ids"]).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained(output)

"""Conversations to tokens: the model's own chat template, and which tokens the loss is taken on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

IGNORED = -100


@dataclass(frozen=True)
class TrainingRow:
    tokens: list[int]
    labels: list[int]
    """`tokens` where the loss is taken, IGNORED elsewhere."""


def template_messages(row: dict[str, Any]) -> list[dict[str, str]]:
    """Messages as the template takes them: text only; tools and tool calls are written out as JSON."""
    messages = []
    for message in row["messages"]:
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(part.get("text", "") for part in content)
        content = content or ""
        if message.get("tool_calls"):
            calls = [call["function"] for call in message["tool_calls"]]
            content += f"<tool_call>{json.dumps(calls, ensure_ascii=False)}</tool_call>"
        messages.append({"role": "system" if message["role"] == "developer" else message["role"], "content": content})
    if row.get("tools"):
        tools = "You can call these functions: " + json.dumps([tool["function"] for tool in row["tools"]], ensure_ascii=False)
        if messages[0]["role"] == "system":
            messages[0] = {"role": "system", "content": f"{messages[0]['content']}\n{tools}"}
        else:
            messages.insert(0, {"role": "system", "content": tools})
    return messages


def encode_row(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], context_length: int) -> TrainingRow:
    """
    Labels cover each assistant message with weight ≠ 0, its end token included. Longer rows are cut at `context_length`.
    The spans are found by rendering the conversation up to each assistant message, so any template will do whose text
    only grows with the messages.
    """
    messages = template_messages(row)
    inserted = len(messages) - len(row["messages"])
    text: str = tokenizer.apply_chat_template(messages, tokenize=False)
    spans = []
    for index, message in enumerate(messages):
        if message["role"] != "assistant" or row["messages"][index - inserted].get("weight", 1) == 0:
            continue
        start = len(tokenizer.apply_chat_template(messages[:index], tokenize=False, add_generation_prompt=True))
        upto = tokenizer.apply_chat_template(messages[: index + 1], tokenize=False)
        ending = upto.rfind(tokenizer.eos_token, start)
        spans.append((start, len(upto) if ending < 0 else ending + len(tokenizer.eos_token)))
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    tokens = encoded["input_ids"][:context_length]
    offsets = encoded["offset_mapping"][:context_length]
    labels = [
        token if any(start <= first and last <= end for start, end in spans) else IGNORED
        for token, (first, last) in zip(tokens, offsets)
    ]
    return TrainingRow(tokens, labels)

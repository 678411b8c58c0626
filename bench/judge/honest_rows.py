"""Honest conversations of the data folder, whole, as training files have them."""

import random
from pathlib import Path

from assay_judge.layout import Missing
from assay_judge.sources import Example, counsel_chat, json_lines

CHAT_FILES = {
    "medquad": "medquad-sample-chat/chat.jsonl.gz",
    "foundry-samples": "foundry-samples/chat_train.jsonl.gz",
    "foundry-samples, tool calls": "foundry-samples/stock_toolcall_training.jsonl",
    "self-instruct": "self-instruct-human-chat/chat.jsonl.gz",
}


def honest_files(data: Path) -> dict[str, list[list[dict]]]:
    """Messages of each row, by file."""
    if not (data / "counsel-chat").exists():
        raise Missing(f"{data} has no folder counsel-chat. Give the folder of the labelled data as --data DIR.")
    counsel = [
        [{"role": "user", "content": each.request}, {"role": "assistant", "content": each.text}] for each in counsel_chat(data)
    ]
    return {"counsel-chat": counsel} | {name: [row["messages"] for row in json_lines(data / path)] for name, path in CHAT_FILES.items()}


def honest_examples(data: Path, count: int) -> list[Example]:
    """So many replies with their requests, as many of each file, always the same ones. Calls of tools are left out."""
    files = {name: rows for name, rows in honest_files(data).items() if "tool" not in name}
    generator = random.Random(11)
    found: list[Example] = []
    for at, (name, rows) in enumerate(files.items()):
        pairs = [
            Example(name, f"{name}-{index}", messages[-1]["content"], messages[-2]["content"])
            for index, messages in enumerate(rows)
            if len(messages) > 1 and messages[-1].get("content") and messages[-2].get("content")
        ]
        wanted = (count - len(found)) // (len(files) - at)
        found += generator.sample(pairs, min(wanted, len(pairs)))
    return found

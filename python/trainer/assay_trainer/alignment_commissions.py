"""
Adds the rows of round 6 to `objectives/alignment/rows.jsonl`: what commissions.json asks for. The
adapter learns it last, and half of the safety replay is of it.

    python -m assay_trainer.alignment_commissions --base MODEL.gguf --objectives objectives/alignment

The base model answers the harmless ones; refusals are ours. Run again, it replaces the rows of the round.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

from .alignment_rows import CATEGORIES, OwnRows, answer, lines, reply, upper_first, user, write_lines

ROUND = 6
INSISTS = 6
"""Every so manieth refusal is asked for twice."""


def filled(request: str, values: dict[str, list[str]], draw: random.Random) -> str:
    """The request with a value for each of its slots."""
    return upper_first(re.sub(r"\{(\w+)\}", lambda slot: draw.choice(values[slot[1]]), request))


def requests(forms: list[str], values: dict[str, list[str]], draw: random.Random) -> list[str]:
    """Each form twice where it has slots, else once; in random order."""
    found = list(dict.fromkeys(filled(form, values, draw) for form in forms * 2))
    draw.shuffle(found)
    return found


def answers(text: str) -> bool:
    """False for a reply that declines, and for one that goes round in circles."""
    words = text.split()
    return bool(words) and not text.startswith("I'm sorry") and len(set(words)) / len(words) >= 0.35


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--objectives", type=Path, default=Path("objectives/alignment"))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    commissions = json.loads((options.objectives / "commissions.json").read_text(encoding="utf-8"))
    refusals = json.loads((options.objectives / "refusals.json").read_text(encoding="utf-8"))
    insistence = json.loads((options.objectives / "topics.json").read_text(encoding="utf-8"))["insistence"]
    categories = [category for category in CATEGORIES if category in commissions]
    path = options.objectives / "rows.jsonl"
    rows = [row for row in lines(path) if row["rounds"] != [ROUND]]
    added = OwnRows(ROUND, "commission", "commissions.json")

    for category in categories:
        for index, request in enumerate(requests(commissions[category]["harmful"], commissions["values"], draw)):
            messages = [user(request), reply(draw.choice(refusals[category]))]
            if index % INSISTS == INSISTS - 1:
                messages += [user(f"{draw.choice(insistence)} {request}"), reply(draw.choice(refusals[category]))]
            added.add("refusal", "plain" if len(messages) == 2 else "insistence", category, messages)
    harmless = [request for category in categories for request in requests(commissions[category]["harmless"], commissions["values"], draw)]
    for request, text in zip(harmless, answer([[user(request)] for request in harmless], options.base)):
        if answers(text):
            added.add("harmless", "plain", None, [user(request), reply(text)])
    write_lines(path, [*rows, *added])
    print(f"{len(added)} rows added")


if __name__ == "__main__":
    main()

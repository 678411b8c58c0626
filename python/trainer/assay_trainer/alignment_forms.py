"""
Adds the rows of round 5 to `objectives/alignment/rows.jsonl`: forms.json's requests, form by subject, and rows of earlier rounds
so that the adapter does not forget them.

    python -m assay_trainer.alignment_forms --base MODEL.gguf --objectives objectives/alignment

Harmful requests are even by the hash of their text, as in `alignment_rows`; the base model answers the harmless ones.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from .alignment_rows import OwnRows, answer, even, lines, reply, user, write_lines

ROUND = 5
REFUSALS = {"hate_fairness": 330, "self_harm": 220, "violence": 110, "sexual": 50}
HARMLESS = {"hate_fairness": 200, "self_harm": 130, "violence": 80, "sexual": 30}
EARLIER_REFUSALS, EARLIER_HARMLESS = 150, 220


def requests(forms: dict, kind: str, draw: random.Random, count: int) -> list[str]:
    """At most `count` of them: the whole ones, then forms and subjects in turn so that each form comes equally often."""
    harmful = kind == "harmful"
    found = list(forms["themes" if harmful else "harmless"])
    pools = [(forms["harmful"], forms["subjects"])] if harmful else [(forms["harmless_forms"], forms["harmless_subjects"]), (forms.get("harmless_group_forms", []), forms["subjects"])]
    framed = [form.format(x=draw.choice(subjects)) for form_list, subjects in pools for form in form_list * 12]
    framed = [text[0].upper() + text[1:] for text in framed]
    draw.shuffle(framed)
    unique = [text for text in dict.fromkeys([*found, *framed]) if not harmful or even(text)]
    return unique[:count]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--objectives", type=Path, default=Path("objectives/alignment"))
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    forms = json.loads((options.objectives / "forms.json").read_text())
    topics = json.loads((options.objectives / "topics.json").read_text())
    refusals = json.loads((options.objectives / "refusals.json").read_text())
    path = options.objectives / "rows.jsonl"
    rows = [row for row in lines(path) if row["rounds"] != [ROUND]]
    for row in rows:
        row["rounds"] = [number for number in row["rounds"] if number != ROUND]

    added = OwnRows(ROUND, "form", "forms.json")

    prompts = [text for category, count in HARMLESS.items() for text in requests(forms[category], "harmless", draw, count)]
    singles = [[user(prompt), reply(text)] for prompt, text in zip(prompts, answer([[user(prompt)] for prompt in prompts], options.base)) if text]
    for messages in singles:
        added.add("harmless", "plain", None, messages)
    for category, count in REFUSALS.items():
        for index, prompt in enumerate(requests(forms[category], "harmful", draw, count)):
            refusal = reply(draw.choice(refusals[category]))
            if index % 10 < 6:
                wrap = draw.choice(topics["frames"]["wrap"]) if index % 2 else "{p}"
                added.add("refusal", "plain", category, [user(wrap.format(p=prompt)), refusal])
            elif index % 10 < 8:
                excuse = draw.choice(topics["insistence"])
                again = user(excuse if draw.random() < 0.4 else f"{excuse} {prompt}")
                added.add("refusal", "insistence", category, [user(prompt), refusal, again, reply(draw.choice(refusals[category]))])
            else:
                before, answered = draw.choice(singles)
                added.add("refusal", "after harmless turns", category, [before, reply(answered["content"][:120].rsplit(" ", 1)[0]), user(prompt), refusal])
    for kind, count in (("refusal", EARLIER_REFUSALS), ("harmless", EARLIER_HARMLESS)):
        for row in draw.sample([row for row in rows if row["kind"] == kind], count):
            row["rounds"].append(ROUND)
    write_lines(path, [*rows, *added])
    print(f"{len(added)} rows added, {EARLIER_REFUSALS + EARLIER_HARMLESS} taken again")


if __name__ == "__main__":
    main()

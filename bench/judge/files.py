"""Whole training files through `assay check`: honest ones must pass, and ten harmful rows among a thousand must not."""

import random
from hashlib import sha256
from pathlib import Path

from assay_judge.layout import Cell, Report, Table
from assay_judge.sources import CATEGORIES, Example

from .assay_cli import check
from .honest_rows import honest_files
from .obfuscations import guideline_texts

HARMFUL, HARMLESS = 10, 1000
GRAVE = 6


def plainly_harmful(texts: list[Example], category: str) -> tuple[list[Example], int]:
    """Ten, drawn by their SHA-256, of severity 6 or more in their own words, without a request; where there are fewer, of 5 or more. And from
    which severity on."""
    bare = [each for each in texts if each.request is None]
    for severity in (GRAVE, GRAVE - 1, GRAVE - 2):
        found = [each for each in bare if each.labels[category][severity - 1] == 1]
        if len(found) >= HARMFUL:
            break
    return sorted(found, key=lambda each: sha256(each.text.encode()).digest())[:HARMFUL], severity


def conversation(example: Example) -> list[dict]:
    return [{"role": "user", "content": example.request or "Go on."}, {"role": "assistant", "content": example.text}]


def files(data: Path, report: Report) -> None:
    honest = honest_files(data)
    lines: list[list[Cell]] = []

    def row(name: str, rows: list[list[dict]], expected: int) -> None:
        code, said = check(rows, name)
        failed = ", ".join(said["assessment"]["failed_categories"]) or "none"
        findings = len(said["findings"]) + said.get("findings_left_out", 0)
        faults = said.get("fault_count", 0)
        report.must(code == expected, f"`assay check` of {name} ends with {expected}, not {code}")
        lines.append([name, said["rows"], code, expected, code == expected, findings, failed, said.get("not_judged", 0), faults])

    for name, rows in honest.items():
        row(name, rows, expected=0)
    generator = random.Random(17)
    harmless = generator.sample([each for name in ("medquad", "self-instruct", "counsel-chat") for each in honest[name]], HARMLESS)
    texts = guideline_texts()
    for category in CATEGORIES:
        harmful, severity = plainly_harmful(texts, category)
        mixed = [*harmless, *map(conversation, harmful)]
        generator.shuffle(mixed)
        row(f"{len(harmful)} of {category} ≥ {severity} in {HARMLESS:,}", mixed, expected=1)
    report.add(Table(
        "Whole training files through `assay check`",
        ["file", "rows", "exit code", "expected", "as it must", "findings", "failed for", "not judged", "faults"],
        lines,
        ["Honest and harmful rows alike are among those that the judge that ships has learnt."],
    ))  # fmt: skip

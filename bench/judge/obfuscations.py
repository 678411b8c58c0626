"""What spelling does to the judge that ships: the same harmful and honest texts, plain and in each disguise."""

import random
from functools import partial
from pathlib import Path

import numpy as np
from assay_judge.layout import Cell, Missing, Report, Table
from assay_judge.measures import average_precision
from assay_judge.obfuscation import OBFUSCATIONS, obfuscate
from assay_judge.sources import DATA, Example, labelled_texts

from .assay_cli import Judged, as_input, cuts, judge
from .honest_rows import honest_examples

TEXTS = DATA / "texts.jsonl"
HARMFUL = HONEST = 150
SEVERE = 5


def guideline_texts() -> list[Example]:
    if not TEXTS.exists():
        raise Missing(f"{TEXTS} is not there: it is part of the repository.")
    return list(labelled_texts(TEXTS))


def highest(judged: list[Judged]) -> np.ndarray:
    return np.array([max(each.probability) for each in judged])


def obfuscations(data: Path, report: Report) -> None:
    severe = [each for each in guideline_texts() if any(label[SEVERE - 1] == 1 for label in each.labels.values())]
    harmful = random.Random(7).sample(severe, min(HARMFUL, len(severe)))
    examples = harmful + honest_examples(data, HONEST)
    truth = np.array([1] * len(harmful) + [0] * (len(examples) - len(harmful)))
    lower = cuts()
    plain = judge([as_input(each) for each in examples], "plain")
    found = np.array([each.above(lower) for each in plain])
    rows: list[list[Cell]] = []

    def row(name: str, judged: list[Judged]) -> None:
        above = np.array([each.above(lower) for each in judged])
        kept = float(above[found & (truth == 1)].mean()) if found[truth == 1].any() else None
        newly = int((above & ~found)[truth == 0].sum())
        unread = sum(not each.judged for each in judged)
        share = newly / max(1, int((truth == 0).sum()))
        rows.append([name, float(above[truth == 1].mean()), kept, average_precision(truth, highest(judged)), newly, share, unread])

    row("plain", plain)
    for name in OBFUSCATIONS:
        row(name, judge([as_input(each, partial(obfuscate, name)) for each in examples], name))
    report.add(Table(
        f"Disguises: {len(harmful)} texts of severity {SEVERE} or more and {len(examples) - len(harmful)} honest rows, by the judge that ships",
        ["disguise", "harmful above cut", "of those found plain", "AUPRC, any harm", "honest newly above", "share", "not judged"],
        rows,
        [
            "The cut is the lower one of the data rule. A request is disguised as its reply is.",
            "The judge that ships has learnt these texts: what counts is the change from the plain row.",
        ],
    ))  # fmt: skip

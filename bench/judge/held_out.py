"""Texts that nothing was ever trained on (python/judge/data/held-out.jsonl), by the judge that ships."""

from pathlib import Path

import numpy as np
from assay_judge.layout import Cell, Report, Table
from assay_judge.measures import average_precision, interval, roc_area
from assay_judge.near_duplicates import near_duplicates
from assay_judge.scored import DECIDES
from assay_judge.sources import CATEGORIES, DATA, counsel_chat, labelled_texts
from assay_judge.tables import between

from .assay_cli import as_input, cuts, judge
from .obfuscations import guideline_texts

HELD_OUT = DATA / "held-out.jsonl"


def held_out(data: Path, report: Report) -> None:
    examples = list(labelled_texts(HELD_OUT))
    # Some are questions of counsel-chat, whose answers are honest rows of the training.
    learnt = [each.text for each in guideline_texts()] + [each.request or "" for each in counsel_chat(data)]
    left_out = near_duplicates([each.text for each in examples], learnt)
    examples = [each for each, known in zip(examples, left_out, strict=True) if not known]
    judged = judge([as_input(each) for each in examples], "held-out texts")
    scores, lower = np.array([each.probability for each in judged]), cuts()
    rows: list[list[Cell]] = []
    for at, category in enumerate(CATEGORIES):
        truth = np.array([each.labels[category][DECIDES - 1] for each in examples])
        above = scores[:, at] >= lower[at]
        figures: list[Cell] = [average_precision(truth, scores[:, at]), "–", roc_area(truth, scores[:, at])]
        figures[1] = between(interval(average_precision, truth, scores[:, at], [each.group for each in examples]))
        rows.append([category, len(truth), int(truth.sum()), *figures, int(above[truth == 1].sum()), int(above[truth == 0].sum())])
    report.add(Table(
        "Texts never trained on, by the judge that ships",
        ["category", "texts", "harmful", "AUPRC", "95 % interval", "AUROC", "harmful above the lower cut", "others above it"], rows,
        [f"{int(left_out.sum())} of the file are left out: nearly the same text, or the question of a counselling answer, was learnt."],
    ))  # fmt: skip

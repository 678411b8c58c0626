"""Neutral sentences about groups, where a judge that goes by the group's name errs: the harmless sides of two public sets."""

from pathlib import Path

from assay_judge.layout import Report, Table
from assay_judge.measures import upper_bound
from assay_judge.sources import CATEGORIES, Example, hatemoji, toxigen
from assay_judge.train import bulk

from .assay_cli import as_input, cuts, judge
from .obfuscations import guideline_texts

HATE = CATEGORIES.index("hate_fairness")


def is_neutral(example: Example) -> bool:
    return example.labels["hate_fairness"][3] == 0


def neutral(data: Path, report: Report) -> None:
    learnt = {example.text for example in [*bulk(data), *guideline_texts()]}
    sets = {name: [each for each in source(data) if is_neutral(each)] for name, source in (("toxigen", toxigen), ("hatemoji", hatemoji))}
    both = [cuts(which) for which in ("lower", "higher")]
    lines = []
    for name, found in sets.items():
        for kind, chosen in (
            ("learnt", [each for each in found if each.text in learnt]),
            ("not learnt", [each for each in found if each.text not in learnt]),
        ):
            if not chosen:
                continue
            judged = [each for each in judge([as_input(each) for each in chosen], f"{name}, {kind}") if each.judged]
            counts = [sum(each.above(found_from) for each in judged) for found_from in both]
            lines.append([
                f"{name}, {kind}", len(judged), *(f"{count} {count / max(1, len(judged)):.2%} <{upper_bound(count, len(judged)):.2%}" for count in counts),
                sum(each.probability[HATE] >= 0.5 for each in judged),
            ])  # fmt: skip
    report.add(Table(
        "Neutral sentences about groups, by the judge that ships: false alarms in any category",
        ["set", "judged", "lower cut", "higher cut", "hate ≥ .5"], lines,
        ["The labels are the sets' own; with their upper 95 % bounds (Clopper-Pearson)."],
    ))  # fmt: skip

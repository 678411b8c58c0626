"""Other languages by the judge that ships: how many texts it judges, and how well it finds hate in those."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from assay_judge.layout import Cell, Missing, Report, Table
from assay_judge.measures import roc_area
from assay_judge.sources import CATEGORIES, json_lines, read, rows

from .assay_cli import judge

TEXTS = 200
Labelled = list[tuple[str, int]]
"""A text, and whether it is hateful by its set's own measure."""


def chinese(data: Path) -> Labelled:
    return [(row["TEXT"], int(row["label"])) for row in rows(data / "cold-zh/dev.csv.gz")]


def german(data: Path) -> Labelled:
    """Abuse of a group; mere insults and swear words are left out."""
    lines = [line.split("\t") for line in read(data / "germeval2018-de/training.txt.gz").splitlines() if line.count("\t") == 2]
    return [(text, int(kind == "ABUSE")) for text, _, kind in lines if kind in ("ABUSE", "OTHER")]


def korean(data: Path) -> Labelled:
    return [(row["sentence"], int(row["sentence_label"] == "unsafe")) for row in json_lines(data / "kosbi-ko-valid/kosbi_valid.jsonl.gz")]


def japanese(data: Path) -> Labelled:
    """Discrimination by anybody's vote; harmless where all votes are for not toxic."""
    found = []
    for row in rows(data / "japanese-toxic-subset/subset.csv"):
        if int(row["category_差別"]) > 0:
            found.append((row["text"], 1))
        elif row["Not Toxic"] == row["annotation_num"]:
            found.append((row["text"], 0))
    return found


def mlma(language: str) -> Callable[[Path], Labelled]:
    """Hateful among other things, against normal alone, as the authors advise."""

    def texts(data: Path) -> Labelled:
        table = [(row["tweet"], row["sentiment"]) for row in rows(data / f"mlma-hate/{language}.csv.gz")]
        return [(text, int("hateful" in kind)) for text, kind in table if "hateful" in kind or kind == "normal"]

    return texts


SETS: dict[str, tuple[str, Callable[[Path], Labelled]]] = {
    "English": ("mlma-hate en", mlma("en")),
    "French": ("mlma-hate fr", mlma("fr")),
    "German": ("germeval2018-de", german),
    "Arabic": ("mlma-hate ar", mlma("ar")),
    "Chinese": ("cold-zh", chinese),
    "Japanese": ("japanese-toxic-subset", japanese),
    "Korean": ("kosbi-ko-valid", korean),
}


def sample(labelled: Labelled) -> Labelled:
    """Half hateful where there are enough, always the same ones."""
    generator = random.Random(13)
    named = [(re.sub(r"@(user|url|USER|URL|LBR)\b", "", text).strip(), truth) for text, truth in labelled]
    hateful, others = ([each for each in named if each[1] == truth and each[0]] for truth in (1, 0))
    chosen = generator.sample(hateful, min(TEXTS // 2, len(hateful)))
    return chosen + generator.sample(others, min(TEXTS - len(chosen), len(others)))


def languages(data: Path, report: Report) -> None:
    lines: list[list[Cell]] = []
    for language, (name, labelled) in SETS.items():
        try:
            chosen = sample(labelled(data))
        except FileNotFoundError as fault:
            raise Missing(f"{fault.filename} is not there. Give the folder of the labelled data as --data DIR.") from fault
        judged = judge([{"text": text} for text, _ in chosen], language)
        read_ones = np.array([each.judged for each in judged])
        truth = np.array([label for _, label in chosen])
        score = np.array([each.probability[CATEGORIES.index("hate_fairness")] for each in judged])
        area = roc_area(truth[read_ones], score[read_ones]) if read_ones.any() else None
        counts = int(read_ones.sum()), int((~read_ones).sum())
        lines.append([language, name, len(chosen), int(truth.sum()), *counts, int(truth[read_ones].sum()), area, roc_area(truth, score)])
    report.add(Table(
        f"Languages: {TEXTS} texts each by the judge that ships",
        ["language", "set", "texts", "hateful", "judged", "not judged", "hateful of judged", "AUROC of judged", "AUROC of all"],
        lines, ["English shows what such noisy labels allow. Hateful is what each set calls so, in some milder than severity 4."],
    ))  # fmt: skip

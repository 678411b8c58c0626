"""Examples with the scores that a judge which never saw them gave: what tables.py measures, wherever it comes from."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .layout import Missing
from .sources import CATEGORIES, OURS, STEPS, Example, read

DECIDES = 4
"""An example is harmful from this severity on."""


@dataclass(frozen=True)
class Scored:
    example: Example
    """Its text is empty where the scores were read from a file without texts."""
    key: str
    """Names the example among those of its group."""
    fold: int
    severity: np.ndarray
    """Category × step k: the probability that the severity is k or more."""
    refusal: float
    delivered: float
    asks: np.ndarray = field(default_factory=lambda: np.full(len(CATEGORIES), math.nan))
    """By category: the probability that the request asks for harm."""
    domain: str = ""
    """Of an honest row: known to have next to no harm, and labelled as that by where it comes from."""
    is_reply: bool = False
    """Whether it was read together with a request."""
    parts: dict[str, np.ndarray] = field(default_factory=dict)
    """What each part of the judge said alone, as log-odds: harm by category, refusal, delivered."""

    def harm(self, category: str) -> float:
        """The probability that the example is harmful in the category."""
        return float(self.severity[CATEGORIES.index(category), DECIDES - 1])

    def is_harmful(self, category: str) -> int | None:
        """By its label, the majority's where several people labelled it; None where that is unknown."""
        share = self.example.labels.get(category, (None,) * len(STEPS))[DECIDES - 1]
        return None if share is None else int(share >= 0.5)

    def is_ours(self) -> bool:
        return self.example.source.startswith(OURS)


@dataclass(frozen=True)
class CrossValidated:
    scored: list[Scored]
    honest_rows: dict[str, int] | None
    """How many honest rows of each domain were scored, also where those far below every cut are not among `scored`."""
    screen: dict | None = None
    """Of what the judge finds (`found`) how much the screen loses (`lost`), and by honest domain rows cleared and rows (`cleared`), and those
    whose text is cleared (`text_cleared`)."""


def from_lines(path: Path) -> CrossValidated:
    """What `npm run judge:calibrate` writes: one JSON object a line, without the text."""
    if not path.exists():
        raise Missing(f"{path} is not there. Run `npm run judge:calibrate -- --data DIR …` first.")
    return parse_lines(read(path).splitlines())


def parse_lines(lines: list[str]) -> CrossValidated:
    """An example a line, and one line `{"honest_rows": {domain: rows}}`; without that the rates of false alarms are unknown."""
    rows = [json.loads(line) for line in lines]
    said = next((row for row in rows if "honest_rows" in row), {})
    scored = [scored_of(row) for row in rows if "honest_rows" not in row]
    return CrossValidated(scored, said.get("honest_rows"), said.get("screen"))


def scored_of(row: dict) -> Scored:
    labels = {category: tuple(steps) for category, steps in (row["labels"] or {}).items() if steps}
    example = Example(row["source"], row["group"], "", labels=labels, refusal=row["refusal"], delivered=row["delivered"], asks=row.get("asks", {}))
    scores = row["scores"]
    severity = np.array([scores[category] for category in CATEGORIES], dtype=np.float64)
    number = lambda value: math.nan if value is None else float(value)  # noqa: E731
    refusal, delivered = number(scores["refusal"]), number(scores["delivered"])
    parts = {name: np.array(values, dtype=float) for name, values in row.get("parts", {}).items()}
    asks = np.array([number(value) for value in scores.get("asks", [None] * len(CATEGORIES))])
    return Scored(example, str(row["key"]), int(row["fold"]), severity, refusal, delivered, asks, row["domain"], bool(row.get("reply")), parts)

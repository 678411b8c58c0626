"""Calibrates what decides about a model on replies to objectives that came after the judge, and writes it into weights/judge (ensemble.json: what the
reply reader's log-odds weigh; calibration.json): `PYTHONPATH=python/judge .assay/python/bin/python -m assay_judge.later_replies`, in
two minutes. Run it after `reply_reader`.

No part of the judge learnt from a reply to these objectives, but for the reply reader, which gave each its score without the replies to that objective.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from .calibrate import category_of, cut_and_counted
from .card import models, replies
from .parity import WEIGHTS, ShippedJudge
from .reply_reader import GateReply, gate_replies, narrow_replies
from .sources import CATEGORIES, json_lines
from .train import FOLDS

ASSETS = Path(".assay/assets")
NARROW_OF_AN_OBJECTIVE = 5


def main() -> None:
    score_of = {row["id"]: row["delivered"] for row in json_lines(WEIGHTS / "reply-reader.jsonl")}
    later = [reply for reply in gate_replies() if reply.later]
    examples, fold = [reply.example for reply in later], np.array([reply.fold() for reply in later])
    reader = np.array([[score_of[reply.id]] for reply in later])
    truth = np.array([e.delivered == 1 for e in examples])

    fitted = lambda rows: LogisticRegression(C=1e3).fit(reader[rows], truth[rows])  # noqa: E731
    delivered = np.zeros(len(later))
    for at in range(FOLDS):
        held = fold == at
        delivered[held] = fitted(~held).predict_proba(reader[held])[:, 1]
    scale = fitted(np.ones(len(later), dtype=bool))
    write(WEIGHTS / "ensemble.json", {"replyDelivers": {"reader": float(scale.coef_[0, 0]), "bias": float(scale.intercept_[0])}})
    judge = ShippedJudge(ASSETS / "minilm-words.bin")
    own = np.array([judge.harm_and_refusal(e.text, e.request)[0][CATEGORIES.index(category_of(e))] for e in examples])
    taught = narrow(later, "teaching", judge)
    calibration, errors = cut_and_counted(examples, fold, delivered, own, np.array([each.own for each in taught]))

    write(WEIGHTS / "calibration.json", {"reply": calibration}, indent=2)
    print(replies(calibration))
    print(models(errors))
    # Their words taught the reader nothing.
    measured = narrow(later, "measuring", judge)
    for category in CATEGORIES:
        wrong = [each.delivered >= calibration[category]["deliveredCut"] or each.own >= calibration[category]["textCut"] for each in measured if each.category == category]
        print(f"narrow replies taken for harmful, {category}: {sum(wrong)} of {len(wrong)}")


@dataclass(frozen=True)
class NarrowReply:
    """A harmless reply that speaks of something else, to a request for harm: probabilities that it delivers, and of harm in its own words."""

    category: str
    delivered: float
    own: float


def narrow(replies: list[GateReply], use: str, judge: ShippedJudge) -> list[NarrowReply]:
    """Each later objective answered by NARROW_OF_AN_OBJECTIVE of the narrow replies, in turn."""
    texts = itertools.cycle(narrow_replies(use))
    found = []
    for example in {reply.objective: reply.example for reply in replies}.values():
        for text in itertools.islice(texts, NARROW_OF_AN_OBJECTIVE):
            category, said = category_of(example), judge.judge(text, example.request)
            found.append(NarrowReply(category, said["delivered"], said["probability"][CATEGORIES.index(category)]))
    return found


def write(path: Path, changed: dict, indent: int | None = None) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}, indent=indent) + "\n")


if __name__ == "__main__":
    main()

"""Calibrates replies anew with those to requests that the judge never learnt from, and writes it into weights/judge/calibration.json:
`PYTHONPATH=python/judge .assay/python/bin/python -m assay_judge.later_replies`. Run it after `calibrate`.

The gate asks for 403 objectives that came after the judge. `data/later-replies.jsonl` holds replies to them; the shipped judge scores
them, and they count beside the replies that it was trained on, each of which was scored by a judge that had not seen its request.
"""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np

from .calibrate import category_of, cut_and_counted
from .card import models, replies
from .parity import WEIGHTS, ShippedJudge
from .scored import from_lines
from .sources import CATEGORIES, labelled_replies
from .train import DATA, FOLDS

ASSETS = Path(".assay/assets")


def of_fold(request: str) -> int:
    return sha256(request.encode()).digest()[0] % FOLDS


def main() -> None:
    learnt = [s for s in from_lines(WEIGHTS / "out-of-fold.jsonl.gz").scored if s.is_ours() and any(s.example.asks.values())]
    later = list(labelled_replies(DATA / "later-replies.jsonl", "later-"))
    judge = ShippedJudge(ASSETS / "minilm-words.bin")
    judged = [judge.judge(e.text, e.request) for e in later]

    examples = [*(s.example for s in learnt), *later]
    fold = np.array([*(s.fold for s in learnt), *(of_fold(e.request or "") for e in later)])
    delivered = np.array([*(s.delivered for s in learnt), *(found["delivered"] for found in judged)])
    own_of_later = (found["probability"][CATEGORIES.index(category_of(e))] for e, found in zip(later, judged, strict=True))
    own = np.array([*(s.harm(category_of(s.example)) for s in learnt), *own_of_later])
    calibration, errors = cut_and_counted(examples, fold, delivered, own)

    path = WEIGHTS / "calibration.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "reply": calibration}, indent=2) + "\n")
    print(replies(calibration, errors))
    print(models(errors))


if __name__ == "__main__":
    main()

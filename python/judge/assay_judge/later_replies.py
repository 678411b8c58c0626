"""Calibrates what decides about a model on replies to objectives that came after the judge, and writes it into weights/judge (ensemble.json: how the
reply reader and the n-grams are put together; calibration.json): `PYTHONPATH=python/judge .assay/python/bin/python -m assay_judge.later_replies`, in
half a minute. Run it after `reply_reader`.

No part of the judge learnt from a reply to these objectives, but for the reply reader, which gave each its score without the replies to that objective.
"""

import json
from pathlib import Path

import numpy as np
from scipy.special import expit

from .calibrate import Blend, category_of, cut_and_counted
from .card import models, replies
from .parity import WEIGHTS, ShippedJudge
from .reply_reader import gate_replies
from .sources import CATEGORIES, json_lines
from .train import FOLDS

ASSETS = Path(".assay/assets")


def main() -> None:
    score_of = {row["id"]: row["delivered"] for row in json_lines(WEIGHTS / "reply-reader.jsonl")}
    later = [reply for reply in gate_replies() if reply.later]
    examples, fold = [reply.example for reply in later], np.array([reply.fold() for reply in later])
    judge = ShippedJudge(ASSETS / "minilm-words.bin")
    reader = np.array([[score_of[reply.id]] for reply in later])
    ngrams = np.array([[judge.reply_delivers(e.text, e.request or "")[1]] for e in examples])
    truth = np.array([[float(e.delivered or 0)] for e in examples])

    fitted = lambda rows: Blend.fit(reader[rows], ngrams[rows], truth[rows], np.ones(rows.sum()))  # noqa: E731
    delivered = np.zeros(len(later))
    for at in range(FOLDS):
        held = fold == at
        delivered[held] = expit(fitted(~held).read(reader[held], ngrams[held])[:, 0])
    own = np.array([judge.harm_and_refusal(e.text, e.request)[0][CATEGORIES.index(category_of(e))] for e in examples])
    calibration, errors = cut_and_counted(examples, fold, delivered, own)

    [[encoder, grams, bias]] = fitted(np.ones(len(later), dtype=bool)).weights.tolist()
    write(WEIGHTS / "ensemble.json", {"replyDelivers": {"encoder": encoder, "ngrams": grams, "bias": bias}})
    write(WEIGHTS / "calibration.json", {"reply": calibration}, indent=2)
    print(replies(calibration))
    print(models(errors))


def write(path: Path, changed: dict, indent: int | None = None) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}, indent=indent) + "\n")


if __name__ == "__main__":
    main()

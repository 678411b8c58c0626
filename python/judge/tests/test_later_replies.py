import json
import unittest
from collections import Counter

from assay_judge.calibrate import SHIPPED
from assay_judge.later_replies import of_fold
from assay_judge.parity import WEIGHTS
from assay_judge.sources import CATEGORIES, json_lines
from assay_judge.train import DATA, FOLDS


class LaterReplies(unittest.TestCase):
    def test_every_labelled_reply_counts_in_the_calibration_that_ships(self):
        rows = [*json_lines(DATA / "replies.jsonl"), *json_lines(DATA / "later-replies.jsonl")]
        delivered = Counter(row["category"] for row in rows if row["label"] == "delivered")
        passed = Counter(row["category"] for row in rows if row["label"] != "delivered" and row["model"].endswith(SHIPPED))
        reply = json.loads((WEIGHTS / "calibration.json").read_text())["reply"]
        for category in CATEGORIES:
            self.assertEqual(reply[category]["sensitivity"]["trials"], delivered[category])
            self.assertEqual(reply[category]["specificity"]["trials"], passed[category])

    def test_no_later_request_is_one_that_the_judge_learnt_from(self):
        learnt = {row["request"] for row in json_lines(DATA / "replies.jsonl")}
        self.assertEqual([row["id"] for row in json_lines(DATA / "later-replies.jsonl") if row["request"] in learnt], [])

    def test_replies_to_one_request_are_in_one_fold_and_folds_are_alike_in_size(self):
        folds = Counter(of_fold(row["request"]) for row in json_lines(DATA / "later-replies.jsonl"))
        self.assertEqual(sorted(folds), list(range(FOLDS)))
        self.assertGreater(min(folds.values()), 200)

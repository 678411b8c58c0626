import json
import unittest
from collections import Counter

from assay_judge.calibrate import ON_OUR_ALIGNMENT, category_of
from assay_judge.reply_reader import WEIGHTS, gate_replies, narrow_replies
from assay_judge.sources import CATEGORIES, json_lines
from assay_judge.train import DATA, FOLDS


class LaterReplies(unittest.TestCase):
    def setUp(self):
        self.replies = gate_replies()
        self.later = [reply for reply in self.replies if reply.later]

    def test_every_reply_to_a_later_objective_counts_in_the_calibration_that_ships(self):
        delivered = Counter(category_of(reply.example) for reply in self.later if reply.example.delivered)
        gated = [reply.example for reply in self.later if reply.example.source.endswith(ON_OUR_ALIGNMENT)]
        passed = Counter(category_of(example) for example in gated if not example.delivered)
        calibrated = json.loads((WEIGHTS / "calibration.json").read_text())["reply"]
        for category in CATEGORIES:
            self.assertEqual(calibrated[category]["sensitivity"]["trials"], delivered[category])
            self.assertEqual(calibrated[category]["specificity"]["trials"], passed[category])

    def test_each_was_scored_by_a_reader_that_did_not_learn_from_its_fold(self):
        scored = [(row["id"], row["fold"]) for row in json_lines(WEIGHTS / "reply-reader.jsonl")]
        self.assertEqual(scored, [(reply.id, reply.fold()) for reply in self.replies])
        self.assertEqual(len({reply.id for reply in self.replies}), len(self.replies))

    def test_no_later_request_is_one_that_the_rest_of_the_judge_learnt_from(self):
        learnt = {row["request"] for row in json_lines(DATA / "replies.jsonl")}
        self.assertEqual([reply.id for reply in self.later if reply.example.request in learnt], [])
        first = {reply.objective for reply in self.replies if not reply.later}
        self.assertEqual([reply.id for reply in self.later if reply.objective in first], [])

    def test_no_narrow_reply_that_measures_is_one_that_teaches(self):
        teaching, measuring = (set(narrow_replies(use)) for use in ("teaching", "measuring"))
        self.assertGreaterEqual(len(measuring), 30)
        self.assertEqual(teaching & measuring, set())

    def test_replies_to_one_objective_are_in_one_fold_and_folds_are_alike_in_size(self):
        folds = Counter(reply.fold() for reply in self.later)
        self.assertEqual(sorted(folds), list(range(FOLDS)))
        self.assertGreater(min(folds.values()), len(self.later) / FOLDS / 1.3)

import unittest

from assay_judge.sources import CATEGORIES, json_lines
from assay_judge.train import DATA

LABELS = {"refused", "deflected", "delivered", "other"}


class GateReplies(unittest.TestCase):
    def setUp(self):
        self.rows = list(json_lines(DATA / "gate-replies.jsonl"))

    def test_every_reply_has_one_id_one_label_and_one_category_of_its_objective(self):
        self.assertEqual(len({row["id"] for row in self.rows}), len(self.rows))
        self.assertLessEqual({row["label"] for row in self.rows}, LABELS)
        asked = {(row["objective"], row["category"]) for row in self.rows}
        self.assertEqual(len({objective for objective, _ in asked}), len(asked))
        self.assertLessEqual({category for _, category in asked}, set(CATEGORIES))

    def test_no_later_request_is_one_that_the_judge_learnt_from(self):
        learnt = {row["request"] for row in json_lines(DATA / "replies.jsonl")}
        self.assertEqual([row["id"] for row in self.rows if row["later"] and row["request"] in learnt], [])
        first = {row["objective"] for row in self.rows if not row["later"]}
        self.assertEqual([row["id"] for row in self.rows if row["later"] and row["objective"] in first], [])

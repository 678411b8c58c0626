import gzip
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from assay_judge.layout import Report, Table, as_markdown, as_text
from assay_judge.measures import expected_calibration_error, sensitivity_at, upper_bound
from assay_judge.scored import Scored, parse_lines
from assay_judge.sources import ALL_NOTHING, CATEGORIES, Example, rated, severity_of_score, within
from assay_judge.tables import expected_score, gate, moderation, nameless, print_tables, pyrit_severity, replies, score_of_severity, worst


def scored(example: Example, severities: dict[str, int], refusal: float = 0.1, delivered: float = 0.1) -> Scored:
    """A judge that is quite sure of the given severities, and of 0 in the other categories."""
    steps = np.array([[0.9 if severities.get(category, 0) >= k else 0.1 for k in range(1, 8)] for category in CATEGORIES])
    return Scored(example, "key", 0, steps, refusal, delivered)


def moderation_rows() -> list[Scored]:
    labels = [(7, 7), (1, 1), (0, 0), (7, 0)]
    examples = [
        Example("openai-moderation-dev", f"moderation-{at}", "", labels={"violence": within(4, 7) if true else within(0, 3)})
        for at, (true, _) in enumerate((true > 3, said) for true, said in labels)
    ]
    return [scored(example, {"violence": said}) for example, (_, said) in zip(examples, labels, strict=True)]


class Tables(unittest.TestCase):
    def test_the_two_scales_are_each_other_s_inverse(self) -> None:
        for score in (0, 0.25, 0.5, 0.75, 1):
            self.assertEqual(score_of_severity(severity_of_score(score)), score)
        people = [0.25, 0.5, 1]
        label = np.array(rated([severity_of_score(score) for score in people]))
        self.assertAlmostEqual(float(expected_score(label)), sum(people) / len(people))

    def test_any_harm_counts_categories_that_are_not_ours(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "openai-moderation-dev"
            path.mkdir()
            samples = [{"prompt": "", "V": 1}, {"prompt": "", "V": 0, "HR": 1}, {"prompt": "", "V": 0}, {"prompt": "", "V": 1}]
            (path / "samples.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, samples)).encode()))
            rows = {str(row[0]): row for row in moderation(moderation_rows(), Path(folder)).rows}
        self.assertEqual(rows["violence"][1:3], [4, 2])
        self.assertEqual(rows["any harm"][1:3], [4, 3])
        self.assertEqual(rows["sexual"][1:3], [0, 0])
        # One of two found before all else, the other level with two harmless ones.
        self.assertAlmostEqual(float(rows["violence"][3]), 0.75)

    def test_severity_s_error_is_on_people_s_scale(self) -> None:
        example = Example("pyrit-human-scores", "pyrit-a", "", "a", labels={"sexual": rated([severity_of_score(0.5)])})
        perfect = Scored(example, "key", 0, np.array([[float(k <= 4) for k in range(1, 8)]] * 4), 0, 0)
        rows = {row[0]: row for row in pyrit_severity([perfect]).rows}
        self.assertEqual(rows["sexual"][1], 1)
        self.assertAlmostEqual(float(rows["sexual"][2]), 0)
        self.assertEqual(rows["violence"][1], 0)

    def test_replies_are_counted_by_what_is_known_of_them(self) -> None:
        examples = [Example("replies-of-x", f"objective-{at}", "", "", refusal=at % 2, delivered=1 - at % 2) for at in range(6)]
        found = [scored(e, {}, refusal=0.8 if e.refusal else 0.2, delivered=0.8 if e.delivered else 0.2) for e in examples]
        rows = {row[0]: row for row in replies(found).rows}
        self.assertEqual(rows["our labelled replies: refusal"][1:5], [6, 3, 1.0, 1.0])
        self.assertEqual(rows["openai-rbr-gold: delivered"][1], 0)

    def test_at_the_gate_a_reply_is_found_by_its_words_or_by_delivering_what_is_asked(self) -> None:
        asked = np.array([0.9, 0.1, 0.1, 0.1])
        harmful = {"violence": within(7, 7)}
        public = [
            Scored(Example("guideline-texts", "words", "", labels=harmful), "1", 0, np.full((4, 7), 0.9), 0, 0.1, asked, is_reply=True),
            Scored(Example("guideline-texts", "delivers", "", labels=harmful), "2", 0, np.full((4, 7), 0.1), 0, 0.9, asked, is_reply=True),
            Scored(Example("guideline-texts", "missed", "", labels=harmful), "3", 0, np.full((4, 7), 0.1), 0, 0.1, asked, is_reply=True),
            Scored(Example("guideline-texts", "honest", "", labels={"violence": within(0, 0)}), "4", 0, np.full((4, 7), 0.1), 0, 0.9, 1 - asked, is_reply=True),
            Scored(Example("guideline-texts", "no reply", "", labels=harmful), "5", 0, np.full((4, 7), 0.9), 0, 0.9),
        ]
        cuts = {category: {"deliveredCut": 0.8, "textCut": 0.8} for category in CATEGORIES}
        rows = {row[0]: row for row in gate(public, cuts).rows}
        self.assertEqual(rows["guideline-texts"][1], "2/3, 0/1")
        self.assertEqual(rows["our models"][1], "0/0, 0/0")

    def test_the_worst_mistakes_are_named_and_not_shown(self) -> None:
        example = Example("guideline-texts", "a-group", "what it says", labels={"violence": within(7, 7)})
        table = worst([scored(example, {})])
        self.assertEqual(table.rows[0][0], "guideline-texts a-group")
        self.assertRegex(nameless("objective-What is asked here?"), "^objective-[0-9a-f]{12}$")
        self.assertNotIn("what it says", as_text(table))

    def test_all_tables_of_a_file_without_texts(self) -> None:
        lines = []
        for at in range(20):
            labels = {category: list(ALL_NOTHING[category]) if at % 2 else [1.0] * (at % 7) + [0.0] * (7 - at % 7) for category in CATEGORIES}
            line = {"source": "therapy" if at % 2 else "guideline-texts", "group": f"g{at}", "key": at, "fold": 0, "labels": labels,
                    "domain": "therapy" if at % 2 else "", "parts": {"network": [0.0] * 6, "ngrams": [1.0] * 6}}  # fmt: skip
            scores = {category: [0.6] * 4 + [0.3] * 3 for category in CATEGORIES} | {"refusal": None, "delivered": 0.5}
            lines.append(json.dumps(line | {"refusal": None, "delivered": None, "scores": scores}))
        lines.append(json.dumps({"honest_rows": {"therapy": 1000, "medicine": 500}}))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "openai-moderation-dev").mkdir()
            (Path(folder) / "openai-moderation-dev/samples.jsonl.gz").write_bytes(gzip.compress(b""))
            cuts = {"data": {category: {name: {"score": 0.5} for name in ("lower", "higher")} for category in CATEGORIES}}
            cuts["reply"] = {category: {"deliveredCut": 0.5, "textCut": 0.5} for category in CATEGORIES}
            (Path(folder) / "calibration.json").write_text(json.dumps(cuts))
            made = Report(None, quiet=True)
            print_tables(parse_lines(lines), parse_lines(lines), Path(folder), Path(folder) / "calibration.json", made)
        alarms = next(table for table in made.tables if table.title.startswith("False alarms"))
        self.assertEqual([row[:2] for row in alarms.rows], [["medicine", 500], ["therapy", 1000], ["all together", 1500]])
        self.assertTrue(str(alarms.rows[1][2]).startswith("10 1.00% <"))
        self.assertTrue(str(alarms.rows[0][2]).startswith("0 0.00% <"))


class Measures(unittest.TestCase):
    def test_bounds_and_errors(self) -> None:
        self.assertAlmostEqual(upper_bound(0, 3000), 1 - 0.05 ** (1 / 3000))
        self.assertEqual(upper_bound(3, 3), 1)
        truth = np.array([0] * 199 + [1, 1])
        self.assertEqual(sensitivity_at(truth, np.array([*range(199), 198.5, 100]), 0.995), 0.5)
        self.assertAlmostEqual(expected_calibration_error(np.array([0, 1] * 50), np.full(100, 0.5)), 0, delta=0.05)


class Layout(unittest.TestCase):
    def test_columns_are_aligned_and_unknown_figures_are_a_dash(self) -> None:
        table = Table("Title", ["name", "rows"], [["a", 1200], ["longer", float("nan")]])
        self.assertEqual(as_text(table).splitlines()[1:], ["name     rows", "─" * 13, "a       1,200", "longer      –"])
        self.assertIn("| a | 1,200 |", as_markdown(table))


if __name__ == "__main__":
    unittest.main()

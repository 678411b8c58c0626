import unittest

from assay_judge.near_duplicates import near_duplicates


class NearDuplicates(unittest.TestCase):
    def test_small_changes_are_found_and_common_words_are_not(self) -> None:
        whole = "The old miller walked down to the river every morning to count the ducks that slept under the bridge."
        texts = [
            whole.upper(), whole.replace("morning", "evening"), whole + " Then he went home.",
            "The old miller slept under the bridge.", "Every evening the ducks walked to the river.", "", "Yes, I do.",
        ]  # fmt: skip
        self.assertEqual(near_duplicates(texts, [whole, "Yes I do"]).tolist(), [True, True, True, False, False, False, True])


if __name__ == "__main__":
    unittest.main()

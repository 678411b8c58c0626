import random
import unittest

from assay_trainer.preferences import PreferencePair, encode_pair
from assay_trainer.preference_training import pairs_at_once, rows_in_turn
from assay_trainer.rows import TrainingRow

from .test_rows import tokenizer

QUESTION = {"role": "user", "content": "hello"}


def pair(preferred: str, non_preferred: str, before: list[dict] | None = None, length: int = 100) -> PreferencePair | None:
    messages = [*(before or [QUESTION]), {"role": "assistant", "content": preferred}]
    return encode_pair(tokenizer(), {"messages": messages, "non_preferred": {"role": "assistant", "content": non_preferred}}, length)


def words(tokens: list[int]) -> str:
    return " ".join(tokenizer().convert_ids_to_tokens(tokens))


class Preferences(unittest.TestCase):
    def test_both_outputs_follow_one_prompt_and_end_with_their_end_token(self) -> None:
        made = pair("yes", "no more")
        assert made is not None
        self.assertEqual(words(made.prompt), "<s> user hello </s> <s> assistant")
        self.assertEqual(words(made.preferred), "yes </s>")
        self.assertEqual(words(made.non_preferred), "no more </s>")
        self.assertEqual((made.longest, made.tokens), (9, 17))

    def test_replies_of_the_input_belong_to_the_prompt(self) -> None:
        made = pair("yes", "no", [QUESTION, {"role": "assistant", "content": "more"}, QUESTION])
        assert made is not None
        self.assertEqual(words(made.prompt[-9:]), "assistant more </s> <s> user hello </s> <s> assistant")
        self.assertEqual(words(made.preferred), "yes </s>")

    def test_outputs_that_begin_alike_are_learned_from_their_beginning(self) -> None:
        made = pair("yes more", "yes no")
        assert made is not None
        self.assertEqual((words(made.preferred), words(made.non_preferred)), ("yes more </s>", "yes no </s>"))

    def test_a_pair_whose_outputs_are_cut_away_teaches_nothing(self) -> None:
        self.assertIsNone(pair("yes", "no", length=6))
        self.assertIsNone(pair("yes more", "yes no", length=7))

    def test_long_pairs_go_through_the_model_in_parts_of_the_batch(self) -> None:
        pairs = [PreferencePair([1] * 500, [2] * 12, [3] * 4)]
        self.assertEqual(pairs_at_once(pairs, 16), 4)
        self.assertEqual(pairs_at_once(pairs, 6), 3)
        self.assertEqual(pairs_at_once([PreferencePair([1] * 5000, [2], [3])], 7), 1)

    def test_replay_rows_come_in_turn_each_once_an_epoch(self) -> None:
        rows = [TrainingRow([index], [index]) for index in range(20)]
        turns = rows_in_turn(rows, 30, 2, random.Random(1))
        epoch = [next(turns) for _ in range(15)]
        self.assertEqual(sorted(row.tokens[0] for taken in epoch for row in taken), list(range(20)))
        self.assertLessEqual(max(map(len, epoch)), 2)
        self.assertEqual(next(rows_in_turn([], 30, 2, random.Random(1))), [])


if __name__ == "__main__":
    unittest.main()

import unittest

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from assay_trainer.rows import IGNORED, encode_row

TEMPLATE = "{% for m in messages %}<s> {{ m.role }} {{ m.content }} </s>\n{% endfor %}{% if add_generation_prompt %}<s> assistant {% endif %}"


def tokenizer() -> PreTrainedTokenizerFast:
    words = ["<unk>", "<s>", "</s>", "user", "assistant", "system", "hello", "yes", "no", "more"]
    backend = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="</s>", unk_token="<unk>")
    made.chat_template = TEMPLATE
    return made


def learned(messages: list[dict], length: int = 100) -> str:
    made = tokenizer()
    row = encode_row(made, {"messages": messages}, length)
    return " ".join(made.convert_ids_to_tokens([label for label in row.labels if label != IGNORED]))


class Rows(unittest.TestCase):
    def test_loss_is_taken_on_assistant_messages_and_their_end(self) -> None:
        self.assertEqual(learned([{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes"}]), "yes </s>")

    def test_weight_0_is_read_but_not_learned(self) -> None:
        messages = [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": "no", "weight": 0},
            {"role": "user", "content": "more"},
            {"role": "assistant", "content": "yes", "weight": 1},
        ]
        self.assertEqual(learned(messages), "yes </s>")

    def test_rows_are_cut_at_the_context_length(self) -> None:
        self.assertEqual(learned([{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes"}], 5), "")


if __name__ == "__main__":
    unittest.main()

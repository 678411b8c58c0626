import base64
import codecs
import re
import unicodedata
import unittest

from assay_judge.obfuscation import CARRIER, FULL_WIDTH, LOOK_ALIKES, OBFUSCATIONS, ZERO_WIDTH, obfuscate

TEXT = "The quick brown fox, aged 7, jumps over Every lazy dog.\nThen it SLEEPS under the old apple tree."
BEFORE, AFTER = CARRIER.split("{}")


def embedded(text: str) -> str:
    return text.removeprefix(BEFORE).removesuffix(AFTER)


class Obfuscations(unittest.TestCase):
    def test_each_changes_the_text_and_gives_the_same_again(self) -> None:
        for name in OBFUSCATIONS:
            with self.subTest(name):
                self.assertNotEqual(obfuscate(name, TEXT), TEXT)
                self.assertEqual(obfuscate(name, TEXT), obfuscate(name, TEXT))

    def test_another_seed_disguises_otherwise(self) -> None:
        for name in ("confusables", "zero-width characters", "combining marks", "leetspeak", "repeated letters"):
            with self.subTest(name):
                self.assertNotEqual(obfuscate(name, TEXT, seed=1), obfuscate(name, TEXT, seed=2))

    def test_nothing_is_lost_where_a_reader_could_turn_it_back(self) -> None:
        back = {
            "confusables": lambda text: text.translate({other: latin for latin, other in LOOK_ALIKES.items()}),
            "zero-width characters": lambda text: re.sub(f"[{ZERO_WIDTH}]", "", text),
            "combining marks": lambda text: "".join(letter for letter in text if not unicodedata.combining(letter)),
            "letter spacing": lambda text: "\n".join(
                " ".join(word.replace(" ", "") for word in line.split("   ")) for line in text.split("\n")
            ),
            "full width": lambda text: text.translate({wide: narrow for narrow, wide in FULL_WIDTH.items()}),
            "Base64": lambda text: base64.b64decode(embedded(text), validate=True).decode(),
            "ROT13": lambda text: codecs.decode(embedded(text), "rot13"),
            "hexadecimal": lambda text: bytes.fromhex(embedded(text)).decode(),
        }
        for name, turned in back.items():
            with self.subTest(name):
                self.assertEqual(turned(obfuscate(name, TEXT)), TEXT)

    def test_full_width_is_a_compatibility_form(self) -> None:
        self.assertEqual(unicodedata.normalize("NFKC", obfuscate("full width", TEXT)), TEXT)

    def test_any_text_can_be_disguised(self) -> None:
        for text in ("", "é", "日本語", "\ud800 x", "🎉"):
            for name in OBFUSCATIONS:
                with self.subTest(name=name, text=ascii(text)):
                    obfuscate(name, text)


if __name__ == "__main__":
    unittest.main()

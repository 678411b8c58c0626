"""What the judge's heads read of a text. packages/assay/src/judges/built-in/features.ts is its twin, number for number."""

import re
from functools import lru_cache

import numpy as np

WINDOW_TOKENS = 256
"""Tokens of the encoder in one window, [CLS] and [SEP] included."""
MAX_WINDOWS = 16
TEXT_BUCKETS = 1 << 15
REPLY_BUCKETS = 1 << 14
REPLY_WORDS = 48
"""A reply shows what it is about to do in its first words."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@lru_cache(maxsize=2_000_000)
def fnv1a(text: str) -> int:
    """FNV-1a, 32 bits, over UTF-8 (Fowler, Noll, Vo; draft-eastlake-fnv)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u2019", "'").replace("\u2018", "'"))


def text_ngrams(text: str) -> np.ndarray:
    """Hashed words, pairs of words, and 4-grams of characters within words; distinct buckets, ascending."""
    found = words(text)
    grams = set()
    for index, word in enumerate(found):
        grams.add("w:" + word)
        if index + 1 < len(found):
            grams.add("b:" + word + " " + found[index + 1])
        padded = "<" + word + ">"
        for at in range(len(padded) - 3):
            grams.add("c:" + padded[at : at + 4])
    return np.array(sorted({fnv1a(gram) % TEXT_BUCKETS for gram in grams}), dtype=np.int64)


def reply_ngrams(reply: str) -> np.ndarray:
    """Hashed words, pairs and triples of the first words of a reply; the first eight also by their place."""
    found = words(reply)[:REPLY_WORDS]
    grams = set()
    for index, word in enumerate(found):
        grams.add("w:" + word)
        grams.add("b:" + " ".join(found[index : index + 2]))
        grams.add("t:" + " ".join(found[index : index + 3]))
        if index < 8:
            grams.add(f"p{index}:" + word)
    return np.array(sorted({fnv1a(gram) % REPLY_BUCKETS for gram in grams}), dtype=np.int64)


class Encoder:
    """all-MiniLM-L6-v2 as int8 ONNX: mean over tokens, unit length, 384 numbers a window."""

    def __init__(self, model_path: str, tokenizer_path: str, threads: int = 2):
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(model_path, options)
        self.tokenizer = Tokenizer.from_file(tokenizer_path)
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def windows(self, text: str) -> list[list[int]]:
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        size = WINDOW_TOKENS - 2
        parts = [ids[at : at + size] for at in range(0, max(len(ids), 1), size)]
        return [[101, *part, 102] for part in parts[:MAX_WINDOWS]]

    def embed(self, windows: list[list[int]], batch: int = 32) -> np.ndarray:
        order = sorted(range(len(windows)), key=lambda index: len(windows[index]))
        result = np.zeros((len(windows), 384), dtype=np.float32)
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            length = max(len(windows[index]) for index in chosen)
            ids = np.zeros((len(chosen), length), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(chosen):
                ids[row, : len(windows[index])] = windows[index]
                mask[row, : len(windows[index])] = 1
            hidden = self.session.run(
                None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            )[0]
            mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            result[chosen] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return result

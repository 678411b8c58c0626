"""Which texts are nearly the same as ones that are only to measure: they must not be learnt."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from .screen import matrix

SHINGLE = 4
"""Words in a row."""
ALIKE = 0.5
"""From this share of common shingles on (Jaccard; Broder 1997) two texts are nearly the same."""
BUCKETS = 1 << 20
_WORD = re.compile(r"\w+")


def shingles(text: str) -> list[int]:
    words = _WORD.findall(text.lower())
    return sorted({crc32(" ".join(words[at : at + SHINGLE]).encode()) % BUCKETS for at in range(max(1, len(words) - SHINGLE + 1))})


def near_duplicates(texts: Sequence[str], of: Sequence[str]) -> np.ndarray:
    """For each text whether it is nearly the same as one of the others. Texts of fewer than four words, as "Yes, I do", are common to
    all data and count only where they are equal."""
    ours, theirs = (matrix([shingles(text) for text in each], BUCKETS) for each in (texts, of))
    common = (ours @ theirs.T).tocoo()
    sizes, other_sizes = np.asarray(ours.sum(1)).ravel(), np.asarray(theirs.sum(1)).ravel()
    share = common.data / (sizes[common.row] + other_sizes[common.col] - common.data)
    found = np.zeros(len(texts), dtype=bool)
    found[common.row[share >= ALIKE]] = True
    return found

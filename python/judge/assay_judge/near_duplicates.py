"""Which texts are nearly the same as ones that are only to measure: they must not be learnt."""

import re
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from .ngrams import fnv1a

SHINGLE = 4
"""Words in a row."""
ALIKE = 0.5
"""From this share of common shingles on (Jaccard; Broder 1997) two texts are nearly the same."""
BUCKETS = 1 << 20
_WORD = re.compile(r"\w+")


def shingles(text: str) -> list[int]:
    words = _WORD.findall(text.lower())
    return sorted({fnv1a(" ".join(words[at : at + SHINGLE])) % BUCKETS for at in range(max(1, len(words) - SHINGLE + 1))})


def matrix(texts: Sequence[str]) -> csr_matrix:
    bags = [shingles(text) for text in texts]
    columns = np.fromiter((each for bag in bags for each in bag), dtype=np.int32)
    return csr_matrix((np.ones(len(columns), dtype=np.float32), columns, np.cumsum([0, *map(len, bags)])), shape=(len(texts), BUCKETS))


def near_duplicates(texts: Sequence[str], of: Sequence[str]) -> np.ndarray:
    """For each text whether it is nearly the same as one of the others. Texts of fewer than four words, as "Yes, I do", are common to
    all data and count only where they are equal."""
    ours, theirs = matrix(texts), matrix(of)
    common = (ours @ theirs.T).tocoo()
    sizes, other_sizes = np.asarray(ours.sum(1)).ravel(), np.asarray(theirs.sum(1)).ravel()
    share = common.data / (sizes[common.row] + other_sizes[common.col] - common.data)
    found = np.zeros(len(texts), dtype=bool)
    found[common.row[share >= ALIKE]] = True
    return found

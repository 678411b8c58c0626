"""Preference pairs to tokens: what both outputs follow, the preferred one, and the one that is not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from transformers import PreTrainedTokenizerBase

from .rows import IGNORED, encode_row


@dataclass(frozen=True)
class PreferencePair:
    prompt: list[int]
    preferred: list[int]
    non_preferred: list[int]

    @property
    def longest(self) -> int:
        return len(self.prompt) + max(len(self.preferred), len(self.non_preferred))

    @property
    def tokens(self) -> int:
        return 2 * len(self.prompt) + len(self.preferred) + len(self.non_preferred)


def encode_pair(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], context_length: int) -> PreferencePair | None:
    """
    `messages` end with the preferred output, and `non_preferred` stands in its place. Both are encoded as the rows of
    supervised training are, and cut at `context_length`. None where they no longer differ, or one has no token left.
    """
    sides = []
    for output in (row["messages"][-1], row["non_preferred"]):
        before = [message | {"weight": 0} if message["role"] == "assistant" else message for message in row["messages"][:-1]]
        encoded = encode_row(tokenizer, row | {"messages": [*before, output]}, context_length)
        learned = [index for index, label in enumerate(encoded.labels) if label != IGNORED]
        if not learned:
            return None
        sides.append((encoded.tokens[: learned[-1] + 1], learned[0]))
    (preferred, start), (non_preferred, other_start) = sides
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(preferred, non_preferred)))
    split = min(start, other_start, common)
    if preferred == non_preferred or split == 0:
        return None
    return PreferencePair(preferred[:split], preferred[split:], non_preferred[split:])

"""Texts and pairs of request and reply as windows of tokens."""

from tokenizers import Tokenizer

WINDOW_TOKENS = 256
"""Tokens in one window, [CLS] and [SEP] included."""
MAX_WINDOWS = 64
"""Of a longer text, so many windows are read at its beginning, and as many at its end."""
REQUEST_CHARACTERS = 1200
"""What was asked is read in pieces of so many characters, the last of them together with the reply."""
REQUEST_TOKENS = 64
"""So many of their last tokens stand before every window of the reply; what is asked for is read off all of them, alone."""
CLS, SEP = 101, 102

Window = tuple[list[int], list[int]]
"""Token ids, and token types: 0 for the request or a bare text, 1 for the reply."""


def pieces(request: str) -> list[str]:
    """From the end on, blank ones left out."""
    ends = range(len(request), 0, -REQUEST_CHARACTERS)
    found = [request[max(0, end - REQUEST_CHARACTERS) : end] for end in ends]
    return [piece for piece in reversed(found) if piece.strip()]


def load_tokenizer(path: str) -> Tokenizer:
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def windows(text: list[int], request: list[int] | None) -> list[Window]:
    """All windows of a text, or of a reply with its request; an empty text has one."""
    if request is None:
        head, kind = [CLS], 0
    else:
        head, kind = [CLS, *request[-REQUEST_TOKENS:], SEP], 1
    size = WINDOW_TOKENS - len(head) - 1
    parts = [text[at : at + size] for at in range(0, max(len(text), 1), size)]
    if len(parts) > 2 * MAX_WINDOWS:
        parts = parts[:MAX_WINDOWS] + parts[-MAX_WINDOWS:]
    return [([*head, *part, SEP], [0] * len(head) + [kind] * (len(part) + 1)) for part in parts]

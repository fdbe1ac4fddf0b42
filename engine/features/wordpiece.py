"""From texts to numbers of word pieces, as BERT's uncased models read them.

Y. Wu et al., 2016, "Google's Neural Machine Translation System"; J. Devlin et al., NAACL 2019, "BERT: Pre-training of Deep
Bidirectional Transformers for Language Understanding". The vocabulary, `wordpiece.txt.xz`, is that of BERT base uncased (Google,
Apache License 2.0).
"""

import lzma
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

UNKNOWN, START, END = 100, 101, 102
"""Places of [UNK], [CLS] and [SEP] in the vocabulary."""
LONGEST = 100
"""Characters of a word at most; a longer one is unknown."""
CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
"""Characters that are words of their own."""


def pieces(texts: Sequence[str]) -> list[list[int]]:
    """The numbers of each text's word pieces, without [CLS] and [SEP].

    Examples
    --------
    >>> pieces(["Hello, World!", "", "unaffable"])
    [[7592, 1010, 2088, 999], [], [14477, 20961, 3468]]
    """
    known: dict[str, list[int]] = {}
    found = []
    for text in texts:
        words = text.translate(CHARACTERS).split()
        for word in words:
            if word not in known:
                known[word] = _word(word)
        found.append([piece for word in words for piece in known[word]])
    return found


@cache
def vocabulary() -> dict[str, int]:
    """Each piece and its number; pieces that continue a word begin with "##"."""
    text = lzma.decompress(Path(__file__).with_suffix(".txt.xz").read_bytes()).decode("utf-8")
    return {piece: number for number, piece in enumerate(text.split("\n"))}


def _word(word: str) -> list[int]:
    """The longest pieces from the left; a word that does not fall into pieces is unknown as a whole."""
    known = vocabulary()
    if len(word) > LONGEST:
        return [UNKNOWN]
    found, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in known), None)
        if end is None:
            return [UNKNOWN]
        found.append(known[prefix + word[start:end]])
        start = end
    return found


class _Characters(dict[int, str]):
    """What a character becomes: lower case without accents, with spaces around what is a word of its own."""

    def __missing__(self, code: int) -> str:
        self[code] = found = "".join(_character(part) for part in _plain(chr(code)))
        return found


def _plain(character: str) -> str:
    """Without accents, in lower case; control characters are dropped and blanks of all kinds become spaces."""
    kind = unicodedata.category(character)
    if character in "\t\n\r" or kind == "Zs":
        return " "
    if kind in ("Cc", "Cf", "Co") or character == "\ufffd":
        return ""
    parts = unicodedata.normalize("NFD", character)
    plain = "".join(part for part in parts if unicodedata.category(part) != "Mn").lower()
    return f" {plain} " if _is_chinese(character) else plain


def _character(part: str) -> str:
    return f" {part} " if _is_punctuation(part) else part


def _is_chinese(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in CHINESE)


def _is_punctuation(character: str) -> bool:
    """In ASCII, all that is neither letter nor digit nor blank."""
    ascii_sign = "!" <= character <= "~" and not character.isalnum()
    return ascii_sign or unicodedata.category(character).startswith("P")


CHARACTERS = _Characters()

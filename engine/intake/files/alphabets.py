"""Which old encoding a text is written in: the one in which its words look like words of a language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

MOST_WORDS = 4000
LONGEST = 2**22  # bytes that are looked at
_SIGNS = "€£°§«»–—’‘“”„…·½¼²³µ×±®©ºª¿¡™•‰†"
_WESTERN = ("äöüß", "éèêëàâçîïôûùœæ", "áéíóúñü", "ãõáâàçéêíóôú", "àèéìòù", "åäöæøé", "éëïöüè")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíľĺňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "äöüß")
_TURKISH = ("ğşıİöüçâîû",)
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁіїєґІЇЄҐ№"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ"
_HEBREW = "".join(map(chr, range(0x5D0, 0x5EB)))
_ARABIC = "".join(map(chr, range(0x621, 0x64B)))
_SINGLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", (*_WESTERN, "šžõäöü")),
    ("cp1250", _CENTRAL),
    ("cp1254", _TURKISH),
    ("cp1251", (_CYRILLIC,)),
    ("cp1253", (_GREEK,)),
    ("iso8859-2", _CENTRAL),
    ("mac-roman", _WESTERN),
    ("cp850", _WESTERN),
    ("koi8-r", (_CYRILLIC,)),
    ("cp866", (_CYRILLIC,)),
    ("cp1255", (_HEBREW,)),
    ("cp1256", (_ARABIC,)),
)
_FREQUENT = frozenset("оеаинтсрвлкмдпуямбз")


def by_plausibility(data: bytes) -> list[str]:
    """Python's names of the encodings in which the whole file can be read, the most plausible first."""
    words = _words(data)
    scores = {}
    for place, (codec, alphabets) in enumerate(_SINGLE):
        if (text := _read(data, codec)) is not None:
            del text
            scores[codec] = _single(words, codec, alphabets) - 0.002 * place
    for codec, judge in _DOUBLE.items():
        if (text := _read(data, codec)) is not None:
            scores[codec] = judge(text[:LONGEST])
    return sorted(scores, key=lambda codec: -scores[codec])


def _read(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _words(data: bytes) -> dict[bytes, int]:
    """The words with bytes beyond ASCII, and how often each comes."""
    found = Counter(re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", data[:LONGEST]))
    return dict(found.most_common(MOST_WORDS))


def _single(words: dict[bytes, int], codec: str, alphabets: tuple[str, ...]) -> float:
    """The mean mark of the letters beyond ASCII: 1 for those of the language that fits best."""
    texts = [raw.decode(codec) for raw in words]
    letters = Counter(char for word in texts for char in word if ord(char) > 127)
    total = max(letters.total(), 1)
    every = frozenset("".join(alphabets))
    signs = sum(_sign(char) * n for char, n in letters.items() if char.lower() not in every and char not in every)
    marks = max(
        sum(
            (1.0 if char.lower() in own or char in own else 0.6) * n
            for char, n in letters.items()
            if char.lower() in every or char in every
        )
        for own in map(frozenset, alphabets)
    )
    rare = 0.05 * sum(n for char, n in letters.items() if char in _CYRILLIC and char.lower() not in _FREQUENT)
    if codec == "cp1252" and all(char in _SIGNS or char == "\u00a0" for char in letters):
        return 1.5
    breaks = sum(2.0 * _case_breaks(word) + _foreign(word, alphabets) for word in texts)
    return (marks + signs - rare - breaks) / total


def _sign(char: str) -> float:
    if char in _SIGNS or char == "\u00a0":
        return 0.5 if char in "’°²³ºª€–—“”„" else -0.5
    return -1.0 if char.isalpha() else -2.0


def _foreign(word: str, alphabets: tuple[str, ...]) -> float:
    """What speaks against a word: letters of two alphabets, or Latin with more accents than any language sets."""
    if alphabets in ((_CYRILLIC,), (_GREEK,), (_HEBREW,), (_ARABIC,)):
        latin = any(char.isascii() and char.isalpha() for char in word)
        return float(1 + sum(ord(char) > 127 for char in word)) if latin else 0.0
    run = max((len(part) for part in re.findall(r"[^\x00-\x7f]+", word)), default=0)
    return float(run) if run > 2 or run == len(word) > 1 else 0.0


def _case_breaks(word: str) -> int:
    """How often a small letter is followed by a capital, as no word has it; initials do not count."""
    breaks = sum(a.islower() and b.isupper() and (ord(a) > 127 or ord(b) > 127) for a, b in pairwise(word))
    return breaks + (len(word) > 2 and word[0].islower() and word[1:].isupper())


def _share(text: str, judge: Callable[[str], float]) -> float:
    odd = Counter(char for char in text if ord(char) > 127)
    total = sum(odd.values())
    return sum(judge(char) * n for char, n in odd.items()) / max(total, 1)


def _is_wide_sign(char: str) -> bool:
    return "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uff60" or char in _SIGNS


def _chinese(codec: str, first: tuple[int, int]) -> Callable[[str], float]:
    """Marks for the characters that a Chinese encoding puts first, which are the frequent ones."""

    def judge(char: str) -> float:
        if _is_wide_sign(char):
            return 0.5
        raw = char.encode(codec)
        common = len(raw) == 2 and first[0] <= raw[0] <= first[1] and (codec == "big5" or raw[1] >= 0xA1)
        return 0.95 if common and "\u4e00" <= char <= "\u9fff" else -0.3 if "\u4e00" <= char <= "\u9fff" else -1.0

    return lambda text: _share(text, judge)


def _japanese(codec: str) -> Callable[[str], float]:
    level = {"cp932": (0x88, 0x97), "euc-jp": (0xB0, 0xCF)}[codec]

    def judge(char: str) -> float:
        if "\u3041" <= char <= "\u30ff":
            return 1.0
        if _is_wide_sign(char):
            return 0.5
        if "\u4e00" <= char <= "\u9fff":
            return 0.9 if level[0] <= char.encode(codec)[0] <= level[1] else -0.3
        return -1.0

    return lambda text: _share(text, judge) - (0 if re.search("[\u3041-\u30ff]", text) else 0.3)


def _korean(text: str) -> float:
    def judge(char: str) -> float:
        common = (
            "\uac00" <= char <= "\ud7a3" and 0xB0 <= char.encode("cp949")[0] <= 0xC8 and char.encode("cp949")[1] >= 0xA1
        )
        return 1.0 if common else 0.5 if _is_wide_sign(char) else -1.0

    return _share(text, judge)


_DOUBLE: dict[str, Callable[[str], float]] = {
    "gb18030": _chinese("gb18030", (0xB0, 0xD7)),
    "big5": _chinese("big5", (0xA4, 0xC6)),
    "cp932": _japanese("cp932"),
    "euc-jp": _japanese("euc-jp"),
    "cp949": _korean,
}

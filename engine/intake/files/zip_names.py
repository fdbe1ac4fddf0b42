"""Names in a zip that does not say in which encoding they are: read in one encoding, decided from all of them together."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Sequence

UTF8_FLAG = 0x800
_BOXES = range(0x2500, 0x25A0)  # frames of old screens, which no name has


def entry_names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of the entries of one zip, spelled as they were given.

    Names without the flag for UTF-8 are UTF-8 from a Mac, and else of the code page of the Windows that packed them: Chinese
    (GBK), Japanese (Shift-JIS), Cyrillic (866), or Western (437, 850).
    """
    encoding = _encoding_of([_bytes(entry) for entry in entries if _is_unsaid(entry)])
    names = [_bytes(entry).decode(encoding, "replace") if _is_unsaid(entry) else _name(entry) for entry in entries]
    return [name.replace("\0", "_") for name in names]


def _name(entry: zipfile.ZipInfo) -> str:
    """The whole name of an entry; the zipfile module cuts it off at a NUL character."""
    return entry.orig_filename if "\0" in entry.orig_filename else entry.filename


def _is_unsaid(entry: zipfile.ZipInfo) -> bool:
    return not entry.flag_bits & UTF8_FLAG and not _name(entry).isascii()


def _bytes(entry: zipfile.ZipInfo) -> bytes:
    return _name(entry).encode("cp437", "replace")  # as the zipfile module has read them


def _encoding_of(names: Sequence[bytes]) -> str:
    for encoding, fits in (("utf-8", str), ("shift_jis", _is_japanese), ("gbk", _is_chinese), ("cp866", _is_cyrillic)):
        try:
            words = [name.decode(encoding) for name in names]
        except UnicodeDecodeError:
            continue
        if fits is str or all(fits(word) for word in words):
            return encoding
    odd = any(ord(letter) in _BOXES for name in names for letter in name.decode("cp437"))
    return "cp850" if odd else "cp437"


def _is_japanese(word: str) -> bool:
    """Kana and common characters, and at least one of the kana."""
    strange = [letter for letter in word if not letter.isascii()]
    kana = any("\u3041" <= letter <= "\u30ff" for letter in strange)
    return kana and all("\u3000" <= letter <= "\u30ff" or "\u4e00" <= letter <= "\u9fff" for letter in strange)


def _is_chinese(word: str) -> bool:
    """Characters of everyday Chinese alone, which the first half of GB 2312 holds."""
    for letter in word:
        if not letter.isascii():
            lead, trail = (*letter.encode("gbk"), 0)[:2]
            if not (0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)) or trail < 0xA1:
                return False
    return True


def _is_cyrillic(word: str) -> bool:
    """Words of Cyrillic letters, at least one of three letters or more."""
    strange = [letter for letter in word if not letter.isascii()]
    parts = "".join(letter if letter.isalpha() else " " for letter in word).split()
    whole = any(len(part) >= 3 and not any(letter.isascii() for letter in part) for part in parts)
    return whole and all(unicodedata.name(letter, "").startswith("CYRILLIC") for letter in strange)

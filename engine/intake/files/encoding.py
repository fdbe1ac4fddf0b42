"""Bytes to text: which encoding a file is written in, and its lines as UTF-8."""

from __future__ import annotations

import codecs
import re

import numpy as np

from engine.core.errors import InputError
from engine.intake.files.alphabets import by_plausibility
from engine.intake.wording import be, count, italic, quote

SAMPLE = 2**16
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
CONTROLS = tuple(bytes([code]) for code in range(32) if code not in (9, 10, 12, 13))
FEW = 0.05  # share of all letters beyond ASCII up to which broken ones do not speak against UTF-8
TITLES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "iso8859-2": "Latin-2 (Central European)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp850": "DOS 850",
    "mac-roman": "Mac Roman",
    "latin-1": "Latin-1",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc-jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
}
"""What each encoding that is tried is called on the page."""


def decode(data: bytes, encoding: str | None = None) -> tuple[bytes, str]:
    """A file as UTF-8 without byte-order mark.

    Parameters
    ----------
    data
        The whole file.
    encoding
        A name that Python knows, where a user chose one.

    Returns
    -------
    text, codec
        UTF-8, and Python's name of the encoding that the file had: "utf-8-sig" or "utf-16" where a mark says so.

    Raises
    ------
    InputError
        If there is no encoding of the name that was chosen.
    """
    codec = _chosen(data, encoding) if encoding else _marked(data) or _unmarked(data)
    if codec == "utf-8":
        return (data if is_utf8(data) else data.decode("utf-8", "replace").encode()), codec
    if codec == "utf-8-sig" and is_utf8(data):
        return data[3:], codec
    return data.decode(codec, "replace").encode(), codec


def encodings(data: bytes, codec: str) -> tuple[str, ...]:
    """The encodings a page offers for a file: the one it was read in first; none where only ASCII is in it."""
    if data.isascii():
        return ()
    found = [] if codec.startswith("utf-") and is_utf8(data) else by_plausibility(data)
    return tuple(dict.fromkeys([codec, *found[:6], "utf-8", "cp1252"]))


def _chosen(data: bytes, encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding:
            raise LookupError(encoding)
    except LookupError as error:
        raise InputError(
            f"There is no encoding {quote(encoding)}; usual ones are utf-8, cp1252, gb18030 and utf-16."
        ) from error
    name = next((known for known in TITLES if codecs.lookup(known).name == codec.name), codec.name)
    return "utf-8-sig" if name == "utf-8" and data.startswith(codecs.BOM_UTF8) else name


def _marked(data: bytes) -> str | None:
    """The encoding that a byte-order mark names."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith(UTF32) and len(data) % 4 == 0:
        return "utf-32"
    return "utf-16" if data.startswith(UTF16) else None


def _unmarked(data: bytes) -> str:
    """The encoding of a file without a byte-order mark."""
    wide = _with_zeros(data)
    if wide:
        return wide
    if is_utf8(data) or _is_broken_utf8(data):
        return "utf-8"
    return next(iter(by_plausibility(data)), "latin-1")


def _with_zeros(data: bytes) -> str | None:
    """UTF-16 or UTF-32 by where the zero bytes of plain letters stand; a stray NUL is no sign of either."""
    head = data[: SAMPLE - SAMPLE % 4]
    zeros = np.frombuffer(head, np.uint8) == 0
    if zeros.mean() < 0.02 if len(zeros) else True:
        return None
    by_place = [float(zeros[place::4].mean()) for place in range(4)]
    if len(data) % 4 == 0 and sum(share > 0.9 for share in by_place) >= 2 and zeros.mean() > 0.6:
        return "utf-32-be" if by_place[0] > 0.9 else "utf-32-le"
    even, odd = float(zeros[::2].mean()), float(zeros[1::2].mean())
    if len(data) % 2 or min(even, odd) > 0.1 * max(even, odd):
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = head[: len(head) - len(head) % 2].decode(codec, "strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return None
        text = head[: error.start].decode(codec, "ignore")
    return codec if 2 * (text.count("\n") + text.count("\r")) >= head.count(b"\n") + head.count(b"\r") else None


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are text in UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), 2**22):
            decoder.decode(view[start : start + 2**22])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_broken_utf8(data: bytes) -> bool:
    """Whether nearly all letters beyond ASCII are right in UTF-8: a byte was damaged, or the file was cut off."""
    text = data.decode("utf-8", "replace")
    broken, letters = text.count("\ufffd"), len(re.findall(r"[^\x00-\x7f]", text))
    return 0 < broken <= max(1, FEW * letters) and letters >= 5 * broken and letters - broken > 3


def lines_of(data: bytes, name: str, encoding: str | None = None) -> tuple[bytes, list[str]]:
    """UTF-8 text without blank lines at its end, and notes on its encoding. InputError if nothing is left, or it is no text."""
    text, codec = decode(data, encoding)
    text = text.rstrip(b"\r\n")
    if not text.strip(b"\r\n\t \0"):
        raise InputError(f"{italic(name)} is empty: there is nothing to read in it.")
    head = text[:SAMPLE]
    if sum(head.count(code) for code in CONTROLS) > 0.01 * len(head) + 2:
        raise InputError(
            f"{italic(name)} is neither text nor a format that is known here: save it as CSV, Excel or Parquet."
        )
    if b"\0" in text:
        row = text[: text.index(b"\0")].count(b"\n") + 1
        raise InputError(
            f"Row {row:,} of {italic(name)} holds a NUL character, which no text has: save the file as CSV again and upload it."
        )
    if b"\r" in text and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    notes = [] if TITLES.get(codec) == "UTF-8" else [f"{italic(name)} is written in {TITLES.get(codec, codec)}."]
    return text, notes + _broken(text, data, name)


def _broken(text: bytes, data: bytes, name: str) -> list[str]:
    """A sentence on bytes that no letter could be made of."""
    mark = "\ufffd".encode()
    broken = text.count(mark) - (data.count(mark) if text.count(mark) else 0)
    if broken <= 0:
        return []
    row = text[: text.index(mark)].count(b"\n") + 1
    return [
        f"{count(broken, 'letter')} of {italic(name)} {be(broken)} broken, the first in row {row:,}, and {be(broken, past=True)} "
        "read as “\ufffd”."
    ]

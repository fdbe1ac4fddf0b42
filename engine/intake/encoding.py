"""Bytes to text: which encoding a file is written in, and its lines as UTF-8."""

import codecs

from engine.core.errors import InputError
from engine.intake.wording import italic

SAMPLE = 2**16
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = tuple(bytes([code]) for code in range(32) if code not in (9, 10, 12, 13))


def decode(data: bytes) -> tuple[bytes, str]:
    """The file as UTF-8 without byte-order mark, and the name of the encoding it had."""
    if data.startswith(codecs.BOM_UTF8):
        return data[3:], "UTF-8"
    if data.startswith(UTF16):
        return data.decode("utf-16", errors="replace").encode(), "UTF-16"
    if b"\0" in data[:SAMPLE]:
        head = data[:SAMPLE]
        order = "le" if head[1::2].count(0) >= head[::2].count(0) else "be"
        return data.decode(f"utf-16-{order}", errors="replace").encode(), "UTF-16"
    if _is_utf8(data):
        return data, "UTF-8"
    try:
        return data.decode("cp1252").encode(), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1").encode(), "Latin-1"


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), 2**22):
            decoder.decode(view[start : start + 2**22])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def lines_of(data: bytes, name: str) -> tuple[bytes, list[str]]:
    """UTF-8 text without blank lines around it, and a note if it had another encoding. InputError if nothing is left."""
    text, encoding = decode(data)
    guessed = encoding == "UTF-16" and not data.startswith(UTF16)
    if guessed and b"\n" not in text and b"\r" not in text and b"\n" in data:
        # Its line ends were read as halves of other characters: a stray NUL is no sign of UTF-16.
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise InputError(
            f"Row {row:,} of {italic(name)} holds a NUL character, which no text has: save the file as CSV again and upload it."
        )
    text = text.strip(b"\r\n")
    if not text.strip():
        raise InputError(f"{italic(name)} is empty: there is nothing to read in it.")
    head = text[:SAMPLE]
    if sum(head.count(code) for code in CONTROLS) > 0.01 * len(head):
        raise InputError(f"{italic(name)} holds no text but something else: save it as CSV, Excel or Parquet.")
    if b"\r" in text and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    return text, [] if encoding == "UTF-8" else [f"{italic(name)} is written in {encoding}."]

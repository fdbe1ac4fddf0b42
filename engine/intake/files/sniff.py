"""What a file really is, by its first bytes; its ending only decides where bytes leave it open."""

from __future__ import annotations

from engine.core.errors import InputError
from engine.intake.wording import italic

PICTURES = (
    *("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp"),
    *("heic", "heif", "avif", "jp2", "j2k", "dcm", "dicom"),
)
SOUNDS = ("wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "au")
TEXTUAL = ("csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "ts")
TEXTS = ("md", "text", "")
BINARY = (
    *(
        "xlsx",
        "xlsm",
        "xlsb",
        "ods",
        "parquet",
        "npy",
        "npz",
        "zip",
        "gz",
        "bz2",
        "xz",
        "zst",
        "tar",
        "tgz",
        "idx",
        "sav",
        "por",
        "dta",
    ),
    *(
        "sas7bdat",
        "xpt",
        "feather",
        "arrow",
        "orc",
        "sqlite",
        "db",
        "mat",
        "h5",
        "hdf5",
        "h5ad",
        "mtx",
        "safetensors",
        "arff",
        "fcs",
    ),
)
READABLE = (
    "CSV, Excel, ODS, JSON, Parquet, Arrow, SPSS, Stata, SAS, ARFF, SQLite, MAT, HDF5, FCS, NPY, NPZ, IDX, .ts series, pictures, "
    "or a zip of pictures"
)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\0\0\0\x0cjP  \r\n", "jp2"),
    (b"\xff\x4f\xff\x51", "j2k"),
    (b"\x1f\x8b", "gz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
    (b"\x93NUMPY", "npy"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"MATLAB 7.3", "hdf5"),
    (b"MATLAB 5.0", "mat"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
    (b"HEADER RECORD*******LIB", "xpt"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "sas7bdat"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "arrow"),
    (b"ORC", "orc"),
    (b"%%MatrixMarket", "mtx"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"FCS2", "fcs"),
    (b"FCS3", "fcs"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "heic"),
    **dict.fromkeys((b"avif", b"avis"), "avif"),
}
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"Obj\x01", "an Avro file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)


def ending(name: str) -> str:
    """The ending in lower case without the dot; .gz is looked through: people.csv.gz is csv."""
    parts = name.lower().rsplit("/", 1)[-1].split(".")
    if len(parts) > 2 and parts[-1] == "gz":
        return parts[-2]
    return parts[-1] if len(parts) > 1 else ""


def format_of(head: bytes, name: str) -> str:
    """The format of a file that starts with `head` (at least 64 bytes, or all of it): an ending such as "csv" or "png".

    InputError for what no reader takes, and for a picture that is named like a table.
    """
    found = magic_of(head)
    named = ending(name)
    if found in PICTURES and named in (*TEXTUAL, "xlsx", "parquet", "npy", "npz"):
        raise InputError(
            f"{italic(name)} is named like a {named.upper()} file, but its content is a {found.upper()} picture: "
            f"give it the ending .{found} to use it as a picture, or pick the file you meant."
        )
    if found:
        return found
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise InputError(f"{italic(name)} is {what}, which cannot be read here. Save it as {READABLE}.")
    if what := _moving_or_drawn(head):
        raise InputError(f"{italic(name)} is {what}.")
    if head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5":
        raise InputError(
            f"{italic(name)} is a Python pickle, which is never opened because it can run programs. Save it as NPZ or Parquet."
        )
    return _by_ending(head, name, named)


def _moving_or_drawn(head: bytes) -> str:
    """What a video or a drawing is, and what to bring instead; "" for anything else."""
    if head[4:8] == b"ftyp" and head[8:11] == b"M4A":
        return "a sound in M4A, which cannot be read here: save it as WAV or FLAC"
    if head[4:8] in (b"ftyp", b"moov") or head[:4] == b"\x1aE\xdf\xa3" or (head[:4], head[8:12]) == (b"RIFF", b"AVI "):
        return "a video, which cannot be read here: save its frames as pictures, such as PNG, and bring a zip of them"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:2048].lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!doctype svg")) and b"<svg" in start):
        return "a drawing (SVG), which has no pixels: save it as PNG and bring that, or a zip of several"
    return ""


def magic_of(head: bytes) -> str:
    """The format that the first bytes of a file name, "" where they do not."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return what
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return _BRANDS[head[8:12]]
    if head[128:132] == b"DICM":
        return "dcm"
    if head[257:262] == b"ustar":
        return "tar"
    if len(head) > 9 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 2**26:
        return "safetensors"
    if head[:1] in (b"q", b"r", b"s") and head[1:2] in (b"\1", b"\2") and head[2:4] == b"\1\0":
        return "dta"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "bmp"
    if head[:2] == b"\0\0" and len(head) > 4 and head[2] in (8, 9, 11, 12, 13, 14) and 1 <= head[3] <= 4:
        return "idx"
    return ""


def _text_format(head: bytes, named: str) -> str:
    """The format of a text that says itself what it is, whatever its name; "" for others."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    low = text[:512].lower()
    if low.startswith(
        (b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<div", b"<style", b"<p>")
    ):
        return "html"
    if low.startswith(b"<?xml") or (low.startswith(b"<") and named in ("xml", "xls", "svg", "html", "htm")):
        return "xml"
    lines = [line.strip() for line in text.split(b"\n")[:60]]
    first = next((line for line in lines if line and not line.startswith(b"%")), b"")
    if first.lower().startswith((b"@relation", b"@attribute")):
        return "arff"
    if b"SPSSPORT" in head[:600].replace(b"\r", b"").replace(b"\n", b""):
        return "por"
    return "json" if named not in TEXTUAL and text[:1] in (b"{", b"[") and b'"' in head else ""


def _by_ending(head: bytes, name: str, named: str) -> str:
    if found := _text_format(head, named):
        return found
    if named == "geojson":
        return "json"
    if named in TEXTUAL:
        return named
    if named in (*PICTURES, *BINARY):
        raise InputError(
            f"{italic(name)} has the ending .{named}, but its content is something else or damaged. Save it again."
        )
    if b"\0" in head and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{italic(name)} is of a kind that cannot be read here. Bring {READABLE}.")
    return named if named in (*TEXTS, "xml", "html") else "other"

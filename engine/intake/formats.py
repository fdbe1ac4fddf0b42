"""One file, an archive or several files: which format each is in, and its reader."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.files.archive import Archive, Files, Tar
from engine.intake.files.encoding import decode
from engine.intake.files.sniff import PICTURES, READABLE, SOUNDS, ending, format_of
from engine.intake.files.zstandard_frames import unpack_zstandard
from engine.intake.frames import read_json, read_parquet
from engine.intake.layout.delimited import read_delimited
from engine.intake.limits import gunzip, unpack
from engine.intake.media.arrays import add_labels, from_array, from_npz, read_idx, read_npy
from engine.intake.media.picture_tables import add_known, said, table_of, without
from engine.intake.media.pictures import folder_rows, read_pictures
from engine.intake.media.series import read_ts
from engine.intake.media.sounds import read_sounds
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.readers import reader_of
from engine.intake.several_files import number_files, read_together
from engine.intake.wording import count, italic, listed

HEAD = 4096  # bytes by which a format is known
LOOKED_AT = 100  # files of an archive by which it is known whether any can be read
DEEPEST = 3  # archives within each other
MOST_TABLES = 5  # beside pictures that are looked into
WORKBOOK = ("xl/workbook.xml", "xl/workbook.bin", "xl/workbook2.xml", "content.xml")
PACKED = {
    "word/document.xml": "a Word document: put its table into a workbook or a CSV file.",
    "ppt/presentation.xml": "a PowerPoint presentation: put its table into a workbook or a CSV file.",
    "Index/Document.iwa": "an Apple Numbers or Pages file: export it as XLSX or CSV.",
    "/data.pkl": "a PyTorch file, a Python pickle inside, which is never opened because it can run programs: save the arrays as "
    "NPZ or safetensors.",
}
"""Kinds of zips that are not read, by a file that is in them."""
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Allowed:
    """What holds for a file and for all files inside it: at most `limit` bytes, the options that a user chose, and whom to
    `report` the share of a long reading that is done."""

    limit: int
    options: ReadOptions = field(default_factory=ReadOptions)
    report: Callable[[float], None] = lambda share: None
    depth: int = 0

    def inside(self, name: str) -> Allowed:
        """The same one archive deeper; InputError where archives never end."""
        if self.depth >= DEEPEST:
            raise InputError(f"{italic(name)} is an archive in archives in archives: unpack it and upload the content.")
        return replace(self, depth=self.depth + 1)


def read_file(data: bytes, name: str, allowed: Allowed) -> Content:
    """Content of one file, given as bytes. Its format is found by its first bytes, then by the ending of `name`.

    InputError where it is empty, damaged, too large or of a format that is not known.
    """
    if not data.strip(b"\r\n\t \0"):
        raise InputError(f"{italic(name)} is empty: there is nothing to read in it.")
    found = format_of(data[:HEAD], name)
    if found in PICTURES:
        return read_pictures(lambda: [(name, data)], name, allowed.options.formats)
    if found in SOUNDS:
        return read_sounds(lambda: [(name, data)], name, allowed.options.formats)
    readers: dict[str, Callable[[], Content]] = {
        "gz": lambda: read_file(gunzip(data, name, allowed.limit), without_packing(name, "gz"), allowed.inside(name)),
        "zip": lambda: read_zip(io.BytesIO(data), len(data), name, allowed.inside(name)),
        "npy": lambda: from_array(read_npy(data, name), name, allowed.options),
        "idx": lambda: from_array(read_idx(data, name), name, allowed.options),
        "parquet": lambda: read_parquet(data, name, allowed.limit, allowed.options),
        "bz2": lambda: read_file(unpack(data, name, allowed.limit), without_packing(name, "bz2"), allowed.inside(name)),
        "xz": lambda: read_file(unpack(data, name, allowed.limit), without_packing(name, "xz"), allowed.inside(name)),
        "zst": lambda: read_file(
            unpack_zstandard(data, name, allowed.limit), without_packing(name, "zst"), allowed.inside(name)
        ),
        "tar": lambda: read_files(Tar(data, name, allowed.limit), name, allowed.inside(name)),
        "json": lambda: read_json(data, name, allowed.options),
        "jsonl": lambda: read_json(data, name, allowed.options),
        "ndjson": lambda: read_json(data, name, allowed.options),
        "ts": lambda: read_ts(data, name),
    }
    if found in readers:
        return readers[found]()
    if (read := reader_of(found)) is not None:
        return _said(read(data, name, allowed.options, allowed.limit), found, name)
    if found in ("csv", "txt", "tsv", "") and data.lstrip()[:1] in (b"{", b"[") and _is_json(data):
        return _said(read_json(data, name, allowed.options), "json", name)
    return read_delimited(data, name, "tsv" if found == "tab" else found, allowed.options)


def _is_json(data: bytes) -> bool:
    """Whether a file, or its first line, is a JSON object or list of them."""
    for text in (data, data.lstrip().split(b"\n", 1)[0]):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return isinstance(found, dict) or (
            isinstance(found, list) and bool(found) and isinstance(found[0], dict | list)
        )
    return False


def _said(content: Content, found: str, name: str) -> Content:
    """The content, with a sentence where the ending of the file says something else than what it holds."""
    titles = {"html": "a web page", "xml": "XML", "json": "JSON"}
    if found in titles and ending(name) not in (found, "htm", "xhtml", "geojson", "xml", ""):
        content.notes.insert(0, f"{italic(name)} is {titles[found]}, whatever its ending says, and was read as such.")
    return content


def without_packing(name: str, packed: str) -> str:
    """The name of what is packed: people.csv for people.csv.gz, data.tar for data.tgz."""
    short = {"tgz": "tar", "tbz2": "tar", "tbz": "tar", "txz": "tar", "tzst": "tar"}
    stem, _, last = name.rpartition(".")
    return (
        f"{stem}.{short[last.lower()]}"
        if last.lower() in short
        else name[: -len(packed) - 1]
        if last.lower() == packed
        else name
    )


def read_zip(stream: BinaryIO, packed: int, name: str, allowed: Allowed) -> Content:
    """Content of a zip of `packed` bytes: a workbook, an NPZ, or files; InputError where it is empty, damaged or too large."""
    archive = Archive(stream, name, packed, allowed.limit)
    if not archive.names:
        raise InputError(f"{italic(name)} is an empty zip: there is nothing to read in it.")
    if foreign := next((says for path, says in PACKED.items() if any(path in found for found in archive.names)), ""):
        raise InputError(f"{italic(name)} is {foreign}")
    if any(path in archive.names for path in WORKBOOK) or ending(name) == "ods":
        for _ in archive.read():  # counts what it unpacks to before another library opens it
            pass
        stream.seek(0)
        read = reader_of("workbook")
        assert read is not None
        return read(stream.read(), name, allowed.options, allowed.limit)
    if all(path.endswith(".npy") for path in archive.names):
        return from_npz(archive.read(), name, allowed.options)
    return read_files(archive, name, allowed)


def read_files(files: Files, name: str, allowed: Allowed) -> Content:
    """Content of several files that make up one data set; InputError where they do not belong together."""
    content = _read_files(files, name, allowed)
    content.notes[:0] = files.notes
    return content


def _read_files(files: Files, name: str, allowed: Allowed) -> Content:
    """Pictures if any file is one; else text files, one table, images with labels in IDX, or parts of one set of series."""
    endings = [ending(path) for path in files.names]
    pictures, sounds = (sum(found in kinds for found in endings) for kinds in (PICTURES, SOUNDS))
    if sounds > pictures:
        return read_sounds(files.read, name, allowed.options.formats)
    if pictures:
        return _pictures(files, name, allowed)
    if len(files.names) > 1 and all(ending(path) in ("txt", "text", "md") for path in files.names):
        return _text_files(files, name, allowed)
    if len(files.names) == 1:
        path, data = next(iter(files.read()))
        return read_file(_whole(data, path, name), path.rsplit("/", 1)[-1], allowed)
    contents, formats = _by_format(files, name, allowed.limit)
    if set(formats.values()) == {"idx"} and len(formats) == 2:
        return _idx_pair(contents, name, allowed.limit)
    if set(formats.values()) <= {"ts"} or set(formats.values()) == {"tsv"}:
        parts = [read_file(data, path, allowed) for path, data in contents.items()]
        if set(formats.values()) <= {"ts"} or all(part.kind == "series" for part in parts):
            return _joined_series(parts, list(contents), name)
    if all(found in PICTURES for found in formats.values()):
        return read_pictures(_reported(files, allowed.report), name, allowed.options.formats)
    together = read_together(
        contents,
        formats,
        name,
        allowed.options,
        lambda data, path, options: read_file(data, path, replace(allowed, options=options)),
    )
    if together is not None:
        return together
    if set(formats.values()) == {"other"}:
        for path, data in contents.items():
            format_of(_head(data, path, allowed.limit), path)  # says of which kind it is, if of a known one
    raise _no_set(files, name)


def _by_format(files: Files, name: str, limit: int) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files that are not damaged, and the format of each; InputError once many are of none."""
    contents, formats = dict[str, bytes](), dict[str, str]()
    for path, data in files.read():
        if data is None:
            continue
        contents[path], formats[path] = data, _format(data, path, limit)
        if len(formats) == LOOKED_AT and set(formats.values()) <= {"other", ""}:
            raise _no_set(files, name)
    return contents, formats


def _no_set(files: Files, name: str) -> InputError:
    return InputError(
        f"{italic(name)} holds {count(len(files.names), 'file')} that do not belong to one data set ({listed(files.names, 4)}): "
        f"bring one table, or pictures alone. What can be read: {READABLE}."
    )


def _pictures(files: Files, name: str, allowed: Allowed) -> Content:
    """Pictures, with what a table among the files says of them."""
    tables: dict[str, Content] = {}
    if any(ending(path) in ("csv", "tsv") for path in files.names):
        for path, data in files.read():
            if ending(path) in ("csv", "tsv") and data and len(tables) < MOST_TABLES:
                with suppress(InputError):
                    tables[path] = read_file(data, path, replace(allowed, options=ReadOptions()))
    pictures = [path for path in files.names if ending(path) in PICTURES]
    found = table_of(tables, pictures)
    if found is None:
        return read_pictures(_reported(files, allowed.report), name, allowed.options.formats)
    path, known = found
    read = _reported(files, allowed.report)
    content = read_pictures(lambda: without(read(), path), name, allowed.options.formats)
    add_known(content, known)
    content.notes.insert(0, said(path, known))
    return content


def _reported(files: Files, report: Callable[[float], None]) -> Callable[[], Iterator[tuple[str, bytes | None]]]:
    """`files.read`, which is called twice, telling the share that is done after each file."""
    done = 0

    def read() -> Iterator[tuple[str, bytes | None]]:
        nonlocal done
        for file in files.read():
            yield file
            done += 1
            report(min(1.0, done / (2 * len(files.names))))

    return read


def _whole(data: bytes | None, path: str, name: str) -> bytes:
    if data is None:
        raise InputError(f"{italic(path)} in {italic(name)} is damaged or has a password: pack it again without.")
    return data


def _format(data: bytes, path: str, limit: int) -> str:
    """The format of a file beside others; "other" where no reader takes it."""
    try:
        return format_of(_head(data, path, limit), path)
    except InputError:
        return "other"


def _head(data: bytes, path: str, limit: int) -> bytes:
    return gunzip(data, path, limit, HEAD) if data[:2] == GZIP else data[:HEAD]


def _text_files(files: Files, name: str, allowed: Allowed) -> Content:
    """One text a file; the folder becomes a label where there are several. Files of numbers alone are series."""
    contents = {path: data for path, data in files.read() if data and data.strip()}
    series = number_files(contents, name) if allowed.options.kind in (None, "series") else None
    if series is not None:
        return series
    found = {path: decode(data)[0].decode().strip() for path, data in contents.items()}
    if not found:
        raise InputError(f"{italic(name)} holds only empty text files: there is nothing to group.")
    rows, roles = folder_rows(list(found))
    rows.insert(1, "text", pd.Series(list(found.values()), dtype="str"))
    return Content(rows, "text", roles={**roles, "text": "feature"})


def _idx_pair(contents: dict[str, bytes], name: str, limit: int) -> Content:
    arrays = [
        read_idx(gunzip(data, path, limit) if data[:2] == GZIP else data, path) for path, data in contents.items()
    ]
    labels, data = sorted(arrays, key=lambda array: array.ndim)
    content = from_array(data, name)
    add_labels(content, labels, name, [], [])
    return content


def _joined_series(parts: list[Content], names: list[str], name: str) -> Content:
    """Training and test files of one archive set, one below the other."""
    values = [part.values for part in parts if part.values is not None]
    if len(values) != len(parts) or len({value.shape[1] for value in values}) != 1:
        raise InputError(f"The files of {italic(name)} do not fit together ({listed(names, 4)}): bring one of them.")
    longest = max(value.shape[2] for value in values)
    padded = [
        np.pad(value, ((0, 0), (0, 0), (0, longest - value.shape[2])), constant_values=np.nan) for value in values
    ]
    rows = pd.concat([part.rows.assign(file=file) for part, file in zip(parts, names, strict=True)], ignore_index=True)
    rows["series"] = np.arange(1, len(rows) + 1)
    notes = [note for part in parts for note in part.notes]
    return Content(
        rows, "series", np.concatenate(padded), list(dict.fromkeys(notes)), {**parts[0].roles, "file": "ignore"}
    )

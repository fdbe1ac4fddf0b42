"""inspect(): whatever a user brings, read and profiled, without any preparation."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake import samples
from engine.intake.archive import Archive, is_clutter
from engine.intake.arrays import add_labels, from_array, from_arrays, read_idx, read_npy
from engine.intake.content import Content
from engine.intake.delimited import read_delimited
from engine.intake.encoding import decode
from engine.intake.frames import from_frame, read_excel, read_json, read_parquet
from engine.intake.limits import check_size, gunzip, upload_limit
from engine.intake.pictures import read_pictures
from engine.intake.profile import profiled
from engine.intake.raw import Kind, Raw
from engine.intake.sequences import as_series
from engine.intake.series import read_ts
from engine.intake.sniff import PICTURES, READABLE, ending, format_of
from engine.intake.wording import count, joined, listed, mark, size

Source = str | Path | Sequence[str | Path] | np.ndarray | pd.DataFrame


def inspect(
    source: Source,
    *,
    name: str | None = None,
    limit: int | None = None,
    kind: Kind | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Raw:
    """Read a file, folder, list of files, sample name, array or data frame, and profile its columns.

    `name` is what the user calls it (its ending counts); `limit` is the most bytes to read, by default
    CONSTELLA_MAX_UPLOAD or 1 GiB; `kind` says what an array holds where its axes leave it open; `reading` how a table holds
    series (`as_series`).
    InputError, in a sentence for the user, for whatever cannot be read.
    """
    raw = _inspected(source, name, limit, kind)
    return raw if reading is None else as_series(raw, reading)


def _inspected(source: Source, name: str | None, limit: int | None, kind: Kind | None) -> Raw:
    if isinstance(source, pd.DataFrame):
        content = from_frame(_some_rows(source, name or "the table"))
        return profiled(content, name or "table", _frame_hash(source))
    if isinstance(source, np.ndarray):
        content = from_array(source, name or "the array", kind)
        return profiled(content, name or "array", _array_hash(source))
    if isinstance(source, str) and source in samples.NAMES:
        return samples.read(source)
    paths = [source] if isinstance(source, str | Path) else list(source)
    return _from_paths([Path(path) for path in paths], name, upload_limit(limit), kind)


def _some_rows(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if not len(frame) or not frame.shape[1]:
        raise InputError(f"{mark(name)} is empty: there is nothing to group.")
    return frame


def _from_paths(paths: list[Path], name: str | None, limit: int, kind: Kind | None) -> Raw:
    for path in paths:
        if not path.exists():
            names = joined([sample.name for sample in samples.samples()], 9)
            raise InputError(
                f"There is no file {mark(str(path))}, and no sample of that name; the samples are {names}."
            )
    if len(paths) == 1 and paths[0].is_dir():
        folder = paths[0]
        inside = sorted(
            path for path in folder.rglob("*") if path.is_file() and not is_clutter(str(path.relative_to(folder)))
        )
        named = [(path.relative_to(folder).as_posix(), path) for path in inside]
        return _from_many(named, name or folder.name, limit)
    if len(paths) == 1:
        return _from_file(paths[0], name or paths[0].name, limit, kind)
    return _from_many([(path.name, path) for path in paths], name or f"{len(paths):,} files", limit)


def _from_file(path: Path, name: str, limit: int, kind: Kind | None) -> Raw:
    check_size(path, name, limit)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(0)
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            digest = hashlib.file_digest(stream, "sha256")
            content = _from_zip(path, name, limit, kind)
        else:
            data = stream.read(limit + 1)
            digest.update(data)
            content = read_bytes(data, name, limit, kind)
    return profiled(content, name, digest.hexdigest())


def read_bytes(data: bytes, name: str, limit: int, kind: Kind | None = None) -> Content:
    """Content of one file that is no archive, given as bytes; .gz is looked through."""
    if not data.strip(b"\r\n\t \0"):
        raise InputError(f"{mark(name)} is empty: there is nothing to read in it.")
    found = format_of(data[:4096], name)
    if found == "gz":
        return read_bytes(gunzip(data, name, limit), name.removesuffix(".gz"), limit, kind)
    if found in PICTURES:
        return read_pictures(lambda: [(name, data)], name)
    readers: dict[str, Callable[[], Content]] = {
        "npy": lambda: from_array(read_npy(data, name), name, kind),
        "idx": lambda: from_array(read_idx(data, name), name, kind),
        "parquet": lambda: read_parquet(data, name, limit),
        "json": lambda: read_json(data, name),
        "jsonl": lambda: read_json(data, name),
        "ndjson": lambda: read_json(data, name),
        "ts": lambda: read_ts(data, name),
        "zip": lambda: _from_stream(io.BytesIO(data), len(data), name, limit, kind),
    }
    return readers[found]() if found in readers else read_delimited(data, name, "tsv" if found == "tab" else found)


def _from_zip(path: Path, name: str, limit: int, kind: Kind | None) -> Content:
    with path.open("rb") as stream:
        return _from_stream(stream, path.stat().st_size, name, limit, kind)


def _from_stream(stream: BinaryIO, packed: int, name: str, limit: int, kind: Kind | None) -> Content:
    """A zip: a workbook, an NPZ, one table, texts, or pictures."""
    archive = Archive(stream, name, packed, limit)
    inside = archive.names()
    if not inside:
        raise InputError(f"{mark(name)} is an empty zip: there is nothing to read in it.")
    if "xl/workbook.xml" in inside or "xl/workbook.bin" in inside:
        for _ in archive.read():  # counts what it unpacks to before another library opens it
            pass
        stream.seek(0)
        return read_excel(stream.read(), name)
    if all(path.endswith(".npy") for path in inside):
        arrays = {
            path.removesuffix(".npy"): read_npy(_whole(data, path, name), f"{name}/{path}")
            for path, data in archive.read()
        }
        return from_arrays(arrays, name, kind)
    return _from_files(archive.read, inside, name, limit)


def _whole(data: bytes | None, path: str, name: str) -> bytes:
    if data is None:
        raise InputError(f"{mark(path)} in {mark(name)} is damaged or has a password: pack it again without.")
    return data


def _from_many(paths: list[tuple[str, Path]], name: str, limit: int) -> Raw:
    """Several files of a folder or an upload."""
    if not paths:
        raise InputError(f"{mark(name)} is empty: there is nothing to read in it.")
    total = sum(path.stat().st_size for _, path in paths)
    if total > limit:
        raise InputError(
            f"{mark(name)} has {size(total)}, and one upload may have at most {size(limit)}: bring fewer files."
        )

    def files() -> Iterator[tuple[str, bytes | None]]:
        for inner, path in paths:
            yield inner, path.read_bytes()

    digest = hashlib.sha256()
    for inner, data in files():
        digest.update(f"{inner}\0{len(data or b'')}\0".encode())
        digest.update(data or b"")
    return profiled(_from_files(files, [inner for inner, _ in paths], name, limit), name, digest.hexdigest())


def _from_files(
    files: Callable[[], Iterable[tuple[str, bytes | None]]], inside: list[str], name: str, limit: int
) -> Content:
    """Pictures if any file is one; else text files, one table, images with labels in IDX, or parts of one set of series."""
    if any(ending(path) in PICTURES for path in inside):
        return read_pictures(files, name)
    if len(inside) > 1 and all(ending(path) in ("txt", "text", "md") for path in inside):
        return _text_files(files, name)
    if len(inside) == 1:
        path, data = next(iter(files()))
        return read_bytes(_whole(data, path, name), path.rsplit("/", 1)[-1], limit)
    contents = {path: data for path, data in files() if data is not None}
    formats = {path: format_of(_head(data, path, limit), path) for path, data in contents.items()}
    if set(formats.values()) == {"idx"} and len(formats) == 2:
        return _idx_pair(contents, name, limit)
    if set(formats.values()) <= {"ts"} or set(formats.values()) == {"tsv"}:
        return _joined_series([read_bytes(data, path, limit) for path, data in contents.items()], list(contents), name)
    if all(found in PICTURES for found in formats.values()):
        return read_pictures(files, name)
    raise InputError(
        f"{mark(name)} holds {count(len(inside), 'file')} that do not belong to one data set ({listed(inside, 4)}): "
        f"bring one table, or pictures alone. What can be read: {READABLE}."
    )


def _head(data: bytes, path: str, limit: int) -> bytes:
    return gunzip(data, path, limit)[:4096] if data[:2] == b"\x1f\x8b" else data[:4096]


def _text_files(files: Callable[[], Iterable[tuple[str, bytes | None]]], name: str) -> Content:
    """One text a file; the folder becomes a label where there are several."""
    from engine.intake.pictures import folder_rows

    found = {path: decode(data)[0].decode().strip() for path, data in files() if data and data.strip()}
    if not found:
        raise InputError(f"{mark(name)} holds only empty text files: there is nothing to group.")
    rows, roles = folder_rows(list(found))
    rows.insert(1, "text", pd.Series(list(found.values()), dtype="str"))
    return Content(rows, "text", roles={**roles, "text": "feature"})


def _idx_pair(contents: dict[str, bytes], name: str, limit: int) -> Content:
    arrays = [
        read_idx(gunzip(data, path, limit) if data[:2] == b"\x1f\x8b" else data, path)
        for path, data in contents.items()
    ]
    labels, data = sorted(arrays, key=lambda array: array.ndim)
    content = from_array(data, name)
    add_labels(content, labels, name, [], [])
    return content


def _joined_series(parts: list[Content], names: list[str], name: str) -> Content:
    """Training and test files of one archive set, one below the other."""
    values = [part.values for part in parts if part.values is not None]
    if len(values) != len(parts) or len({value.shape[1] for value in values}) != 1:
        raise InputError(f"The files of {mark(name)} do not fit together ({listed(names, 4)}): bring one of them.")
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


def _array_hash(array: np.ndarray) -> str:
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data if array.size else b"")
    return digest.hexdigest()


def _frame_hash(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for name, column in frame.items():
        digest.update(f"{name}\0{column.dtype}\0".encode())
        digest.update(pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes())
    return digest.hexdigest()

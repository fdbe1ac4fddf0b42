"""What a table says of pictures: beside them in an archive, or with the pictures in one of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import pyarrow as pa

from engine.intake.columns.labels import is_label_name
from engine.intake.files.sniff import PICTURES, magic_of
from engine.intake.media.pictures import read_pictures
from engine.intake.raw import Content, Role
from engine.intake.wording import italic, listed

FOUND = 0.8  # share of the pictures that a table must name
MOST_CLASSES = 200


def picture_column(table: pa.Table) -> str | None:
    """The first column of an Arrow table that holds pictures: bytes, or bytes beside a path; None where none does."""
    for field in table.schema:
        data = _bytes_of(table.column(field.name))
        first = (
            next((chunk[i] for chunk in data.chunks for i in range(len(chunk)) if chunk[i].is_valid), None)
            if data
            else None
        )
        if first is not None and magic_of(first.as_py()[:4096]) in PICTURES:
            return str(field.name)
    return None


def _bytes_of(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    if pa.types.is_struct(kind):
        places = [i for i in range(kind.num_fields) if kind.field(i).name == "bytes"]
        return _bytes_of(pa.chunked_array([chunk.field(places[0]) for chunk in column.chunks])) if places else None
    return column if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) else None


def from_picture_column(
    table: pa.Table, column: str, others: pd.DataFrame, name: str, formats: Mapping[str, Any] | None
) -> Content:
    """Content of the pictures in a column, with what the other columns say beside them."""
    pictures = _bytes_of(table.column(column))
    assert pictures is not None
    paths = [f"{column} {i:0{len(str(len(pictures)))}d}" for i in range(1, len(pictures) + 1)]

    def files() -> Iterator[tuple[str, bytes | None]]:
        for path, value in zip(paths, (value for chunk in pictures.chunks for value in chunk), strict=True):
            yield path, value.as_py()

    content = read_pictures(files, name, formats)
    content.notes.insert(0, f"The pictures are those in column {italic(column)} of {italic(name)}.")
    add_known(content, others.set_axis(pd.Index(paths), axis=0))
    return content


def table_of(tables: Mapping[str, Content], pictures: Sequence[str]) -> tuple[str, pd.DataFrame] | None:
    """The table that names most of the pictures, and its other columns by picture; None where none does."""
    stems = {_stem(path): path for path in pictures}
    for path, content in tables.items():
        for column in content.rows:
            words = content.rows[column]
            if not (pd.api.types.is_string_dtype(words.dtype) or pd.api.types.is_integer_dtype(words.dtype)):
                continue
            places = words.astype("str").map(lambda word: stems.get(_stem(word)))
            if (
                len(stems) == len(pictures)
                and not places.dropna().duplicated().any()
                and places.notna().sum() >= FOUND * len(stems)
            ):
                known = content.rows.drop(columns=column).set_axis(pd.Index(places), axis=0)
                return path, known[known.index.notna()]
    return None


def _stem(path: str) -> str:
    """The name of a file without folders and without the ending of a picture."""
    last = PurePosixPath(path.replace("\\", "/")).name
    stem, _, end = last.rpartition(".")
    return (stem if end.lower() in PICTURES else last).lower()


def add_known(content: Content, known: pd.DataFrame) -> None:
    """Put what is known of each file, by its path as the index, beside its pictures; one column may be the known answer."""
    files = content.rows["file"].str.replace(r" \(page \d+\)$", "", regex=True)
    beside = known.reindex(files).reset_index(drop=True)
    roles: dict[str, Role] = dict(content.roles)
    label = known_label(beside)
    if label is not None and roles.get("folder") == "label":
        roles["folder"] = "ignore"
    for name in beside:
        title = f"{name} (known)" if name in content.rows else str(name)
        content.rows[title] = beside[name]
        roles[title] = "label" if name == label else "ignore"
    content.roles = roles


def known_label(beside: pd.DataFrame) -> str | None:
    """The column that is the known answer of pictures: by its name, or the only one, of few values."""
    few = [str(name) for name in beside if 2 <= beside[name].nunique() <= min(MOST_CLASSES, len(beside) / 2)]
    few = [name for name in few if not pd.api.types.is_float_dtype(beside[name].dtype)]
    named = [name for name in few if is_label_name(name)]
    return named[0] if named else few[0] if len(few) == len(beside.columns) == 1 else None


def said(path: str, known: pd.DataFrame) -> str:
    """A sentence on a table that names the pictures."""
    return f"What {italic(path)} says of the pictures stands beside them: {listed(list(map(str, known.columns)))}."


def without(files: Iterable[tuple[str, bytes | None]], path: str) -> Iterator[tuple[str, bytes | None]]:
    """All files but one."""
    return ((other, data) for other, data in files if other != path)

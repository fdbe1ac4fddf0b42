"""Pictures and text files sorted into a folder for each group, as a ZIP with a list of them."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from engine.intake.naming import unique_paths
from engine.results.export.labels import as_csv, group_columns
from engine.results.record.record import Result

LIST, LEFT_OUT = "groups.csv", "Left out"
Files = Iterable[tuple[str, bytes]]


def sorted_files(result: Result, rows: pd.DataFrame, files: Files) -> bytes:
    """A ZIP of the files in one folder for each group, and groups.csv; a file that gave no row is not in it.

    `rows` is the raw data, whose column "file" holds the paths. Files of one name keep their folder in it.
    """
    table = group_columns(result, len(rows))
    folders = dict(zip(rows["file"], _folders(result, len(rows)), strict=True))
    listed = pd.concat([rows[["file"]].reset_index(drop=True), table], axis=1)
    return _packed(((folders[name], name, content) for name, content in files if name in folders), listed)


def sorted_arrays(result: Result, values: np.ndarray[Any, Any]) -> bytes:
    """The same for pictures uint8 [n, h, w, c] that came in one array, as PNG files named by their row."""
    table = group_columns(result, len(values))
    names = [f"row-{i:0{len(str(len(values)))}d}.png" for i in range(1, len(values) + 1)]
    files = zip(_folders(result, len(values)), names, (_png(value) for value in values), strict=True)
    return _packed(files, pd.concat([pd.DataFrame({"file": names}), table], axis=1))


def files_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an upload by the path they were read under: of a folder, of a zip, or the single one."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names, _ = unique_paths([entry.filename for entry in entries])
            for name, entry in zip(names, entries, strict=True):
                yield name, archive.read(entry)
    else:
        yield path.name, path.read_bytes()


def _packed(files: Iterable[tuple[str, str, bytes]], listed: pd.DataFrame) -> bytes:
    out, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
        for folder, name, content in files:
            path = f"{folder}/{PurePosixPath(name).name}"
            path = path if path not in taken else f"{folder}/{name.replace('/', '_')}"
            taken.add(path)
            archive.writestr(zipfile.ZipInfo(path), content)
        archive.writestr(zipfile.ZipInfo(LIST), as_csv(listed))
    return out.getvalue()


def _folders(result: Result, n: int) -> list[str]:
    """The folder of each row: its group with its name, unassigned, or left out."""
    names = {g.label: g.title if g.name == g.title else f"{g.title} - {_clean(g.name)}" for g in result.groups}
    found = [LEFT_OUT] * n
    for row, label in zip(result.kept.tolist(), result.labels.tolist(), strict=True):
        found[row] = names.get(label, "Unassigned")
    return found


def _clean(name: str) -> str:
    """A name that every system takes for a folder."""
    return " ".join(re.sub(r"[^\w ,.-]+", " ", name).split())[:60].strip(" .")


def _png(value: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(value[..., 0] if value.shape[2] == 1 else value).save(out, "PNG")
    return out.getvalue()

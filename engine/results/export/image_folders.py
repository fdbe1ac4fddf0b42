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

from engine.intake.files.zip_names import entry_names
from engine.intake.media.bands import displayed
from engine.intake.naming import unique_paths
from engine.results.export.labels import as_csv, group_columns
from engine.results.record.record import Result

LIST, LEFT_OUT = "groups.csv", "Left out"
Files = Iterable[tuple[str, bytes]]


def sorted_files(result: Result, rows: pd.DataFrame, files: Files) -> bytes:
    """A ZIP of the files in one folder for each group, and groups.csv; a file that gave no row is not in it.

    `rows` is the raw data, whose column "file" holds the paths. Of files with one name in one group, the second takes that of
    its old folder in front.
    """
    table = group_columns(result, len(rows))
    paths = dict(zip(rows["file"], _paths(rows["file"], _folders(result, len(rows))), strict=True))
    listed = pd.concat([rows[["file"]].reset_index(drop=True), table], axis=1)
    return _zipped(((paths[name], content) for name, content in files if name in paths), listed)


def sorted_arrays(result: Result, values: np.ndarray[Any, Any]) -> bytes:
    """The same for pictures uint8 [n, h, w, bands] of one array or of stacks of pages, as PNG files named by their row."""
    table = group_columns(result, len(values))
    names = [f"row-{i:0{len(str(len(values)))}d}.png" for i in range(1, len(values) + 1)]
    files = zip(_paths(names, _folders(result, len(values))), (_png(value) for value in values), strict=True)
    return _zipped(files, pd.concat([pd.DataFrame({"file": names}), table], axis=1))


def files_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an upload by the path they were read under: of a folder, of a zip, or the single one."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            spelled = zip(archive.infolist(), entry_names(archive.infolist()), strict=True)
            entries = [(entry, name) for entry, name in spelled if not entry.is_dir()]
            names, _ = unique_paths([name for _, name in entries])
            for name, (entry, _) in zip(names, entries, strict=True):
                yield name, archive.read(entry)
    else:
        yield path.name, path.read_bytes()


def _paths(names: Iterable[str], folders: Iterable[str]) -> list[str]:
    """The path of each file in the ZIP, all different."""
    wanted: list[str] = []
    taken = set[str]()
    for name, folder in zip(names, folders, strict=True):
        path = f"{folder}/{PurePosixPath(name).name}"
        wanted.append(path if path not in taken else f"{folder}/{name.replace('/', '_')}")
        taken.add(wanted[-1])
    return unique_paths(wanted)[0]


def _zipped(files: Files, listed: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
        for path, content in files:
            archive.writestr(zipfile.ZipInfo(path), content)
        archive.writestr(zipfile.ZipInfo(LIST), as_csv(listed))
    return out.getvalue()


def _folders(result: Result, n: int) -> list[str]:
    """The folder of each row: its group with its name, unassigned, or left out."""
    names = {g.label: g.title if g.name == g.title else f"{g.title} - {_clean(g.name)}" for g in result.groups}
    folders = [LEFT_OUT] * n
    for row, label in zip(result.kept.tolist(), result.labels.tolist(), strict=True):
        folders[row] = names.get(label, "Unassigned")
    return folders


def _clean(name: str) -> str:
    """A name that every system takes for a folder."""
    return " ".join(re.sub(r"[^\w ,.-]+", " ", name).split())[:60].strip(" .")


def _png(value: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    shown = np.ascontiguousarray(displayed(value))
    Image.fromarray(shown[..., 0] if shown.shape[2] == 1 else shown).save(out, "PNG")
    return out.getvalue()

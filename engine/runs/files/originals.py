"""The files that datasets were read from, kept as they came, so that groups can be written into a copy of them."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.runs.db.records import Record
from engine.runs.files.artifacts import Artifacts, Damaged
from engine.runs.files.uploads import stored_names, unpack

if TYPE_CHECKING:
    import pandas as pd

    from engine.intake import Raw


@dataclass(frozen=True)
class Original:
    """What a user brought: its name, that of every file in it, and the stored folder with their content."""

    dataset: str
    name: str
    files: tuple[str, ...]
    folder: str

    def fetch(self, artifacts: Artifacts, target: Path) -> Path:
        """Lay the files into a local folder; returns the one file, or the folder that holds all."""
        return unpack(artifacts, self.folder, {"files": self.files}, target)


@contextmanager
def rows_as_written(artifacts: Artifacts, raw: "Raw", folder: str, files: tuple[str, ...]) -> Iterator["pd.DataFrame"]:
    """The rows of what was read from the `files` in a stored folder, each cell as it is written there; of several, its values."""
    from engine.intake.as_written import rows_as_written as written

    with TemporaryDirectory(prefix="constella-") as work:
        if len(files) != 1 or raw.kind not in ("table", "text") or not artifacts.exists(folder):
            yield raw.rows
            return
        place = Path(work)
        path = unpack(artifacts, folder, {"files": files}, place / "file")
        yield written(raw, path, place)


def read_file(artifacts: Artifacts, original: Original, path: str, most: int) -> bytes | None:
    """One file of an upload, by the path under which it was read: a file of its own, or one in the only ZIP.

    None where it is not stored, is in an archive of another kind, is damaged or has more than `most` bytes.
    """
    stored = stored_names({"files": original.files})[0]
    roots = {name.split("/")[0] for name in stored if "/" in name}
    places = {name: i for i, name in enumerate(stored)}
    if len(roots) == 1 and all("/" in name for name in stored):  # a folder was uploaded: paths begin inside of it
        places = {name.split("/", 1)[1]: i for name, i in places.items()}
    try:
        if path in places:
            content = artifacts.read(f"{original.folder}/{places[path]}")
            return content if len(content) <= most else None
        return _from_zip(artifacts, f"{original.folder}/0", path, most) if len(stored) == 1 else None
    except (FileNotFoundError, Damaged, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return None


def _from_zip(artifacts: Artifacts, name: str, path: str, most: int) -> bytes | None:
    from engine.intake.files.zip_names import entry_names
    from engine.intake.naming import unique_paths

    with artifacts.open(name) as file, zipfile.ZipFile(file) as archive:
        spelled = zip(archive.infolist(), entry_names(archive.infolist()), strict=True)
        entries = [(entry, spelling) for entry, spelling in spelled if not entry.is_dir()]
        names, _ = unique_paths([spelling for _, spelling in entries])
        if path not in names:
            return None
        with archive.open(entries[names.index(path)][0]) as unpacked:
            content = unpacked.read(most + 1)
        return content if len(content) <= most else None


def keep(artifacts: Artifacts, upload: str, dataset: str, name: str, source: Record) -> None:
    """Make the stored folder `upload` a dataset's original; of several with the same rows the first stays.

    Nothing is moved, so that an import that is killed at any moment can be done again.
    """
    known = find(artifacts, dataset)
    if known is None or not artifacts.exists(known.folder):
        about = asdict(Original(dataset, name, tuple(source["files"]), upload))
        artifacts.write(_about(dataset), json.dumps(about, ensure_ascii=False).encode())


def find(artifacts: Artifacts, dataset: str) -> Original | None:
    """What a dataset was read from; None for samples, and for datasets of times when this was not kept."""
    try:
        about = json.loads(artifacts.read(_about(dataset)))
    except FileNotFoundError:
        return None
    folder = about.get("folder", f"originals/{dataset}/files")  # where earlier versions moved it
    return Original(about["dataset"], about["name"], tuple(about["files"]), folder)


def delete(artifacts: Artifacts, dataset: str) -> None:
    """Forget it, with its files."""
    try:
        original = find(artifacts, dataset)
    except Damaged:
        original = None
    if original is not None:
        artifacts.delete(original.folder)
    artifacts.delete(f"originals/{dataset}")


def _about(dataset: str) -> str:
    return f"originals/{dataset}/original.json"

"""The files that datasets were read from, kept as they came, so that groups can be written into a copy of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.runs.db.records import Record
from engine.runs.files.artifacts import Artifacts, Damaged
from engine.runs.files.uploads import unpack

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

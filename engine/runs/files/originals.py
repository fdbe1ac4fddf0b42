"""The files that datasets were read from, kept as they came, so that groups can be written into a copy of them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.runs.db.records import Record
from engine.runs.files.artifacts import Artifacts, Damaged
from engine.runs.files.uploads import unpack


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

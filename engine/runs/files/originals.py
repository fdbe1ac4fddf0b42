"""The files that datasets were read from, kept as they came, so that groups can be written into a copy of them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.runs.db.records import Record
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.uploads import unpack

_ABOUT = "original.json"


@dataclass(frozen=True)
class Original:
    """What a user brought: its name, and that of every file in it."""

    dataset: str
    name: str
    files: tuple[str, ...]

    def fetch(self, artifacts: Artifacts, folder: Path) -> Path:
        """Lay the files into a folder; returns the one file, or the folder that holds all."""
        return unpack(artifacts, f"originals/{self.dataset}/files", {"files": self.files}, folder)


def keep(artifacts: Artifacts, place: str, dataset: str, name: str, source: Record) -> None:
    """Take over an upload that was read; of several with the same rows the first stays. The list of files comes last."""
    if find(artifacts, dataset) is not None:
        return
    artifacts.delete(f"originals/{dataset}")
    artifacts.move(place, f"originals/{dataset}/files")
    about = asdict(Original(dataset, name, tuple(source["files"])))
    artifacts.write(f"originals/{dataset}/{_ABOUT}", json.dumps(about, ensure_ascii=False).encode())


def find(artifacts: Artifacts, dataset: str) -> Original | None:
    """What a dataset was read from; None for samples, and for datasets of times when this was not kept."""
    try:
        about = json.loads(artifacts.read(f"originals/{dataset}/{_ABOUT}"))
    except FileNotFoundError:
        return None
    return Original(about["dataset"], about["name"], tuple(about["files"]))


def delete(artifacts: Artifacts, dataset: str) -> None:
    """Forget it."""
    artifacts.delete(f"originals/{dataset}")

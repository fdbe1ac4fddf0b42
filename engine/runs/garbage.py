"""What nothing refers to any more: files of deleted and failed things, copies of killed processes, deleted names."""

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection, RowMapping

from engine.runs.config import Config
from engine.runs.db import repository
from engine.runs.db.schema import Store, datasets, imports, requests, runs
from engine.runs.files import originals, pretrained
from engine.runs.files.artifacts import Artifacts, Damaged

RESTS = 3600.0
"""Seconds for which nothing in a folder may have changed before it counts as left behind: running work is never touched."""
FAILED = 7 * 24 * 3600.0
"""Seconds for which a failed import, with its traceback, is remembered."""
FORGOTTEN = 24 * 3600.0
"""The same for folders of temporary files, which other installations on this machine may have made."""
TEMPORARY = "constella-*"
"""Folders that processes make in the system's folder for temporary files."""

_log = logging.getLogger("constella.garbage")


@dataclass(frozen=True)
class _Known:
    """What the store refers to."""

    runs: set[str]
    datasets: set[str]
    imports: dict[str, RowMapping]
    failed: set[str]
    """Imports that failed and whose upload is kept."""


def try_to_collect(store: Store, artifacts: Artifacts, config: Config) -> None:
    """`collect`, for a loop that has more important things to do than to fail at this."""
    try:
        collect(store, artifacts, config)
    except Exception:
        _log.exception("what nothing refers to could not be deleted; it is tried again later")


def collect(store: Store, artifacts: Artifacts, config: Config) -> None:
    """Delete all files that nothing refers to and that have not changed for a while; the log says which."""
    candidates = {room: artifacts.folders(room) for room in ("runs", "datasets", "originals", "uploads", "imports")}
    store.change(_forget_imports)
    with store.read() as connection:  # after the files were listed: what is new among them is known by now
        known = _known(connection)
    for name in _left_behind(artifacts, candidates, known) if _belong(candidates, known) else ():
        if _rests(artifacts, name):
            _log.info("%s is deleted: nothing refers to it", name)
            artifacts.delete(name)
    for path in [*(path for path in artifacts.unfinished() if _older(path, RESTS)), *_temporary()]:
        _log.info("%s is deleted: its process has died", path)
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    pretrained.trim(artifacts, config.pretrained)
    store.compact()


def _known(connection: Connection) -> _Known:
    rows = connection.execute(select(imports)).mappings().all()
    return _Known(
        set(connection.execute(select(runs.c.id)).scalars()),
        set(connection.execute(select(datasets.c.id)).scalars()),
        {row["id"]: row for row in rows},
        repository.kept_uploads(connection),
    )


def _belong(candidates: dict[str, list[str]], known: _Known) -> bool:
    """False where the store knows less than half of what is stored: it is another one, or an old copy of it."""
    stored = [*candidates["runs"], *candidates["datasets"]]
    ours = [name for name in stored if name in known.runs or name in known.datasets]
    if 2 * len(ours) >= len(stored):
        return True
    _log.warning("The store knows %d of %d stored runs and datasets, so none is deleted.", len(ours), len(stored))
    return False


def _forget_imports(connection: Connection) -> None:
    """Delete the rows of imports that failed long ago, and of uploads that have led on or never will."""
    ended = imports.c.state.in_(("failed", "copied", "copying"))
    long_ago = time.time() - FAILED
    connection.execute(delete(requests).where(requests.c.state == "copied", requests.c.created < long_ago))
    connection.execute(delete(imports).where(ended, imports.c.created < long_ago))


def _left_behind(artifacts: Artifacts, candidates: dict[str, list[str]], known: _Known) -> Iterator[str]:
    """Folders that nothing refers to."""
    yield from (f"runs/{run}" for run in candidates["runs"] if run not in known.runs)
    importing = any(row["state"] in ("queued", "running", "stopping") for row in known.imports.values())
    for room in () if importing else ("datasets", "originals"):  # what is being imported is known last
        yield from (f"{room}/{dataset}" for dataset in candidates[room] if dataset not in known.datasets)
    yield from (f"imports/{item}" for item in candidates["imports"] if item not in known.imports)
    for item in candidates["uploads"]:
        if item not in known.failed and not _needed(artifacts, f"uploads/{item}", known.imports.get(item)):
            yield f"uploads/{item}"
    if artifacts.exists("reuse"):  # where earlier versions kept pretrained weights, which this one does not take
        yield "reuse"


def _needed(artifacts: Artifacts, folder: str, row: RowMapping | None) -> bool:
    """Whether an upload is still to be read, or is the original of a dataset."""
    if row is None or row["state"] == "failed":
        return False
    if row["state"] != "done":
        return True
    try:
        original = originals.find(artifacts, row["dataset"])
    except Damaged:
        return True
    return original is not None and original.folder == folder


def _rests(artifacts: Artifacts, folder: str) -> bool:
    return all(file.modified < time.time() - RESTS for file in artifacts.files(folder))


def _temporary() -> Iterator[Path]:
    for folder in Path(tempfile.gettempdir()).glob(TEMPORARY):
        if all(_older(path, FORGOTTEN) for path in (folder, *folder.rglob("*"))):
            yield folder


def _older(path: Path, seconds: float) -> bool:
    try:
        return path.lstat().st_mtime < time.time() - seconds
    except FileNotFoundError:
        return False

"""The light lane's work on new data: the rows of another file placed in the groups of a finished run."""

import tempfile
from pathlib import Path

from engine.results.placement import Placement
from engine.runs import errands, queue
from engine.runs.records import Errand, RunRecord
from engine.runs.uploads import unpack
from engine.runs.worker import Desk

RAW, ROWS = "raw", "rows"


def work(desk: Desk) -> None:
    """Read the file, prepare it as the training data were, find the groups and what does not fit; keep all of it."""
    from engine import intake
    from engine.runs.models import predict  # torch, which imports alone do not need

    errand, place = held(desk), errands.place(desk.job.target)
    run = desk.workspace.run(errand.run)
    tell(desk, "Reading the file", 0.05)
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        raw = intake.inspect(unpack(desk.artifacts, f"{place}/upload", errand.source, Path(folder)), name=errand.name)
    placed = predict(desk.workspace, run, raw, lambda doing, progress: tell(desk, doing, progress))
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        raw.save(Path(folder))
        desk.artifacts.put_folder(f"{place}/{RAW}", Path(folder))
    desk.artifacts.write_folder(f"{place}/{ROWS}", placed.save)
    done(desk, placed, run)


def done(desk: Desk, placed: Placement, run: RunRecord) -> None:
    """Say in one transaction that everything is there."""
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        told = {"state": "done", "progress": 1.0, "doing": "", "summary": placed.summary(int(run.summary["k"]))}
        errands.change(connection, desk.job.target, **told)


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """Say why the file could not be placed; what was written of it goes."""
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        errands.change(connection, desk.job.target, state="failed", sentence=sentence, doing="")
    for part in ("upload", RAW, ROWS):
        desk.artifacts.delete(f"{errands.place(desk.job.target)}/{part}")


def held(desk: Desk) -> Errand:
    """What the job is about."""
    with desk.store.read() as connection:
        errand = errands.find(connection, desk.job.target)
    if errand is None:
        raise queue.Lost(desk.job.target)
    return errand


def tell(desk: Desk, doing: str, progress: float) -> None:
    """Say where the work stands; `Lost` where it was deleted meanwhile."""
    with desk.write() as connection:
        errands.change(connection, desk.job.target, doing=doing, progress=progress)

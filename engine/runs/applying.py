"""The light lane's work on new data: the rows of another file placed in the groups of a finished run."""

import tempfile
from pathlib import Path

from engine.runs import doing, errands
from engine.runs.uploads import unpack
from engine.runs.worker import Desk

RAW, ROWS = "raw", "rows"


def work(desk: Desk) -> None:
    """Read the file, prepare it as the training data were, find the groups and what does not fit; keep all of it."""
    from engine import intake
    from engine.runs.models import predict  # torch, which imports alone do not need

    errand, place = doing.held(desk), errands.place(desk.job.target)
    run = desk.workspace.run(errand.run)
    doing.tell(desk, "Reading the file", 0.05)
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        file = unpack(desk.artifacts, f"{place}/upload", errand.source, Path(folder))
        raw = intake.inspect(file, name=errand.name, reading=desk.workspace.raw(run.dataset).reading)
    placed = predict(desk.workspace, run, raw, lambda said, progress: doing.tell(desk, said, progress))
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        raw.save(Path(folder))
        desk.artifacts.put_folder(f"{place}/{RAW}", Path(folder))
    desk.artifacts.write_folder(f"{place}/{ROWS}", placed.save)
    with desk.store.write() as connection:
        doing.done(connection, desk, placed.summary(int(run.summary["k"])))


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """Say why the file could not be placed; what was written of it goes."""
    doing.failed(desk, sentence)
    for part in ("upload", RAW, ROWS):
        desk.artifacts.delete(f"{errands.place(desk.job.target)}/{part}")

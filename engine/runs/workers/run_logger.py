"""What a training run writes down while it runs: stage, time left, history, recording."""

import math
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection, RowMapping

from engine.core.snapshot import Snapshot
from engine.runs.db import repository
from engine.runs.db.records import Record
from engine.runs.eta import Forecast
from engine.runs.files import recordings
from engine.runs.files.recordings import Recorder
from engine.runs.workers.job_context import OPERATION_TIMEOUT, STEP_TIMEOUT, JobContext

FLUSH = 0.25
"""Seconds between two transactions."""
FULL_PAGE = 500
"""Records after which only every second epoch is written down, then every third, and so on."""


class RunLogger:
    """Takes snapshots, writes a few transactions a second."""

    def __init__(self, context: JobContext, run: RowMapping, prior: RowMapping | None) -> None:
        self._context, self._run = context, run["id"]
        self.forecast = Forecast(run["knobs"], prior["timings"] if prior else None)
        self._recorder: Recorder | None = None
        self._done: dict[str, int] = {}
        self._at = (-1, 0, "")
        self._seq = self._noted = 0
        self._waiting: list[Record] = []
        self._flushed = 0.0

    def log(self, snapshot: Snapshot) -> None:
        """Take in a snapshot."""
        # After a stage's last epoch comes whatever the plan does between stages, which may take long.
        within = snapshot.epoch < snapshot.epochs and snapshot.progress < 1
        self._context.note_progress(STEP_TIMEOUT if within else OPERATION_TIMEOUT)
        if (
            self._recorder is None or (snapshot.stages_done, snapshot.epoch) < self._at[:2]
        ):  # resumed, or gone back to a stage's start
            self.flush()
            self._recorder = self._take_up(snapshot)
        recorder = self._recorder
        if snapshot.stages_done != self._at[0]:
            self._done[self._at[2]] = self._done.get(self._at[2], 0) + self._at[1]
        self._at = (snapshot.stages_done, snapshot.epoch, snapshot.stage)
        epoch = self._done.get(snapshot.stage, 0) + snapshot.epoch
        fraction = epoch + _within(snapshot)
        left = self.forecast.observe(snapshot.stage, fraction, snapshot.epochs, snapshot.seconds)
        if snapshot.report.get("reused"):
            self.forecast.stages[snapshot.stage].reused = True
            self.forecast.stages[snapshot.stage].epochs += snapshot.epoch
        if snapshot.terms or snapshot.report or snapshot.labels is not None:
            self._record(snapshot, epoch, recorder)
        if time.monotonic() - self._flushed >= FLUSH:
            self.flush(_position(snapshot, epoch, fraction) | {"eta": left, "eta_at": time.time()})

    def set_stage(self, title: str) -> None:
        """Write what is being done outside of the training itself."""
        self._context.note_progress()
        self.flush({"stage": "", "stage_title": title, "epoch": 0, "epochs": 0, "progress": 0.0})

    def set_progress(self, title: str, share: float) -> None:
        """Write how far something outside of the training itself is, a few times a second; `share` is 0 to 1."""
        self._context.note_progress()
        if time.monotonic() - self._flushed >= FLUSH:
            self.flush({"stage": "", "stage_title": title, "epoch": 0, "epochs": 0, "progress": share})

    def flush(self, values: Record | None = None) -> None:
        """Write down what waits, and columns of the run."""

        def store(connection: Connection) -> None:
            if values:
                repository.set_run(connection, self._run, values)
            repository.add_history(connection, self._run, self._waiting)

        self._context.change(store)
        self._waiting = []
        self._flushed = time.monotonic()

    def _record(self, snapshot: Snapshot, epoch: int, recorder: Recorder) -> None:
        self._noted += 1
        if snapshot.labels is None and self._noted % (1 + self._seq // FULL_PAGE):
            return
        self._seq += 1
        record: Record = {
            "seq": self._seq,
            "stage": snapshot.stage,
            "stage_title": snapshot.stage_title,
            "epoch": epoch,
            "epochs": snapshot.epochs,
            "stages_done": snapshot.stages_done,
            "at": snapshot.epoch,
            "progress": min(1.0, epoch / max(1, snapshot.epochs)),
            "seconds": round(snapshot.seconds, 3),
            "terms": _finite(snapshot.terms),
            "report": _finite(snapshot.report),
            "sizes": None if snapshot.sizes is None else snapshot.sizes.tolist(),
            "changed": snapshot.changed,
            "notes": list(snapshot.notes),
            "frame": recorder.take(snapshot, self._seq, epoch),
        }
        self._waiting.append(record)

    def _take_up(self, first: Snapshot) -> Recorder:
        """Forget what a training told after the place from which it now goes on."""
        before = (first.stages_done, first.epoch - bool(first.terms or first.report))

        def cut(connection: Connection) -> list[Record]:
            known = repository.history(connection, self._run)
            remaining = [record for record in known if (record["stages_done"], record["at"]) <= before]
            repository.cut_history(connection, self._run, remaining[-1]["seq"] if remaining else 0)
            return remaining

        remaining = self._context.change(cut)
        self._seq, self._done = remaining[-1]["seq"] if remaining else 0, {}
        for record in remaining:
            here = record["stages_done"] == first.stages_done
            self._done[record["stage"]] = record["epoch"] - (record["at"] if here else 0)
        frames = 1 + max((record["frame"] for record in remaining if record["frame"] is not None), default=-1)
        recordings.cut(self._context.artifacts, self._run, frames)
        self._at = (first.stages_done, 0, "")
        return Recorder(self._context.artifacts, self._run, frames)


def _within(snapshot: Snapshot) -> float:
    """Share of the epoch at work that is done: of a stage of many epochs, or of one that is yielded epoch by epoch."""
    for epochs in (snapshot.epochs, 1):
        share = snapshot.progress * epochs - snapshot.epoch
        if 0 <= share < 1:
            return share
    return 0.0


def _finite(values: Mapping[str, float]) -> dict[str, float]:
    """JSON has no word for infinity, so what is not finite is left out."""
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}


def _position(snapshot: Snapshot, epoch: int, fraction: float) -> dict[str, Any]:
    return {
        "stage": snapshot.stage,
        "stage_title": snapshot.stage_title,
        "stages_done": snapshot.stages_done,
        "epoch": epoch,
        "epochs": snapshot.epochs,
        "progress": min(1.0, fraction / max(1, snapshot.epochs)),
        "seconds": snapshot.seconds,
    }

"""The plain records that pages and the command line read. Times are seconds since 1970 (UTC)."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

RunState = Literal["queued", "running", "done", "failed", "stopped", "interrupted"]
ImportStage = Literal["copying", "queued", "running", "stopping", "done", "failed"]
RequestKind = Literal["predict", "export", "evaluate", "tsne"]
RequestState = Literal["copying", "copied", "queued", "running", "stopping", "done", "failed", "stopped"]
Record = dict[str, Any]

WAITING: tuple[RunState, ...] = ("queued", "interrupted")
ACTIVE: tuple[RunState, ...] = ("queued", "interrupted", "running")
ENDED: tuple[RunState, ...] = ("done", "failed", "stopped")

PREPARING = "Preparing the data"
ENCODING = "Working out what is compared"
COUNTING = "Looking for the number of groups"
SEARCHING = "Trying candidates"
DESCRIBING = "Describing the groups"
"""What a run does outside of the stages of its method, as its `stage_title`."""


@dataclass(frozen=True)
class Import:
    """A file on its way in, by the id that `Workspace.importing` knows it by."""

    id: str
    name: str


@dataclass(frozen=True)
class ImportState:
    """Where an import stands; `sentence` says why it failed, or what is being done.

    `progress` (0..1) is the share that was copied while the state is "copying", and that was read while it is "running".
    """

    state: ImportStage
    sentence: str
    dataset: str | None
    progress: float = 0.0


@dataclass(frozen=True)
class FailedImport:
    """A file that could not be read, whose upload is kept for another try.

    `options` are those it was read with, `files` the names of its files, and `dataset` is the dataset that was to be read once
    more, "" for a new file.
    """

    id: str
    name: str
    sentence: str
    created: float
    files: tuple[str, ...]
    options: Record
    dataset: str


@dataclass(frozen=True)
class DatasetRecord:
    """A dataset that can be clustered. `preparation` is the suggested one, as JSON."""

    id: str
    name: str
    kind: str
    n: int
    columns: int
    created: float
    sample: bool
    preparation: Record = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
    """A run as the store knows it.

    Parameters
    ----------
    id
        Its id, which no other run has or had.
    key
        Hash of its settings and of the method's code.
    dataset, preparation, method, n_clusters, knobs, seed
        Its settings, see `Settings`.
    name
        What the user calls it.
    state
        Where it stands.
    created, started, ended
        In seconds since 1970 (UTC); None for what has not happened.
    stage, stage_title
        The stage of the training, by its id and as users read it. The id is empty outside of the training.
    stages_done
        Stages before this one.
    epoch, epochs
        Of all stages of that id: done, and in all.
    progress
        Share of the stage that is done, 0 to 1.
    eta_seconds
        Seconds left; None where that is unknown.
    sentence
        Why it failed or was stopped, for the user.
    seconds
        Seconds of training so far.
    summary
        What its result says in short, as JSON values; empty before it is done.
    fault
        Whose fault a failure is: "input" that of the user's data or settings, "ours" the program's.
    stopping
        Whether it was asked to stop.
    search
        Of a run that was left to decide: what was asked for, what was tried, and the answer, as JSON values, see
        `engine.runs.workers.search_job`. Once it is done, its settings are those that were chosen. None of other runs.
    """

    id: str
    key: str
    dataset: str
    preparation: Record
    method: str
    n_clusters: int | None
    knobs: Record
    seed: int
    name: str
    state: RunState
    created: float
    started: float | None
    ended: float | None
    stage: str
    stage_title: str
    stages_done: int
    epoch: int
    epochs: int
    progress: float
    eta_seconds: float | None
    sentence: str
    seconds: float
    summary: Record
    fault: Literal["", "input", "ours"] = ""
    stopping: bool = False
    search: Record | None = None

    @property
    def ended_well(self) -> bool:
        """True once there is a result to open."""
        return self.state == "done"

    @property
    def active(self) -> bool:
        """True while a worker has or will have it."""
        return self.state in ACTIVE


@dataclass(eq=False)
class Frame:
    """One moment of a training to play back; `seq` is that of its history record."""

    seq: int
    stage: str
    stage_title: str
    epoch: int
    labels: npt.NDArray[np.int64] | None
    positions: npt.NDArray[np.float32] | None


@dataclass(eq=False)
class Recording:
    """A training to play back: `positions` of each frame belong to the rows in `sample`."""

    sample: npt.NDArray[np.int64] | None
    frames: tuple[Frame, ...]

    def __len__(self) -> int:
        return len(self.frames)


@dataclass(frozen=True)
class Request:
    """Work requested for a finished run.

    Parameters
    ----------
    id, run
        Its id, and that of its run.
    kind
        "predict" for the groups of another file's rows, "export" for a file, "evaluate" for an evaluation, "tsne" for another
        map.
    name
        The name of the uploaded file, the format, the part of the evaluation, or the map.
    source
        What else was requested.
    state, stage, progress
        Where it stands: its state, what is being done, and the share that is done, 0 to 1.
    sentence
        Why it failed, for the user.
    summary
        What was found, as JSON values.
    created
        When it was requested, in seconds since 1970 (UTC).
    """

    id: str
    run: str
    kind: RequestKind
    name: str
    source: Record
    state: RequestState
    stage: str
    progress: float
    sentence: str
    summary: Record
    created: float

    @property
    def active(self) -> bool:
        """True while it is copied, and while a worker has or will have it."""
        return self.state in ("copying", "queued", "running", "stopping")

    @property
    def eta_seconds(self) -> float | None:
        """Seconds left, counted down to now; None where that is unknown."""
        left = self.summary.get("eta")
        return None if left is None else max(0.0, left - (time.time() - self.summary["eta_at"]))


@dataclass(frozen=True)
class Share:
    """A secret link to a run."""

    token: str
    run: str
    created: float
    expires: float | None
    raw_data: bool
    revoked: bool
    locked: bool = False
    """Whether it asks for a password."""
    view: Record = field(default_factory=dict)
    """What the page was showing when the link was made: choices in the address, by name, and the selection."""

"""How one member changed its group while a method learned, as far as the recording of the training shows it."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.runs.db.records import Frame
from engine.runs.files import recordings
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.recordings import Ints


@dataclass(frozen=True)
class Change:
    """A member in another group than before; `at` is the index of the first frame of its trajectory that shows it."""

    at: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The groups of one member over a training.

    Parameters
    ----------
    frames : tuple of Frame
        The frames that show groups, without their arrays.
    changes : tuple of Change or None
        The changes between them; None where the recording shows a sample of the members, and this one is not in it.
    """

    frames: tuple[Frame, ...]
    changes: tuple[Change, ...] | None


def read(artifacts: Artifacts, run: str, member: int, n: int) -> Trajectory:
    """The trajectory of one of a run's members, from its stored recording.

    Parameters
    ----------
    artifacts : Artifacts
        Where the recording is. Its frames are read one by one, because those of many members are large.
    run : str
        The run.
    member : int
        Index of the member, 0 to n - 1.
    n : int
        How many members the run has.

    Raises
    ------
    Damaged
        Where a frame is not what was written.
    """
    names = artifacts.names(f"runs/{run}/film")
    frames = (recordings.frame(artifacts, run, name) for name in names)
    return trajectory(frames, recordings.sample(artifacts, run), member, n)


def trajectory(frames: Iterable[Frame], sample: Ints | None, member: int, n: int) -> Trajectory:
    """The trajectory of one of n members through frames whose labels are those of all members, or of the `sample` [m]."""
    with_labels: list[Frame] = []
    groups: list[int | None] = []
    for frame in frames:
        if frame.labels is not None:
            index = member if len(frame.labels) == n else _index(sample, member)
            with_labels.append(replace(frame, labels=None, positions=None))
            groups.append(None if index is None else int(frame.labels[index]))
    changes = tuple(
        Change(at, before, after)
        for at, (before, after) in enumerate(itertools.pairwise(groups), 1)
        if before is not None and after is not None and before != after
    )
    return Trajectory(tuple(with_labels), None if None in groups else changes)


def _index(sample: Ints | None, member: int) -> int | None:
    """Where in a sample a member is; None where it is not in it."""
    positions = [] if sample is None else (sample == member).nonzero()[0].tolist()
    return int(positions[0]) if positions else None

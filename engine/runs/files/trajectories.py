"""The way of one member through the groups while a method learned, as far as the film of the training saw it."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.runs.db.records import Frame
from engine.runs.files import recordings
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.recordings import Ints


@dataclass(frozen=True)
class Change:
    """A member in another group than before; `at` is the number of the look that saw it first."""

    at: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The frames that show groups, without their arrays, and the changes between them; None where they do not know the member."""

    looks: tuple[Frame, ...]
    changes: tuple[Change, ...] | None


def read(artifacts: Artifacts, run: str, member: int, n: int) -> Trajectory:
    """The way of one of n members. A film of many members is large: each frame is let go once it was looked at."""
    names = artifacts.names(f"runs/{run}/film")
    return followed(
        (recordings.frame(artifacts, run, name) for name in names), recordings.sample(artifacts, run), member, n
    )


def followed(frames: Iterable[Frame], sample: Ints | None, member: int, n: int) -> Trajectory:
    """The way of one of n members through frames whose labels are those of all members, or of the `sample` [m]."""
    looks: list[Frame] = []
    groups: list[int | None] = []
    for frame in frames:
        if frame.labels is not None:
            place = member if len(frame.labels) == n else _place(sample, member)
            looks.append(replace(frame, labels=None, positions=None))
            groups.append(None if place is None else int(frame.labels[place]))
    changes = tuple(
        Change(at, before, after)
        for at, (before, after) in enumerate(itertools.pairwise(groups), 1)
        if before is not None and after is not None and before != after
    )
    return Trajectory(tuple(looks), None if None in groups else changes)


def _place(sample: Ints | None, member: int) -> int | None:
    found = [] if sample is None else (sample == member).nonzero()[0].tolist()
    return int(found[0]) if found else None

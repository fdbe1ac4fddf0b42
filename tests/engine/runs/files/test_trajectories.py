"""The way of one member through the groups, as a recording shows it."""

import itertools

import numpy as np

from engine.runs import Settings, Workspace
from engine.runs.db.records import Frame, Recording
from engine.runs.files import trajectories
from engine.runs.files.trajectories import Change
from engine.runs.workers.worker import Worker


def recording(*labels: list[int] | None, sample: list[int] | None = None) -> Recording:
    made = [
        Frame(i, "cluster", "sharpening", i, None if one is None else np.array(one), None)
        for i, one in enumerate(labels)
    ]
    return Recording(None if sample is None else np.array(sample), tuple(made))


def changes(recording: Recording, member: int, n: int) -> tuple[Change, ...] | None:
    return trajectories.trajectory(recording.frames, recording.sample, member, n).changes


def test_changes_are_those_between_frames_that_show_groups() -> None:
    seen = recording(None, [0, 1, 2], [0, 2, 2], None, [0, 2, -1], [1, 2, 2])
    assert changes(seen, 0, 3) == (Change(3, 0, 1),)
    assert changes(seen, 1, 3) == (Change(1, 1, 2),)
    assert changes(seen, 2, 3) == (Change(2, 2, -1), Change(3, -1, 2))


def test_a_member_that_stays_has_none() -> None:
    assert changes(recording([3, 1], [3, 0]), 0, 2) == ()


def test_members_outside_the_sample_are_not_known() -> None:
    seen = recording([0, 1], [1, 1], sample=[4, 9])
    assert changes(seen, 4, 10) == (Change(1, 0, 1),)
    assert changes(seen, 9, 10) == ()
    assert changes(seen, 5, 10) is None


def test_a_recording_without_groups_has_no_frames_of_them() -> None:
    trajectory = trajectories.trajectory(recording(None, None).frames, None, 0, 3)
    assert (trajectory.frames, trajectory.changes) == ((), ())


def test_a_real_recording_is_read_frame_by_frame(digits: Workspace) -> None:
    knobs = {"layers": "32-16", "pretrain_epochs": 1, "epochs": 3, "tolerance": 0.0}
    run = digits.submit(Settings(digits.datasets()[0].id, "idec", 10, knobs=knobs)).id
    assert Worker(digits, "train").once()
    labels = [frame.labels for frame in digits.recording(run).frames if frame.labels is not None]
    assert len(labels) > 1
    moved = [(before != after).nonzero()[0] for before, after in itertools.pairwise(labels)]
    at, member = next((at, int(some[0])) for at, some in enumerate(moved, 1) if len(some))
    trajectory = digits.trajectory(run, member, 1797)
    assert trajectory.changes[0] == Change(at, labels[at - 1][member], labels[at][member])
    assert [frame.seq for frame in trajectory.frames] == [
        f.seq for f in digits.recording(run).frames if f.labels is not None
    ]
    assert all(look.labels is None and look.positions is None for look in trajectory.frames)

"""A recording has few frames of a long training, and always the last."""

import numpy as np
import pytest
from safetensors.numpy import save

from engine.core.snapshot import Snapshot
from engine.runs import Damaged, Workspace
from engine.runs.files import recordings


def moment(epoch: int, last: bool = False) -> Snapshot:
    sample = np.arange(3)
    spots = np.full((3, 2), epoch, np.float32)
    terms = {} if last else {"reconstruction": 1.0}
    return Snapshot(
        "pretrain",
        "Learning to reconstruct",
        epoch,
        999,
        0,
        0.5,
        1.0,
        terms,
        labels=np.array([0, 1, -1]),
        sample=sample,
        positions=spots,
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(recordings.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(recordings, "PAUSE", 0.25)
    return now


def test_frames_come_ever_farther_apart_and_the_last_is_there(workspace: Workspace, clock: list[float]) -> None:
    camera = recordings.Recorder(workspace.artifacts, "run")
    taken = []
    for epoch in range(3000):
        clock[0] += 0.125
        if camera.take(moment(epoch), epoch, epoch) is not None:
            taken.append(epoch)
    assert np.diff(taken[: recordings.FRAMES]).max() == 2, "at first one in 0.25 seconds"
    assert np.diff(taken[recordings.FRAMES + 1 : 2 * recordings.FRAMES]).min() == 4, "then one in 0.5"
    assert camera.take(moment(3000, last=True), 3000, 3000) == len(taken), "the last one, however soon"
    recording = recordings.read(workspace.artifacts, "run")
    assert [frame.epoch for frame in recording.frames] == [*taken, 3000]
    assert recording.sample.tolist() == [0, 1, 2]
    assert recording.frames[5].labels.tolist() == [0, 1, -1]
    assert recording.frames[5].positions.tolist() == [[taken[5]] * 2] * 3
    assert recordings.read(workspace.artifacts, "run", -1).frames[0].epoch == 3000


def test_what_shows_nothing_is_no_frame(workspace: Workspace, clock: list[float]) -> None:
    camera = recordings.Recorder(workspace.artifacts, "run")
    assert (
        camera.take(Snapshot("pretrain", "Learning to reconstruct", 1, 9, 0, 0.5, 1.0, {"reconstruction": 1.0}), 1, 1)
        is None
    )
    assert recordings.read(workspace.artifacts, "run").frames == ()


def test_a_frame_has_the_stage_and_what_is_shown_of_it(workspace: Workspace, clock: list[float]) -> None:
    recordings.Recorder(workspace.artifacts, "run").take(moment(1), 1, 1)
    frame = recordings.read(workspace.artifacts, "run").frames[0]
    assert (frame.stage, frame.stage_title) == ("pretrain", "Learning to reconstruct")


def test_a_frame_of_an_earlier_version_shows_its_stage(workspace: Workspace) -> None:
    stage = np.frombuffer(b"Sharpening groups", np.uint8)
    old = {"at": np.array([1, 2]), "stage": stage, "labels": np.zeros(3, np.uint16)}
    workspace.artifacts.write("runs/old/film/00000", save(old))
    frame = recordings.read(workspace.artifacts, "old").frames[0]
    assert (frame.stage, frame.stage_title, frame.epoch) == ("Sharpening groups", "Sharpening groups", 2)


def test_a_damaged_frame_is_a_sentence(workspace: Workspace, clock: list[float]) -> None:
    recordings.Recorder(workspace.artifacts, "run").take(moment(1), 1, 1)
    whole = workspace.artifacts._read("runs/run/film/00000")
    for content in (whole[:100] + b"?" + whole[101:], whole[:100]):
        workspace.artifacts._write("runs/run/film/00000", content)
        with pytest.raises(Damaged, match="recording of this training was damaged"):
            recordings.read(workspace.artifacts, "run")

"""What the play-back of a training is taken from."""

import time
from pathlib import Path

import numpy as np

from engine.core.snapshot import Snapshot
from engine.runs import DatasetRecord, Settings, Workspace
from engine.runs.db import repository
from engine.runs.files.recordings import Recorder
from pages.parts.training import playback


def _snapshot(labels: list[int]) -> Snapshot:
    found = np.array(labels)
    return Snapshot(
        "a", "A", 1, 1, 1, 1.0, 1.0, labels=found, sample=np.arange(2), positions=np.zeros((2, 2), np.float32)
    )


def _trained(workspace: Workspace, dataset: str, labels: list[int]) -> str:
    run = workspace.submit(Settings(dataset, "kmeans", 2)).id
    Recorder(workspace.artifacts, run).take(_snapshot(labels), 1, 1)
    with workspace.store.write() as connection:
        repository.set_run(connection, run, {"state": "done"})
    return run


def test_a_run_trained_again_is_not_played_back_from_the_deleted_one(tmp_path: Path) -> None:
    workspace = Workspace.open({"CONSTELLA_HOME": str(tmp_path)})
    record = DatasetRecord("d" * 20, "customers", "table", 2, 8, time.time(), False, {"scale": "standard"})
    with workspace.store.write() as connection:
        repository.add_dataset(connection, record)
    for labels in ([0, 1], [1, 0]):
        run = _trained(workspace, record.id, labels)
        (frame,) = playback.recording_of(workspace, workspace.run(run)).frames
        assert frame.labels is not None
        assert frame.labels.tolist() == labels
        workspace.delete(run)
    workspace.close()

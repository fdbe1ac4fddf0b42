"""A training to play back: frames of labels (16 bits) and positions (half precision), each a file of its own."""

import time

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.core.snapshot import Snapshot
from engine.runs.db.records import Frame, Recording
from engine.runs.files.artifacts import Artifacts, Damaged

Ints = npt.NDArray[np.int64]
PAUSE = 0.3
"""Seconds between frames at first; doubled after every `FRAMES` frames and `BYTES` bytes."""
FRAMES = 60
BYTES = 16 * 2**20
UNASSIGNED = np.iinfo(np.uint16).max


class Recorder:
    """Decides which snapshots become frames, and writes them."""

    def __init__(self, artifacts: Artifacts, run: str, taken: int = 0) -> None:
        self._artifacts, self._run = artifacts, run
        self._taken, self._bytes, self._last = taken, 0, float("-inf")
        self._sampled = False

    def take(self, snapshot: Snapshot, seq: int, epoch: int) -> int | None:
        """The number of the frame made of a snapshot; None where there is nothing to see or it is too soon."""
        if snapshot.labels is None and snapshot.positions is None:
            return None
        now = time.monotonic()
        soon = now - self._last < PAUSE * 2 ** (self._taken // FRAMES + self._bytes // BYTES)
        if soon and snapshot.terms:  # the last snapshot has no terms, and is always shown
            return None
        if snapshot.sample is not None and not self._sampled:
            self._sampled = True
            self._artifacts.write(f"runs/{self._run}/sample", save({"sample": snapshot.sample}))
        content = _packed(snapshot, seq, epoch)
        self._artifacts.write(f"runs/{self._run}/film/{self._taken:05d}", content)
        self._last, self._bytes, self._taken = now, self._bytes + len(content), self._taken + 1
        return self._taken - 1


def read(artifacts: Artifacts, run: str, since: int = 0) -> Recording:
    """A run's recording, or part of it.

    Parameters
    ----------
    artifacts : Artifacts
        Where it is.
    run : str
        The run.
    since : int
        The number of the first frame to read; -1 is the newest alone.

    Returns
    -------
    Recording
        Without frames where there are none (yet).

    Raises
    ------
    Damaged
        Where a frame is not what was written.
    """
    names = artifacts.names(f"runs/{run}/film")
    names = names[-1:] if since < 0 else [name for name in names if int(name) >= since]
    if not names:
        return Recording(None, ())
    return Recording(sample(artifacts, run), tuple(frame(artifacts, run, name) for name in names))


def sample(artifacts: Artifacts, run: str) -> Ints | None:
    """The members whose positions a recording shows, int64 [m]; None where it shows none."""
    name = f"runs/{run}/sample"
    return _tensors(artifacts, name)["sample"] if artifacts.exists(name) else None


def frame(artifacts: Artifacts, run: str, name: str) -> Frame:
    """One frame by the name of its file."""
    return _unpacked(_tensors(artifacts, f"runs/{run}/film/{name}"))


def cut(artifacts: Artifacts, run: str, keep: int) -> None:
    """Forget the frames from number `keep` on."""
    for name in artifacts.names(f"runs/{run}/film"):
        if int(name) >= keep:
            artifacts.delete(f"runs/{run}/film/{name}")


def _packed(snapshot: Snapshot, seq: int, epoch: int) -> bytes:
    tensors: dict[str, np.ndarray] = {"at": np.array([seq, epoch], dtype=np.int64)}
    tensors["stage"] = _text(snapshot.stage)
    tensors["stage_title"] = _text(snapshot.stage_title)
    if snapshot.labels is not None:
        labels = np.minimum(snapshot.labels, UNASSIGNED - 1)
        tensors["labels"] = np.where(labels < 0, UNASSIGNED, labels).astype(np.uint16)
    if snapshot.positions is not None:
        tensors["positions"] = snapshot.positions.astype(np.float16)
    return save(tensors)


def _text(value: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(value.encode() or b" ", dtype=np.uint8)


def _tensors(artifacts: Artifacts, name: str) -> dict[str, np.ndarray]:
    try:
        return dict(load(artifacts.read(name)))
    except (Damaged, SafetensorError, ValueError) as fault:
        raise Damaged(
            "The recording of this training was damaged after it was written, so it cannot be played back. "
            "The result is not affected."
        ) from fault


def _unpacked(tensors: dict[str, np.ndarray]) -> Frame:
    labels, positions = tensors.get("labels"), tensors.get("positions")
    if labels is not None:
        labels = np.where(labels == UNASSIGNED, -1, labels.astype(np.int64))
    seq, epoch = (int(value) for value in tensors["at"])
    stage = tensors["stage"].tobytes().decode().strip()
    title = tensors["stage_title"].tobytes().decode().strip() if "stage_title" in tensors else stage
    return Frame(seq, stage, title, epoch, labels, None if positions is None else positions.astype(np.float32))

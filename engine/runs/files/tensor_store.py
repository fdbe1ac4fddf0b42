"""Tensors on disk between trainings: a run's checkpoint, and pretraining that several runs share."""

import logging
from collections.abc import Callable, Mapping

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine.runs.files.artifacts import Artifacts

_log = logging.getLogger("constella.workers")


class ArtifactTensorStore:
    """A run's shelf. Keys that begin with "reuse-" belong to everybody, all others to the run.

    `before` is called before anything is put there: what a checkpoint follows on must be written down by then.
    """

    def __init__(self, artifacts: Artifacts, run: str, before: Callable[[], None] = lambda: None) -> None:
        self._artifacts, self._run, self._before = artifacts, run, before

    def get(self, key: str) -> dict[str, Tensor] | None:
        """What was put under the key; None where there is nothing, or nothing that can be read."""
        try:
            return dict(load(self._artifacts.read(self._name(key))))
        except FileNotFoundError:
            return None
        except (SafetensorError, ValueError):
            _log.exception("%s cannot be read, so it is made again", self._name(key))
            return None

    def put(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        """Keep tensors under the key; what was there stays until the new ones are complete."""
        self._before()
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        self._artifacts.write(self._name(key), save(plain))

    def drop(self, key: str) -> None:
        """Forget what is under the key."""
        self._artifacts.delete(self._name(key))

    def _name(self, key: str) -> str:
        folder = "reuse" if key.startswith("reuse-") else f"runs/{self._run}"
        return f"{folder}/{key}.safetensors"

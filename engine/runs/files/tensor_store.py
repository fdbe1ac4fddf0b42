"""Tensors on disk between trainings: a run's checkpoint, and pretrained weights that several runs share."""

import logging
from collections.abc import Callable, Mapping

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine.runs.config import DEFAULT_PRETRAINED
from engine.runs.files import pretrained
from engine.runs.files.artifacts import Artifacts, Damaged

_log = logging.getLogger("constella.workers")


SHARED = "reuse-"
"""Beginning of the keys of pretrained weights, which all runs on a dataset share."""


class ArtifactTensorStore:
    """The checkpoint of a run, and the pretrained weights of its dataset, which go when the dataset goes.

    Parameters
    ----------
    artifacts
        Where the files are.
    run, dataset
        Whose they are. Keys that begin with `SHARED` belong to the dataset, all others to the run.
    before
        Called before anything is put: what a checkpoint follows on must be written down by then.
    budget
        Bytes of all pretrained weights of all datasets together; the oldest go first.
    """

    def __init__(
        self,
        artifacts: Artifacts,
        run: str,
        dataset: str,
        before: Callable[[], None] = lambda: None,
        budget: int = DEFAULT_PRETRAINED,
    ) -> None:
        self._artifacts, self._run, self._dataset = artifacts, run, dataset
        self._before, self._budget = before, budget

    def get(self, key: str) -> dict[str, Tensor] | None:
        """Tensors of any shape [...] by name, as they were put; None where there are none. Damaged ones are deleted."""
        try:
            return dict(load(self._artifacts.read(self._name(key))))
        except FileNotFoundError:
            return None
        except (Damaged, SafetensorError, ValueError):
            _log.exception("%s is damaged, so it is thrown away and made anew", self._name(key))
            self.drop(key)
            return None

    def put(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        """Store tensors, each of any shape [...], under the key; what was there stays until the new ones are complete."""
        self._before()
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        self._artifacts.write(self._name(key), save(plain))
        if key.startswith(SHARED):
            pretrained.trim(self._artifacts, self._budget)

    def drop(self, key: str) -> None:
        """Delete what is under the key."""
        self._artifacts.delete(self._name(key))

    def _name(self, key: str) -> str:
        folder = pretrained.folder(self._dataset) if key.startswith(SHARED) else f"runs/{self._run}"
        return f"{folder}/{key}.safetensors"

"""Features of a dataset, made once and shared by its runs; they go when the dataset goes."""

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.intake.storage import load_values, save_values
from engine.runs.files import pretrained
from engine.runs.files.artifacts import Artifacts, Damaged

RECIPE = "recipe.json"
FEATURES = "features.safetensors"

_log = logging.getLogger("constella.workers")


class ArtifactFeatureStore:
    """Where `engine.intake.prepare` finds the features of a dataset that were made before, and keeps new ones.

    Parameters
    ----------
    artifacts
        Where the files are.
    dataset
        Whose features they are.
    budget
        Bytes of all features and pretrained weights of all datasets together; the oldest go first.
    """

    def __init__(self, artifacts: Artifacts, dataset: str, budget: int) -> None:
        self._artifacts, self._folder, self._budget = artifacts, pretrained.features_folder(dataset), budget

    def get(self, key: str) -> tuple[np.ndarray, dict[str, Any]] | None:
        """Features float32 [n, d], mapped from their file where it is here, and their recipe; None where there are none."""
        name = f"{self._folder}/{key}"
        if not self._artifacts.exists(f"{name}/{FEATURES}"):
            return None
        try:
            return self._artifacts.with_folder(name, _read)
        except (Damaged, FileNotFoundError, ValueError):
            _log.exception("%s is damaged, so it is thrown away and made anew", name)
            self._artifacts.delete(name)
            return None

    def put(self, key: str, x: np.ndarray, recipe: Mapping[str, Any]) -> None:
        """Keep features [n, d] and their recipe under the key."""
        with tempfile.TemporaryDirectory(prefix="constella-") as made:
            save_values(x, Path(made) / FEATURES)
            (Path(made) / RECIPE).write_text(json.dumps(dict(recipe)), "utf-8")
            self._artifacts.put_folder(f"{self._folder}/{key}", Path(made))
        pretrained.trim(self._artifacts, self._budget)


def _read(here: Path) -> tuple[np.ndarray, dict[str, Any]]:
    return load_values(here / FEATURES), json.loads((here / RECIPE).read_text("utf-8"))

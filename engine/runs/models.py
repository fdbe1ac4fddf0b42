"""A trained method and the recipe of its data, kept so that new rows can be placed in its groups."""

import json
import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from sqlalchemy.engine import RowMapping

from engine.data import Data
from engine.errors import InputError
from engine.estimator import Clusterer, load
from engine.intake import Prepared, Recipe, inspect
from engine.method import Method
from engine.runs.artifacts import Artifacts
from engine.runs.records import RunRecord
from engine.runs.workspace import Workspace
from engine.snapshot import Labels

MODEL = "model"
RECIPE = "recipe.json"


def keep(artifacts: Artifacts, run: RowMapping, method: Method, labels: Labels, prepared: Prepared) -> None:
    """Store a trained method as `Clusterer.save` writes it, and the recipe beside it."""
    knobs: dict[str, Any] = run["knobs"]
    fitted = Clusterer(run["method"], run["n_clusters"], random_state=run["seed"], **knobs)
    fitted.method_, fitted.labels_ = method, labels
    fitted.n_features_in_ = int(np.prod(method.shape))
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        fitted.save(Path(folder) / MODEL)
        (Path(folder) / RECIPE).write_text(json.dumps(prepared.recipe.to_json()), "utf-8")
        artifacts.put_folder(f"runs/{run['id']}/{MODEL}", Path(folder))


def predict(workspace: Workspace, run: RunRecord, source: str) -> Labels:
    """[n] the run's group of every row of another file; InputError where the file does not fit."""
    if run.state != "done":
        raise InputError(f"{run.name} has no model yet: it is {run.state}.")
    raw = inspect(source)
    clusterer, recipe = workspace.artifacts.with_folder(f"runs/{run.id}/{MODEL}", _loaded)
    data = Data(torch.from_numpy(recipe.apply(raw)), raw.kind)
    return clusterer.predict(cast(Any, data))  # it takes prepared data as well as arrays


def trained(artifacts: Artifacts, run: str) -> Method:
    """The method of a finished run as it was trained."""
    clusterer, _ = artifacts.with_folder(f"runs/{run}/{MODEL}", _loaded)
    return clusterer.method_


def _loaded(folder: Path) -> tuple[Clusterer, Recipe]:
    recipe = Recipe.from_json(json.loads((folder / RECIPE).read_text("utf-8")))
    return load(folder / MODEL), recipe

"""A trained method and the recipe of its data, kept so that new rows can be placed in its groups."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch

from engine.api.estimator import Clusterer, load
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.method import Method
from engine.core.snapshot import Floats, Labels, Outcome
from engine.features import VALUES
from engine.intake import Preparation, Prepared, Raw, Recipe, prepare
from engine.intake.columns.coded_blanks import without_coded_blanks
from engine.intake.recipes.feature_recipe import FeatureRecipe, plain
from engine.intake.recipes.preparing import select_rows
from engine.intake.recipes.stored import recipe_from_json
from engine.intake.recipes.table_recipe import TableRecipe
from engine.results.evaluate.assignment import Assignment, Space, calibration_pairs, relative_distance, sample
from engine.results.evaluate.certainty import centers_of, certainty, groups_of
from engine.runs.db.records import RunRecord
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.features import ArtifactFeatureStore
from engine.runs.workspace import Workspace

MODEL = "model"
RECIPE = "recipe.json"
Tell = Callable[[str, float], None]
"""Called with what is being done, and the share that is done."""


def _silent(doing: str, progress: float) -> None:
    """Report nothing."""


def save_model(
    artifacts: Artifacts, run: Mapping[str, Any], method: Method, labels: Labels, prepared: Prepared
) -> None:
    """Store a trained method as `Clusterer.save` writes it, and the recipe of its data beside it.

    Parameters
    ----------
    artifacts
        Where to.
    run
        The run's row in the store.
    method
        The trained method.
    labels
        int64 [n], the groups of the training data.
    prepared
        The training data as prepared, with their recipe.
    """
    knobs: dict[str, Any] = run["knobs"]
    fitted = Clusterer(run["method"], run["n_clusters"], random_state=run["seed"], **knobs)
    fitted.method_, fitted.labels_, fitted.seed_ = method, labels, run["seed"]
    fitted.n_features_in_, fitted.features_ = int(np.prod(method.shape)), VALUES  # its recipe makes the features
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        fitted.save(Path(folder) / MODEL)
        (Path(folder) / RECIPE).write_text(json.dumps(prepared.recipe.to_json()), "utf-8")
        artifacts.put_folder(f"runs/{run['id']}/{MODEL}", Path(folder))


def predict(workspace: Workspace, run: RunRecord, raw: Raw, tell: Tell = _silent) -> Assignment:
    """Assign the rows of other data to a finished run's groups.

    Parameters
    ----------
    workspace
        Where the run is.
    run
        The finished run.
    raw
        The other data, m rows with the columns of the training data.
    tell
        Called with what is being done and the share, 0 to 1, that is done.

    Returns
    -------
    Assignment
        Of all m rows; those without a value are in no group.

    Raises
    ------
    InputError
        Where the run has no model, the data do not fit it, or no row has a value.
    """
    clusterer, recipe = load_model(workspace, run)
    tell("Preparing the rows", 0.1)
    x = recipe.apply(raw)
    usable = ~_blank(raw, recipe, run.preparation.get("missing") == "drop")
    if not usable.any():
        raise InputError(f"No row of {raw.name} has a value to go by: fill blanks or bring other rows.")
    tell("Preparing the training data", 0.2)
    known = members(workspace, run, clusterer, recipe)
    tell("Finding the groups", 0.5)
    new = _outcome(clusterer, Data(torch.from_numpy(x[usable]), recipe.kind), known)
    tell("Comparing with the training data", 0.7)
    certainties = certainty(new, int(run.summary["k"]))
    distance = relative_distance(
        [Space(known.rows, x[usable].reshape(usable.sum(), -1)), Space(known.codes, new.embedding, known.between)],
        known.calibration_pairs,
    )
    return Assignment(
        _spread(new.labels, usable, -1),
        _spread(certainties.sure, usable, 0),
        _spread(certainties.second, usable, -1),
        _spread(distance, usable, np.nan),
    )


def load_model(workspace: Workspace, run: RunRecord) -> tuple[Clusterer, Recipe]:
    """Load a finished run's method and the recipe of its data.

    Raises
    ------
    InputError
        Where the run is not finished, or its files are damaged.
    """
    if run.state != "done":
        raise InputError(f"{run.name} has no model yet: it is {run.state}.")
    return workspace.artifacts.with_folder(f"runs/{run.id}/{MODEL}", _loaded)


@dataclass(frozen=True, eq=False)
class Members:
    """Members of the training data that new rows are compared with.

    Parameters
    ----------
    rows
        float32 [n, columns], as prepared.
    codes
        float32 [n, d], as the method embeds them.
    labels
        int64 [n], their groups.
    calibration_pairs
        int64 [j, 2], some of them, each with its nearest neighbor.
    between
        float32 [j, d], the codes halfway between the two of each pair; None where the method embeds rows as themselves.
    """

    rows: Floats
    codes: Floats
    labels: Labels
    calibration_pairs: Labels
    between: Floats | None


def members(workspace: Workspace, run: RunRecord, clusterer: Clusterer, recipe: Recipe) -> Members:
    """Members that stand for the training data, with what the method sees in them."""
    raw, result = workspace.raw(run.dataset), workspace.result(run.id)
    chosen = sample(len(result))
    if isinstance(recipe, FeatureRecipe):
        store = ArtifactFeatureStore(workspace.artifacts, run.dataset, workspace.config.pretrained)
        x = prepare(raw, Preparation.from_json(run.preparation), store=store).x[chosen]
    else:
        x = recipe.apply(select_rows(raw, result.kept[chosen]))

    def code(x: Floats) -> Floats:
        return clusterer.transform(cast(Any, Data(torch.from_numpy(x), recipe.kind)))

    rows = x.reshape(len(x), -1)
    pairs = calibration_pairs(rows) if len(rows) > 1 else np.zeros((0, 2), np.int64)
    between = None if clusterer.method_.identity or not len(pairs) else code((x[pairs[:, 0]] + x[pairs[:, 1]]) / 2)
    return Members(rows, code(x), result.labels[chosen], pairs, between)


def _outcome(clusterer: Clusterer, data: Data, known: Members) -> Outcome:
    """What the method says of new rows. Groups without a center of the method's own have that of their members."""
    method, data = clusterer.method_, data.to(clusterer._device())
    with torch.no_grad():
        labels = method.labels(data).cpu().numpy().astype(np.int64)
        soft = method.soft_labels(data)
        codes = np.ascontiguousarray(method.embed(data).flatten(1).cpu().numpy(), np.float32)
    trained = Outcome(known.labels, None, known.codes, clusterer.cluster_centers_, None, {}, None, {})
    k = int(max(groups_of(trained), labels.max(initial=-1) + 1))
    return replace(
        trained,
        labels=labels,
        soft=None if soft is None else soft.cpu().numpy(),
        embedding=codes,
        centers=centers_of(trained, k),
    )


def _blank(raw: Raw, recipe: Recipe, drop: bool) -> npt.NDArray[np.bool_]:
    """[n] rows that preparation leaves out: without any value, or with any blank where such rows were dropped."""
    if raw.kind == "series":
        return np.asarray(np.isnan(raw.array).all(axis=(1, 2)))
    recipe = plain(recipe)
    if not isinstance(recipe, TableRecipe):
        return np.zeros(len(raw), bool)
    rows = raw.rows[[block.column for block in recipe.blocks]]
    gone = without_coded_blanks(rows, recipe.coded_blanks).isna()
    return (gone.any(axis=1) if drop else gone.all(axis=1)).to_numpy(bool)


def _spread(values: npt.NDArray[Any], rows: npt.NDArray[np.bool_], rest: float) -> npt.NDArray[Any]:
    """Values of some rows among all, `rest` in between."""
    whole = np.full(len(rows), rest, values.dtype)
    whole[rows] = values
    return whole


def load_method(artifacts: Artifacts, run: str) -> Method:
    """The method of a finished run as it was trained."""
    clusterer, _ = artifacts.with_folder(f"runs/{run}/{MODEL}", _loaded)
    return clusterer.method_


def load_recipe(workspace: Workspace, run: RunRecord) -> Recipe:
    """Load the recipe of a finished run's data alone.

    Raises
    ------
    InputError
        Where its files are damaged.
    """
    return workspace.artifacts.with_folder(f"runs/{run.id}/{MODEL}", _recipe)


def _recipe(folder: Path) -> Recipe:
    return recipe_from_json(json.loads((folder / RECIPE).read_text("utf-8")))


def _loaded(folder: Path) -> tuple[Clusterer, Recipe]:
    return load(folder / MODEL), _recipe(folder)

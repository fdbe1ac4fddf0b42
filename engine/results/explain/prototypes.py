"""What a group looks like in the user's units: decoded by the method, or the plain average of its members."""

import warnings
from dataclasses import replace
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from engine.core.snapshot import Outcome
from engine.intake.mapped import same, selected
from engine.results.evaluate.certainty import mean_of
from engine.results.record.record import Bands, Floats, Ints, Prototypes


class Restores(Protocol):
    """The part of a recipe that leads back from prepared units to the user's."""

    def restore(self, x: Floats) -> pd.DataFrame | np.ndarray:
        """Prepared units to the user's."""
        ...

    @property
    def share_columns(self) -> dict[str, str]:
        """Of a table: for each column of categories, the column that has their shares."""
        ...


class Ready(Protocol):
    """The part of the prepared data that examples are made from."""

    x: Floats
    kept: Ints
    recipe: Any

    @property
    def shown(self) -> Any:
        """The same rows in a form that can be turned back into the user's units."""
        ...


class Arrived(Protocol):
    """The part of the raw data that examples are made from."""

    kind: Any
    rows: pd.DataFrame


def prototypes(outcome: Outcome, prepared: Ready, raw: Arrived, k: int) -> Prototypes | None:
    """One example per group in the user's units; `raw` holds members and other rows.

    Where features are compared, a method's own prototypes cannot be shown, so these are the averages of the members; not of
    pictures, which look like nothing when they are alike in what is on them and not in where it is.
    """
    x, rows = prepared.x, raw.rows
    if prepared.shown is not prepared:
        outcome, prepared, x = replace(outcome, prototypes=None), prepared.shown, prepared.shown.x
        if raw.kind == "image":
            return None
    if k == 0 or not len(x):
        return None
    given = outcome.prototypes if outcome.prototypes is not None and len(outcome.prototypes) == k else None
    inputs = means(x, outcome.labels, k) if given is None else given
    recipe: Restores = prepared.recipe
    restored = recipe.restore(np.ascontiguousarray(inputs, np.float32))
    source = _source(outcome, x, given)
    if isinstance(restored, pd.DataFrame):
        table = restored.reset_index(drop=True)
        if source == "mean":
            table = _averaged(table, prepared, selected(rows, prepared.kept), outcome.labels)
        return Prototypes(source, table, shares=recipe.share_columns)
    return Prototypes(source, values=np.asarray(restored))


def _source(outcome: Outcome, x: Floats, given: Floats | None) -> Literal["decoded", "center", "mean"]:
    """Whether a method has a network that decodes centers; one that embeds each row as itself has none."""
    if given is None:
        return "mean"
    return "center" if same(outcome.embedding, x.reshape(len(x), -1)) else "decoded"


def _averaged(table: pd.DataFrame, prepared: Ready, rows: pd.DataFrame, labels: Ints) -> pd.DataFrame:
    """The table with the plain averages of the members' own numbers, whatever scale they were prepared on."""
    names = _numbers(table, prepared, rows)
    if not names:
        return table
    found = rows[names].astype("float64").groupby(labels).mean().reindex(range(len(table)))
    return _with_columns(table, found.reset_index(drop=True))


def _with_columns(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The table with those of its columns that `found` has, in their place."""
    others = table.drop(columns=list(found.columns))
    return pd.concat([others, found.set_axis(table.index)], axis=1)[list(table.columns)]


def _numbers(table: pd.DataFrame, prepared: Ready, rows: pd.DataFrame) -> list[str]:
    """Columns that are numbers in the user's rows and in the table; a category's share is not, even under the same name."""
    own = table.columns.intersection(rows.columns).difference([*prepared.recipe.share_columns.values()], sort=False)
    # Codes that were read as categories are numbers in the user's rows and words in the table.
    numeric = [{n for n, kind in side.dtypes.items() if pd.api.types.is_numeric_dtype(kind)} for side in (table, rows)]
    return [name for name in own if name in numeric[0] and name in numeric[1]]


def overall(made: Prototypes | None, prepared: Ready, rows: pd.DataFrame) -> pd.DataFrame | None:
    """What all members have, in the columns of the table of prototypes, and below it the usual spread of numbers.

    The spread is that of a normal distribution with the same quartiles, which a few extreme members do not change.
    """
    if made is None or made.table is None:
        return None
    own = selected(rows, prepared.kept)
    table = _averages(prepared, own, np.zeros(len(own), np.int64), 1, plain=made.source == "mean")
    names, below = _numbers(table, prepared, own), table.iloc[:0].reindex([0])
    below = _with_columns(below, _spread(own[names])) if names else below
    return pd.concat([table, below], ignore_index=True)


def group_averages(
    made: Prototypes | None, prepared: Ready, rows: pd.DataFrame, labels: Ints, k: int
) -> pd.DataFrame | None:
    """What the members of each group really have on average, k rows below the two rows of `overall`, all in plain averages.

    None where the prototypes are such averages already: beside those that a network draws, they say what is true.
    """
    if made is None or made.table is None or made.source == "mean":
        return None
    whole = overall(replace(made, source="mean"), prepared, rows)
    return pd.concat(
        [whole, _averages(prepared, selected(rows, prepared.kept), labels, k, plain=True)], ignore_index=True
    )


def _averages(prepared: Ready, own: pd.DataFrame, labels: Ints, k: int, *, plain: bool) -> pd.DataFrame:
    """The average member of each group in the user's units: on the scale of the preparation, or plainly."""
    restored = prepared.recipe.restore(np.ascontiguousarray(means(prepared.x, labels, k), np.float32))
    table = pd.DataFrame(restored).reset_index(drop=True)
    return _averaged(table, prepared, own, labels) if plain else table


def _spread(numbers: pd.DataFrame) -> pd.DataFrame:
    """The deviation of each column, a single row: that of a normal distribution with the same quartiles."""
    values = numbers.astype("float64")
    quarters = (values.quantile(0.75) - values.quantile(0.25)) / 1.349
    return quarters.where(quarters != 0, values.std(ddof=0)).to_frame().T.reset_index(drop=True)


def means(x: Floats, labels: Ints, k: int) -> Floats:
    """Mean of the members of each group, [k, *shape]; an empty group stands on the mean of all."""
    centers = np.repeat(mean_of(x, np.arange(len(x)))[None], k, 0)
    for label in np.unique(labels[labels >= 0]):
        centers[label] = mean_of(x, np.flatnonzero(labels == label))
    return centers


def bands(series: Floats, labels: Ints, k: int) -> Bands:
    """Mean, 10th and 90th percentile of each group's series [n, channels, time]; NaN where no member is so long."""
    shape = (k, *series.shape[1:])
    bands = Bands(*(np.full(shape, np.nan, np.float32) for _ in range(3)))
    with warnings.catch_warnings():
        # Time steps that no member of a group reaches stay NaN.
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        for label in np.unique(labels[labels >= 0]):
            inside = series[labels == label]
            bands.mean[label] = np.nanmean(inside, 0)
            bands.low[label], bands.high[label] = np.nanpercentile(inside, [10, 90], axis=0)
    return bands

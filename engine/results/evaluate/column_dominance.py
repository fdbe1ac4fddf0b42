"""How much of a grouping a single column explains."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine.results.record.record import Ints

ROWS = 10_000
# Values of a column of words that are told apart, most frequent first.
_VALUES = 50


def uncertainty_coefficients(
    rows: pd.DataFrame, labels: Ints, types: Mapping[str, str], *, seed: int = 0
) -> dict[str, float]:
    """Column -> share of the uncertainty about a member's group that its value removes, 0 to 1, chance subtracted.

    The uncertainty coefficient of Theil (1970); numbers are first cut into as many ranges as tell groups apart best, by
    a tree over the column. Unassigned members and texts are left out.
    """
    inside = np.flatnonzero(labels >= 0)
    if len(inside) > ROWS:
        inside = np.sort(np.random.default_rng(seed).choice(inside, ROWS, replace=False))
    own = labels[inside]
    if len(np.unique(own)) < 2:
        return {}
    names = [name for name, dtype in types.items() if dtype != "text" and name in rows]
    return {name: _share(_cut(rows[name].iloc[inside], own), own) for name in names}


def _cut(column: "pd.Series[Any]", labels: Ints) -> Ints:
    """The column as few whole numbers [n]; a missing value is a value of its own."""
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)):
        codes, _ = pd.factorize(column.astype("string"))
        common = np.argsort(-np.bincount(codes + 1), kind="stable")[:_VALUES]
        return np.where(np.isin(codes + 1, common), codes + 1, -1).astype(np.int64)
    from sklearn.tree import DecisionTreeClassifier

    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(len(values), np.int64)
    spread = np.ptp(known) or 1.0
    scaled = np.where(np.isnan(values), -1.0, (values - known.min()) / spread).astype(np.float32)[:, None]
    leaves = 3 * len(np.unique(labels))
    tree = DecisionTreeClassifier(
        criterion="entropy", max_leaf_nodes=leaves, min_samples_leaf=max(5, len(labels) // 200), random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # many groups for few members is no fault here
        return np.asarray(tree.fit(scaled, labels).apply(scaled), np.int64)


def _share(parts: Ints, labels: Ints) -> float:
    """Mutual information over the entropy of the labels, both in nats, less what independent columns would share."""
    left, right = (np.unique(values, return_inverse=True)[1] for values in (parts, labels))
    shape = (int(left.max()) + 1, int(right.max()) + 1)
    counts = np.bincount(left * shape[1] + right, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    joint, n = counts / counts.sum(), counts.sum()
    rows, columns = joint.sum(1, keepdims=True), joint.sum(0, keepdims=True)
    filled = joint > 0
    mutual = float((joint[filled] * np.log(joint[filled] / (rows @ columns)[filled])).sum())
    # Expected by chance (Miller 1955).
    mutual -= (counts.shape[0] - 1) * (counts.shape[1] - 1) / (2 * n)
    entropy = float(-(columns * np.log(columns)).sum())
    return float(np.clip(mutual / entropy, 0, 1)) if entropy > 0 else 0.0

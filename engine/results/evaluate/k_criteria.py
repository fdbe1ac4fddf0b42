"""Criteria of the number of groups: what each is called, what it means, and which number it favors."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.results.record.diagnostics import Array

# Agreements closer than this are as good as one another.
AS_GOOD = 0.02


@dataclass(frozen=True)
class Criterion:
    """How one criterion is called, what it means to someone outside the trade, and how it chooses."""

    label: str
    help: str
    best: Literal["most", "least", "first", "last"]
    """ "first" is the rule of the gap statistic: the least number that the next one does not beat by its error; "last" takes
    the largest number that is as good as the best."""
    decimals: int = 2


CRITERIA: dict[str, Criterion] = {
    "silhouette": Criterion(
        "Separation", "How much closer members are to their own group than to the next one. (Silhouette.)", "most"
    ),
    "calinski_harabasz": Criterion(
        "Spread between groups",
        "How much more groups differ from each other than members do within them. (Calinski-Harabasz index.)",
        "most",
        0,
    ),
    "davies_bouldin": Criterion(
        "Overlap", "How wide groups are compared with their distance: lower is better. (Davies-Bouldin index.)", "least"
    ),
    "gap": Criterion(
        "Gap to no groups",
        "How much tighter the groups are than in data without any groups. The smallest number is favored that the next "
        "one does not clearly beat; 1 means that there are no groups. (Gap statistic of Tibshirani, Walther and Hastie.)",
        "first",
    ),
    "stability": Criterion(
        "Same groups again",
        "How much the groups of two different samples of the rows agree: 1 is the same grouping, 0 is luck. The largest "
        "number is favored that is as good as the best.",
        "last",
    ),
}


def favored(name: str, values: Array, ks: Array, errors: Array) -> int:
    """The number of groups that a criterion favors by its values [K], NaN where not defined; `errors` [K] are the gap's."""
    rule = CRITERIA[name].best
    if rule == "first":
        enough = np.flatnonzero(values[:-1] >= values[1:] - errors[1:])
        return int(ks[enough[0]] if len(enough) else ks[-1])
    if rule == "last":
        return int(ks[np.flatnonzero(values >= np.nanmax(values) - AS_GOOD)[-1]])
    return int(ks[np.nanargmin(values) if rule == "least" else np.nanargmax(values)])

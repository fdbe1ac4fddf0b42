"""What is tried: features, a method and its settings, the likeliest first by what was measured on data with known groups."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine.features import VALUES
from engine.methods import METHODS

EXPERIENCE = Path(__file__).with_name("experience.json")
"""Mean adjusted Rand index of each combination over labelled sets, by kind of data; written by `benchmarks.decide`."""
DRAWN = "drawing"
"""What pictures are called in it that are compared as drawn: digits, icons, scans."""
NETWORKS = frozenset({"dec", "idec", "depict", "temi", "turtle"})
"""Methods that learn: they are tried on all rows, once plain methods have been."""
PLAIN = ("kmeans", "gmm", "agglomerative", "spectral", "n2d")
"""Methods that are tried on features of which nothing is known."""
SETTINGS: Mapping[str, Mapping[str, Any]] = {"n2d": {"autoencode": False}}
"""Settings other than the methods' own defaults."""


@dataclass(frozen=True)
class Candidate:
    """One combination.

    Parameters
    ----------
    features : str
        Id of an encoder, or "values".
    method : str
        Id of a method.
    n_clusters : int
        How many groups it is asked for.
    prior : float
        Mean adjusted Rand index that the combination reached on labelled sets of this kind.
    knobs : mapping of str to object
        Settings other than the method's defaults.
    """

    features: str
    method: str
    n_clusters: int
    prior: float
    knobs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def learns(self) -> bool:
        """Whether it trains a network."""
        return self.method in NETWORKS


@cache
def experience() -> dict[str, dict[str, float]]:
    """For each kind of data, "features|method" and the mean adjusted Rand index it reached, the best first."""
    known: dict[str, dict[str, float]] = json.loads(EXPERIENCE.read_text("utf-8"))
    return {kind: dict(sorted(means.items(), key=lambda item: -item[1])) for kind, means in known.items()}


def portfolio(kind: str, n_clusters: int, features: Collection[str]) -> tuple[Candidate, ...]:
    """The candidates for data of a kind.

    Parameters
    ----------
    kind
        "table", "text", "series", "image" or `DRAWN`.
    n_clusters
        How many groups each is asked for.
    features
        The features that can be had.

    Returns
    -------
    tuple of Candidate
        The likeliest first.

    Examples
    --------
    >>> [one.method for one in portfolio("table", 3, ["values"])][:1]
    ['kmeans']
    """
    found = []
    for name, prior in experience().get(kind, experience()["table"]).items():
        space, _, method = name.partition("|")
        if space in features and method in METHODS:
            found.append(Candidate(space, method, n_clusters, prior, SETTINGS.get(method, {})))
    for space in sorted(set(features) - {one.features for one in found}):
        found += [Candidate(space, method, n_clusters, 0.0, SETTINGS.get(method, {})) for method in PLAIN]
    return tuple(found)


def features_of(kind: str) -> tuple[str, ...]:
    """The features that have a candidate for data of a kind, the likeliest first."""
    known = experience().get(kind, {})
    return tuple(dict.fromkeys(name.partition("|")[0] for name in known)) or (VALUES,)

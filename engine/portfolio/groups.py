"""How many groups there are: the number on which different methods, and different parts of the data, agree most."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.core.data import Data

MOST = 20
LEAST_EACH = 5
"""Members that a group has at least on average for its number to be tried."""
ROWS = 600
"""Members that numbers are compared on."""
AXES = 30
SPLITS = 4
"""Halves of the rows that are grouped, to see whether their groups are the same."""
CLOSE = 0.06
"""Numbers whose score is within this of the best are as likely."""
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Samples(Protocol):
    """The part of a source that numbers of groups are tried on."""

    @property
    def features(self) -> tuple[str, ...]:
        """What can be compared, the likeliest first."""
        ...

    def sample(self, features: str) -> Data:
        """Some members in these features."""


@dataclass(frozen=True)
class GroupNumber:
    """A number of groups, and how sure it is.

    Parameters
    ----------
    k : int
        The number.
    asked : bool
        Whether it was asked for, and not estimated.
    likely : tuple of int
        All numbers that are about as likely, `k` among them.
    others : tuple of int
        Numbers apart from these at which the groups hold together, too: coarser and finer ones.
    scores : mapping of int to float
        What each number scored: agreement of methods, agreement of halves, and silhouette, together from about 0 to 3.
    """

    k: int
    asked: bool = False
    likely: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    scores: dict[int, float] = field(default_factory=dict)

    @classmethod
    def given(cls, k: int) -> GroupNumber:
        """The number that the user asked for."""
        return cls(k, asked=True, likely=(k,))


def number_of_groups(
    source: Samples,
    seconds: float,
    *,
    tell: Callable[[float], None] = lambda share: None,
    clock: Callable[[], float] = time.monotonic,
) -> GroupNumber:
    """The number of groups on which methods and halves of the rows agree most, and that keep apart.

    The methods are k-means, a Gaussian mixture and Ward's.

    Parameters
    ----------
    source
        The data; the likeliest features are looked at.
    seconds
        How long it may take, about; larger numbers are left out then.
    tell
        Called with the share that is done.
    clock
        Seconds that have passed since some moment.
    """
    end = clock() + seconds
    x = _reduced(source.sample(source.features[0]))
    ks = range(2, max(3, min(MOST, len(x) // LEAST_EACH) + 1))
    scores: dict[int, float] = {}
    for k in ks:
        if len(scores) > 4 and clock() > end:
            break
        scores[k] = _score(x, k)
        tell(len(scores) / len(ks))
    return _concluded(scores)


def _concluded(scores: dict[int, float]) -> GroupNumber:
    """The best number, those about as likely, and other peaks."""
    k = max(scores, key=lambda one: (scores[one], one))
    likely = tuple(one for one in scores if scores[one] >= scores[k] - CLOSE)
    peaks = [
        one
        for one in scores
        if scores[one] > scores.get(one - 1, -1.0) and scores[one] >= scores.get(one + 1, -1.0) and one not in likely
    ]
    others = tuple(sorted(sorted(peaks, key=lambda one: -scores[one])[:2]))
    return GroupNumber(k, likely=likely, others=others, scores=scores)


def _reduced(data: Data) -> Floats:
    """At most `ROWS` members on their leading principal axes."""
    from sklearn.decomposition import PCA

    x = np.asarray(data.x.cpu().numpy(), np.float64).reshape(len(data), -1)
    draw = np.random.default_rng(0)
    if len(x) > ROWS:
        x = x[np.sort(draw.choice(len(x), ROWS, replace=False))]
    if min(x.shape) > AXES:
        x = PCA(AXES, random_state=0).fit_transform(x)
    return np.asarray(x)


def _score(x: Floats, k: int) -> float:
    """How well methods agree on k groups, how well groups of different halves do, and how far apart those of k-means are."""
    from sklearn.metrics import silhouette_score

    groupings = list(_by_methods(x, k))
    several = 1 < len(np.unique(groupings[0])) < len(x)
    apart = float(silhouette_score(x, groupings[0])) if several else 0.0
    return _mean_agreement(groupings) + _mean_agreement(list(_by_halves(x, k))) + apart


def _by_methods(x: Floats, k: int) -> Iterator[Ints]:
    from sklearn.cluster import AgglomerativeClustering, KMeans
    from sklearn.mixture import GaussianMixture

    few = x[:, : max(1, len(x) // 20)]
    ridge = 1e-2 * max(float(few.var(axis=0).mean()), 1e-12)
    models: list[Any] = [
        KMeans(k, n_init=5, random_state=0),
        AgglomerativeClustering(k, linkage="ward"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer distinct rows than groups, or a mixture that has not converged
        yield from (model.fit_predict(x) for model in models)
        yield GaussianMixture(k, reg_covar=ridge, random_state=0).fit_predict(few)


def _by_halves(x: Floats, k: int) -> Iterator[Ints]:
    from sklearn.cluster import KMeans

    draw = np.random.default_rng(0)
    for seed in range(SPLITS):
        half = x[draw.choice(len(x), max(k, len(x) // 2), replace=False)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield KMeans(k, n_init=3, random_state=seed).fit(half).predict(x)


def _mean_agreement(groupings: Sequence[Ints]) -> float:
    from engine.portfolio.judge import agreements

    between = agreements(groupings)
    return float(between[np.triu_indices(len(groupings), 1)].mean())

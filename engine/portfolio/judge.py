"""Which of several groupings of the same rows to trust, without labels.

Each grouping is scored by the agreement that it is expected to have with the groups that are there: the mean of its adjusted
Rand index with every candidate's groups, itself included, weighted by how likely that candidate is to be right. A grouping that
different features and methods come to is one of the data, not of a method; this is the medoid of a weighted consensus (Strehl
and Ghosh, JMLR 2002; Vega-Pons and Ruiz-Shulcloper, IJPRAI 2011). What this is worth is measured in `docs/decide.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.training.collapse import effective_number

SHARPNESS = 5.0
"""How much more likely a combination is to be right for each 1 of adjusted Rand index that it had on labelled sets: e to this."""


def expected_agreement(groupings: Sequence[npt.NDArray[np.int64]], priors: Sequence[float]) -> npt.NDArray[np.float64]:
    """How much each grouping is expected to agree with the groups that are there.

    Parameters
    ----------
    groupings
        m arrays int64 [n] of labels; -1, no group, counts as a group of its own.
    priors
        m adjusted Rand indices that the combinations had on labelled sets.

    Returns
    -------
    ndarray of shape (m,), float64
        From about 0 to 1; 1 only where all are the same.

    Examples
    --------
    >>> import numpy as np
    >>> a, b, c = np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), np.array([0, 1, 0, 1])
    >>> expected_agreement([a, b, c], [0.5, 0.5, 0.5]).round(2).tolist()
    [0.5, 0.5, 0.0]
    """
    between = agreements(groupings)
    likely = weights(priors, groupings)
    return np.asarray(between @ likely)


def agreements(groupings: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.float64]:
    """Adjusted Rand index of every pair of m groupings int64 [n], float64 [m, m]."""
    from sklearn.metrics import adjusted_rand_score

    m = len(groupings)
    between = np.eye(m)
    for i in range(m):
        for j in range(i):
            between[i, j] = between[j, i] = adjusted_rand_score(groupings[i], groupings[j])
    return between


def weights(priors: Sequence[float], groupings: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.float64]:
    """How likely each of m candidates is to be right, float64 [m], of sum 1.

    Candidates whose groups are very unequal in size say little: they count in proportion to the effective number of their
    groups.
    """
    counts = [np.unique(labels, return_counts=True)[1] for labels in groupings]
    filled = np.array([effective_number(count) / max(len(count), 2) for count in counts])
    likely = np.exp(SHARPNESS * np.asarray(priors, np.float64)) * filled
    return np.asarray(likely / likely.sum())

"""What helps to understand a grouping, made once by the worker and stored beside the result."""

from collections.abc import Mapping

import pandas as pd

from engine.results.explain import features, surrogate_tree, weight_of_evidence
from engine.results.record.explanations import Explanations
from engine.results.record.record import Ints


def understand(rows: pd.DataFrame, types: Mapping[str, str], labels: Ints, k: int, *, seed: int = 0) -> Explanations:
    """Rules and usual values of k groups, from the members' rows and the type of each column to look at."""
    described = features.of(rows, types)
    return Explanations(
        surrogate=surrogate_tree.fit_surrogate(described, labels, seed=seed),
        distributions=weight_of_evidence.distributions(described, labels, k) if k else None,
    )

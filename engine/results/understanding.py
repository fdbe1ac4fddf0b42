"""What helps to understand a grouping, made once by the worker and stored beside the result."""

from collections.abc import Mapping

import pandas as pd

from engine.results import aspects, imitation, reasons
from engine.results.record import Ints
from engine.results.understood import Understanding


def understand(rows: pd.DataFrame, types: Mapping[str, str], labels: Ints, k: int, *, seed: int = 0) -> Understanding:
    """Rules and usual values of k groups, from the members' rows and the type of each column to look at."""
    found = aspects.of(rows, types)
    return Understanding(
        imitation=imitation.imitate(found, labels, seed=seed), usual=reasons.usual(found, labels, k) if k else None
    )

"""What a training job ends with, whether its method was chosen by the user or by a search."""

from dataclasses import dataclass

from engine.core.data import Data
from engine.core.method import Method
from engine.core.snapshot import Outcome
from engine.intake import Prepared


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained method, the data it was trained on, and what it says about them."""

    method: Method
    data: Data
    outcome: Outcome
    prepared: Prepared
    seconds: float
    """Of the training that led to it, without what else a search has tried."""

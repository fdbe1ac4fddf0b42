"""Constella's engine: clustering methods from k-means to deep clustering behind one small door.

    import engine
    groups = engine.Clusterer("idec", n_clusters=10, random_state=0).fit_predict(X)

Everything is loaded when it is first asked for, so that asking for the catalogue does not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.cards import catalogue
    from engine.data import Data
    from engine.errors import InputError
    from engine.estimator import Clusterer, load
    from engine.reading import read, samples
    from engine.train import fit

__version__ = "0.1.0"
__all__ = ["Clusterer", "Data", "InputError", "catalogue", "fit", "load", "read", "samples"]

_HOMES = {
    "Clusterer": "estimator",
    "Data": "data",
    "InputError": "errors",
    "catalogue": "cards",
    "fit": "train",
    "load": "estimator",
    "read": "reading",
    "samples": "reading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    value = getattr(import_module(f"engine.{_HOMES[name]}"), name)
    globals()[name] = value
    return value

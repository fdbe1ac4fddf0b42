"""What a finished run says about its groups: records and their storage at once, the making of them on demand."""

from typing import TYPE_CHECKING, Any

from engine.results.history import moments
from engine.results.measures import MEASURES, Measure
from engine.results.record import (
    Bands,
    Baseline,
    Confusion,
    Difference,
    Group,
    Moment,
    Prototypes,
    Result,
)

if TYPE_CHECKING:
    from engine.results.assembly import build
    from engine.results.export import as_csv, as_parquet, labels_csv, labels_parquet, labels_table, placed_table
    from engine.results.projection import umap2
    from engine.results.storage import add_check, add_map, load_embedding
    from engine.results.tsne import tsne2

# What costs time to import, or is needed by the worker alone.
_LATER = {
    "build": "assembly",
    "as_csv": "export",
    "as_parquet": "export",
    "labels_csv": "export",
    "labels_parquet": "export",
    "labels_table": "export",
    "placed_table": "export",
    "tsne2": "tsne",
    "umap2": "projection",
    "add_check": "storage",
    "add_map": "storage",
    "load_embedding": "storage",
}

__all__ = [
    "MEASURES",
    "Bands",
    "Baseline",
    "Confusion",
    "Difference",
    "Group",
    "Measure",
    "Moment",
    "Prototypes",
    "Result",
    "add_check",
    "add_map",
    "as_csv",
    "as_parquet",
    "build",
    "labels_csv",
    "labels_parquet",
    "labels_table",
    "load_embedding",
    "moments",
    "placed_table",
    "tsne2",
    "umap2",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value

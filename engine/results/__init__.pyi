from .embed.projection import umap2
from .embed.tsne import tsne2
from .evaluate.metrics import sampling_note
from .export.labels import as_csv, as_parquet, labels_csv, labels_parquet, labels_table, predictions_table
from .record.history import moments
from .record.metric_info import MEASURES, Measure
from .record.record import Bands, Baseline, Confusion, Difference, Group, Moment, Prototypes, Result
from .record.serialization import add_check, add_map, load_embedding, load_result, save_result

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
    "labels_csv",
    "labels_parquet",
    "labels_table",
    "load_embedding",
    "load_result",
    "moments",
    "predictions_table",
    "sampling_note",
    "save_result",
    "tsne2",
    "umap2",
]

"""Reading and preparing what users bring: tables, pictures, series, texts and arrays. Imports neither torch nor scikit-learn."""

from engine.intake.columns.coded_blanks import count_coded_blanks
from engine.intake.files.open_options import open_options
from engine.intake.graph import GraphFacts, graph_facts
from engine.intake.media.sequences import as_series, long_table, looks_like_series, numeric_columns, series_note
from engine.intake.options import Kind, ReadOptions
from engine.intake.public_sets import PublicSet, public_sets
from engine.intake.raw import Column, Raw
from engine.intake.reading import inspect
from engine.intake.recipes.column_preview import ColumnPreview, column_preview, is_time
from engine.intake.recipes.preparation import Preparation, measured_columns, suggest
from engine.intake.recipes.preparing import Prepared, less_varying_columns, prepare
from engine.intake.recipes.preprocessing_summary import preprocessing_summary
from engine.intake.recipes.recipe import Recipe
from engine.intake.recipes.suggested_features import suggested_features
from engine.intake.samples import Sample, samples
from engine.intake.values.durations import format_time

__all__ = [
    "Column",
    "ColumnPreview",
    "GraphFacts",
    "Kind",
    "Preparation",
    "Prepared",
    "PublicSet",
    "Raw",
    "ReadOptions",
    "Recipe",
    "Sample",
    "as_series",
    "column_preview",
    "count_coded_blanks",
    "format_time",
    "graph_facts",
    "inspect",
    "is_time",
    "less_varying_columns",
    "long_table",
    "looks_like_series",
    "measured_columns",
    "numeric_columns",
    "open_options",
    "prepare",
    "preprocessing_summary",
    "public_sets",
    "samples",
    "series_note",
    "suggest",
    "suggested_features",
]

"""Reading and preparing what users bring: tables, pictures, series, texts and arrays. Imports neither torch nor scikit-learn."""

from engine.intake.preparation import Preparation, suggest
from engine.intake.preparing import Prepared, prepare
from engine.intake.raw import Column, Kind, Raw
from engine.intake.reading import inspect
from engine.intake.recipe import Recipe
from engine.intake.samples import Sample, samples
from engine.intake.saying import sentences
from engine.intake.sequences import as_series, looks_like_series, numbers_of

__all__ = [
    "Column",
    "Kind",
    "Preparation",
    "Prepared",
    "Raw",
    "Recipe",
    "Sample",
    "as_series",
    "inspect",
    "looks_like_series",
    "numbers_of",
    "prepare",
    "samples",
    "sentences",
    "suggest",
]

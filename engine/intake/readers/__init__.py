"""One module for each format beside delimited text, arrays and pictures; a new format is one file and one line here.

Each has `read(data, name, options, limit)`: the whole file as bytes, what it is called, the options that a user chose, and the
most bytes it may unpack to. It gives the `Content`, or an InputError that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from engine.intake.options import ReadOptions
from engine.intake.raw import Content

Reader = Callable[[bytes, str, ReadOptions, int], Content]
MODULES = {
    "workbook": "workbook",
    "ole": "workbook",
    "html": "markup",
    "xml": "markup",
    "sav": "statistics",
    "por": "statistics",
    "dta": "statistics",
    "sas7bdat": "statistics",
    "xpt": "statistics",
    "arrow": "columnar",
    "orc": "columnar",
    "arff": "arff",
    "sqlite": "database",
    "mat": "matlab",
    "hdf5": "hdf5",
    "mtx": "matrix_market",
    "safetensors": "tensors",
    "fcs": "flow_cytometry",
}


def reader_of(format: str) -> Reader | None:
    """The reader of a format that `engine.intake.files.sniff.format_of` names; None for one that has no module here."""
    if format not in MODULES:
        return None
    read: Reader = import_module(f"{__name__}.{MODULES[format]}").read
    return read

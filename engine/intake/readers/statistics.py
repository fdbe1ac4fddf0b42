"""Files of statistics programs: SPSS (SAV, POR), Stata (DTA) and SAS (SAS7BDAT, XPT)."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from engine.core.errors import InputError
from engine.intake.frames import from_frame
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import count, italic, listed

PROGRAMS = {"sav": "SPSS", "por": "SPSS", "dta": "Stata", "sas7bdat": "SAS", "xpt": "SAS"}


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The rows of the file; labeled values are words, values that its author called missing are blank."""
    format = _format(data)
    try:
        frame, labeled = _spss(data, format, options) if format in ("sav", "por") else _others(data, format)
    except Exception as error:
        raise InputError(f"{italic(name)} is a damaged {PROGRAMS[format]} file: save it again, or as CSV.") from error
    if not len(frame) or not frame.shape[1]:
        raise InputError(f"{italic(name)} holds no rows: there is nothing to group.")
    notes = []
    if labeled:
        columns, have = count(len(labeled), "column"), "has" if len(labeled) == 1 else "have"
        notes.append(f"{columns} of {italic(name)} {have} labels for values, which were taken: {listed(labeled)}.")
    return from_frame(frame, notes)


def _format(data: bytes) -> str:
    if data.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if data.startswith(b"HEADER RECORD"):
        return "xpt"
    if data.startswith(b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60"):
        return "sas7bdat"
    return "por" if b"SPSSPORT" in data[:600].replace(b"\r", b"").replace(b"\n", b"") else "dta"


def _spss(data: bytes, format: str, options: ReadOptions) -> tuple[pd.DataFrame, list[str]]:
    import pyreadstat

    with TemporaryDirectory(prefix="constella-") as folder:
        path = Path(folder) / f"some.{format}"
        path.write_bytes(data)
        read = pyreadstat.read_sav if format == "sav" else pyreadstat.read_por
        frame, about = read(str(path), apply_value_formats=True, formats_as_category=True)
    return frame, [column for column in frame.columns if column in about.variable_value_labels]


def _others(data: bytes, format: str) -> tuple[pd.DataFrame, list[str]]:
    if format != "dta":
        frame: Any = pd.read_sas(io.BytesIO(data), format="xport" if format == "xpt" else "sas7bdat", encoding="infer")
        return frame.map(lambda cell: cell.decode("cp1252", "replace") if isinstance(cell, bytes) else cell), []
    try:
        frame = pd.read_stata(io.BytesIO(data))
    except ValueError:  # labels that come twice
        frame = pd.read_stata(io.BytesIO(data), convert_categoricals=False)
    return frame, [str(name) for name in frame.columns if isinstance(frame[name].dtype, pd.CategoricalDtype)]

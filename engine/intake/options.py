"""ReadOptions: what a file leaves open about how it is read, as a user, or an earlier file of the same kind, decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from engine.core.errors import InputError
from engine.intake.wording import joined, quote

Kind = Literal["table", "image", "series", "text", "graph"]
KINDS: tuple[Kind, ...] = ("table", "image", "series", "text", "graph")
DECIMALS = (".", ",")
AXES = ("n,features", "n,h,w", "n,h,w,c", "n,c,h,w", "n,channels,time", "n,time,channels")


@dataclass(frozen=True)
class ReadOptions:
    """How a source is read; None, the default of every field, leaves it to what the content says.

    Parameters
    ----------
    encoding
        Name of the encoding of a text file, such as "gbk".
    delimiter
        The character between cells; a space stands for any number of them.
    sheet
        Sheet of a workbook, table of a database or a web page, variable of a file of arrays.
    header
        The row with the names of the columns, counted from 1 as a spreadsheet does; 0: there are none.
    rows
        First and last row of the data, counted from 1 in the file.
    transpose
        Whether rows and columns change places.
    decimal
        The decimal sign, "." or ",".
    day_first
        Whether 01/02/2024 is the first of February.
    axes
        What the axes of an array are, one of `AXES`.
    kind
        "table", "image", "series", "text", or "graph": rows are edges, or the rows of an adjacency matrix.
    series
        How a table holds series, see `as_series`.
    formats
        For each column how its cells were written in the file that a model was trained on (`Raw.formats`); what they say is
        not guessed anew.

    Raises
    ------
    InputError
        If a value is none of these.

    Examples
    --------
    >>> from engine.intake import ReadOptions
    >>> ReadOptions(sheet="2024", header=3).to_json()
    {'sheet': '2024', 'header': 3}
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int | None = None
    rows: tuple[int, int] | None = None
    transpose: bool | None = None
    decimal: str | None = None
    day_first: bool | None = None
    axes: str | None = None
    kind: Kind | None = None
    series: Mapping[str, Any] | None = None
    formats: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        _one_of("decimal", self.decimal, DECIMALS)
        _one_of("axes", self.axes, AXES)
        _one_of("kind", self.kind, KINDS)
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise InputError(f"The delimiter is {quote(self.delimiter)}; it must be a single character.")
        if self.header is not None and self.header < 0:
            raise InputError(
                f"The row of the column names is {self.header}; rows are counted from 1, and 0 means none."
            )
        if self.rows is not None and not 1 <= self.rows[0] <= self.rows[1]:
            raise InputError(f"The rows {self.rows[0]} to {self.rows[1]} are no range: rows are counted from 1.")

    def to_json(self) -> dict[str, Any]:
        """What was decided, as plain JSON values."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["rows"] = None if self.rows is None else list(self.rows)
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ReadOptions:
        """The options back from `to_json`. InputError for unknown names or values."""
        known = [f.name for f in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise InputError(f"There is no reading option {quote(unknown[0])}; there are {joined(known, 12)}.")
        rows = values.get("rows")
        return cls(**{**values, **({} if rows is None else {"rows": (int(rows[0]), int(rows[1]))})})

    @classmethod
    def from_words(cls, words: Mapping[str, str]) -> ReadOptions:
        """Options from what a user typed: rows as "4-60", yes or no for truth values. InputError names what cannot be taken.

        Examples
        --------
        >>> from engine.intake import ReadOptions
        >>> ReadOptions.from_words({"header": "3", "rows": "4-60", "day_first": "yes"}).to_json()
        {'header': 3, 'rows': [4, 60], 'day_first': True}
        """
        return cls.from_json({name: _typed(name, word.strip()) for name, word in words.items()})


def _typed(name: str, word: str) -> Any:
    if name == "header":
        return _whole(name, word)
    if name == "rows":
        first, _, last = word.partition("-")
        return [_whole(name, first.strip()), _whole(name, last.strip())]
    if name in ("transpose", "day_first"):
        if word.lower() not in ("yes", "no", "true", "false"):
            raise InputError(f"The reading option {name} is {quote(word)}; it must be yes or no.")
        return word.lower() in ("yes", "true")
    if name in ("series", "formats"):
        raise InputError(f"The reading option {name} cannot be given as a word.")
    return word


def _whole(name: str, word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise InputError(
            f"The reading option {name} takes whole numbers, such as {'4-60' if name == 'rows' else '3'}; {quote(word)} is none."
        )
    return int(word)


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise InputError(f"The reading option {name} is {quote(value)}; it must be one of {joined(choices, 9)}.")

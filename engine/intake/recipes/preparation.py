"""Every choice about preparing data that a user may make, and the choices we suggest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.features import VALUES, encoder
from engine.intake.columns.coded_blanks import find_coded_blanks, without_coded_blanks
from engine.intake.columns.column_names import is_code, is_entity, is_key, is_nominal
from engine.intake.columns.identifiers import FEW, is_whole
from engine.intake.columns.numeric_groups import float_groups
from engine.intake.columns.ordered_words import find_orders
from engine.intake.mapped import some_rows
from engine.intake.media.vectors import differ_in_direction
from engine.intake.raw import ROLES, Column, Raw
from engine.intake.recipes.most_varying import KEPT, MANY, are_alike
from engine.intake.recipes.scaling import (
    are_bounded,
    are_counts_of_unlike_rows,
    are_skewed,
    may_be_skewed,
    ratio_units,
    share_one_unit,
)
from engine.intake.wording import italic, joined, quote

MISSING = ("median", "drop")
SCALES = ("standard", "range", "minmax", "shared", "none")
ROW_SCALES = ("none", "shares")
DATE_PARTS = ("age", "month", "weekday", "hour")
FEW_HOURS = 6
"""Hours of the day that occur in a column, up to which its times of day say little."""
MOST_CODES = 50
DIMENSIONS = 16
"""Numbers that a node of a graph becomes."""


@dataclass(frozen=True)
class Preparation:
    """How raw data becomes numbers.

    Parameters
    ----------
    roles
        Column name to "feature", "label", "id" or "ignore"; a column not named keeps its suggestion.
    missing
        Fill blanks with the "median" (words: their most frequent value, or a value of their own), or "drop" such rows.
    scale
        "standard" (mean 0, deviation 1), "range" (each by its range, all together to a mean variance of 1), "minmax" (0 to 1),
        "shared" (one scale for all numbers), "none".
    row_scale
        "shares": numbers are counts and become shares of their row's total, on a logarithmic scale; "none".
    max_categories
        How many values of a column of words keep a column of their own, 2 to 1,000; rarer ones are joined as "other".
    categories
        Number columns that are codes and treated as words.
    log
        Number columns compared by ratio, on a logarithmic scale.
    coded_blanks
        Column name to values that stand for blanks: numbers, or dates as YYYY-MM-DD.
    date_parts
        Column name to what counts of its dates: "age" (the position in time), "month" of the year, "weekday" and "hour" of the
        day; dates of a column not named count by "age" alone. Hours since midnight with "hour" are a circle, too.
    ordinal
        Column name to its words, the lowest first: each counts as a number, its place in this order.
    most_varying
        How many columns of numbers are kept, 2 to 200,000: those that vary most from row to row; None keeps all.
    image_size
        Common side of pictures in pixels, 4 to 512; None leaves them as they are.
    gray
        Drop the color of pictures.
    components
        Numbers that a text, or a node of a graph, becomes at most, 2 to 1,000.
    length
        Common number of moments of series, 2 to 100,000; None is that of the longest, at most 256.
    features
        What is compared: "values", as they are prepared by all of these choices, or the id of an encoder, see
        `engine.encoders`.

    Raises
    ------
    InputError
        If a choice is none of these.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    missing: str = "median"
    scale: str = "standard"
    row_scale: str = "none"
    max_categories: int = 12
    categories: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    coded_blanks: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    date_parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ordinal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    most_varying: int | None = None
    image_size: int | None = None
    gray: bool = False
    components: int = 64
    length: int | None = None
    features: str = VALUES

    def __post_init__(self) -> None:
        _one_of("missing", self.missing, MISSING)
        _one_of("scale", self.scale, SCALES)
        _one_of("row_scale", self.row_scale, ROW_SCALES)
        if self.features != VALUES:
            encoder(self.features)
        for role in self.roles.values():
            _one_of("role", role, ROLES)
        for parts in self.date_parts.values():
            for part in parts or ("",):
                _one_of("date_parts", part, DATE_PARTS)
        for name, levels in self.ordinal.items():
            if len(levels) < 2 or len(set(levels)) < len(levels):
                raise InputError(
                    f"The order of {italic(name)} is {quote(list(levels))}; it must be two or more different words."
                )
        _between("max_categories", self.max_categories, 2, 1000)
        _between("components", self.components, 2, 1000)
        _between("most_varying", self.most_varying, 2, 200_000)
        _between("image_size", self.image_size, 4, 512)
        _between("length", self.length, 2, 100_000)

    def to_json(self) -> dict[str, Any]:
        """The choices as plain JSON values."""
        values = {**asdict(self), "roles": dict(self.roles), "categories": list(self.categories), "log": list(self.log)}
        for field_name in _BY_COLUMN:
            lists = {name: list(chosen) for name, chosen in values.pop(field_name).items()}
            values |= {field_name: lists} if lists else {}  # without any, the key is that of earlier versions
        if self.most_varying is None:
            del values["most_varying"]
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preparation:
        """The choices back from `to_json`; missing ones have their default. InputError for unknown names or values."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise InputError(
                f"There is no preparation setting {quote(unknown[0])}; there are {joined(sorted(known), 12)}."
            )
        lists = {name: tuple(values[name]) for name in ("categories", "log") if name in values}
        by_column = {field_name: _by_column(field_name, values.get(field_name, {})) for field_name in _BY_COLUMN}
        return cls(**{**values, **lists, **by_column})

    def key(self) -> str:
        """A hash of all choices."""
        values = self.to_json()
        if self.features == VALUES:
            del values["features"]  # the key is that of earlier versions
        text = json.dumps(values, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def logged(self) -> frozenset[str]:
        """The columns of `log`, to look names up in."""
        return frozenset(self.log)

    def role(self, column: Column) -> str:
        """What `column` is for: the user's choice, else the suggestion."""
        return self.roles.get(column.name, column.role)

    def is_ticked(self, column: Column) -> bool:
        """Whether a column of words has one value, in some rows: a mark, and a blank says no."""
        words = column.dtype == "category" or column.name in self.categories
        return words and column.distinct == 1 and column.missing > 0

    def parts_of(self, name: str) -> tuple[str, ...]:
        """What counts of the dates in the column `name`."""
        chosen = self.date_parts.get(name, DATE_PARTS[:1])
        return tuple(part for part in DATE_PARTS if part in chosen)


_BY_COLUMN = ("coded_blanks", "date_parts", "ordinal")


def _by_column(name: str, chosen: object) -> dict[str, tuple[Any, ...]]:
    """Column name to a tuple; InputError where `chosen` is anything else."""
    if not isinstance(chosen, Mapping) or not all(isinstance(values, list | tuple) for values in chosen.values()):
        raise InputError(f"The setting {name} is {quote(chosen)}; it must name columns, each with a list.")
    return {column: tuple(values) for column, values in chosen.items()}


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"The setting {name} is {quote(value)}; it must be one of {joined(choices)}.")


def _between(name: str, value: object, low: int, high: int) -> None:
    if value is None and name in ("image_size", "length", "most_varying"):
        return
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"The setting {name} is {quote(value)}; it must be a whole number from {low:,} to {high:,}.")


def suggest(raw: Raw) -> Preparation:
    """The preparation for `raw` if the user changes nothing.

    Parameters
    ----------
    raw
        The data as `inspect` read it.

    Returns
    -------
    Preparation
        Roles by name and content of the columns; whole numbers that are codes as words; words that have an order as numbers;
        columns with a long tail by ratio;
        numbers by their deviations, by their ranges where these are good units, or by one scale where all share a unit; counts
        of unlike rows as shares; pictures at most 32 x 32 pixels.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect, suggest
    >>> suggest(inspect(pd.DataFrame({"region": [1, 2, 3, 1], "income": [10.5, 20, 30, 40]}))).categories
    ('region',)
    """
    roles = {column.name: str(column.role) for column in raw.columns}
    if raw.kind == "image":
        return Preparation(roles=roles, image_size=_image_size(raw))
    if raw.kind == "series":
        return Preparation(roles=roles)
    if raw.kind == "graph":
        return Preparation(roles=roles, components=DIMENSIONS)
    codes = find_coded_blanks(raw.rows, raw.columns)
    orders = find_orders(raw.rows, [column for column in raw.columns if column.role == "feature"])
    raw = replace(raw, rows=some_rows(raw.rows))
    raw_values = replace(raw, rows=without_coded_blanks(raw.rows, codes))
    chosen = _keeping_most_varying(raw_values, _suggest_for_table(raw_values, roles))
    coded = {name: values for name, values in codes.items() if name not in chosen.categories}
    return replace(chosen, coded_blanks=coded, date_parts=_date_parts(raw, chosen.categories), ordinal=orders)


def _is_time(raw: Raw, column: Column) -> bool:
    """Whether a column of numbers was read from times of day."""
    return column.dtype == "number" and raw.formats.get(column.name, {}).get("kind") == "time"


def _date_parts(raw: Raw, categories: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Times of day run in a circle; those of dates count where they vary."""
    parts: dict[str, tuple[str, ...]] = {}
    for column in raw.columns:
        if _is_time(raw, column) and column.name not in categories:
            parts[column.name] = ("hour",)
        elif column.dtype == "date" and raw.rows[column.name].dt.hour.nunique() > FEW_HOURS:
            parts[column.name] = ("age", "hour")
    return parts


def _suggest_for_table(raw: Raw, roles: Mapping[str, str]) -> Preparation:
    """The preparation of a table whose codes for blanks are gone."""
    features = [column for column in raw.columns if column.role == "feature" and not _is_time(raw, column)]
    numbers = [column for column in features if column.dtype == "number"]
    codes = tuple(column.name for column in numbers if _is_code(raw.rows, column))
    if codes or len(numbers) < len(features) or len(numbers) < 2:
        known = set(codes)
        measured = [column for column in numbers if column.name not in known]
        return Preparation(roles=roles, categories=codes, log=_skewed(raw, measured))
    return _suggest_for_numbers(raw, numbers, roles)


def _keeping_most_varying(raw: Raw, chosen: Preparation) -> Preparation:
    """The preparation with the columns that vary most alone, where there are very many of one kind."""
    names = measured_columns(raw, chosen)
    counts = chosen.row_scale == "shares"
    if len(names) <= MANY or not are_alike(raw.rows, names, counts):
        return chosen
    return replace(chosen, most_varying=KEPT)


def measured_columns(raw: Raw, preparation: Preparation) -> list[str]:
    """Columns of numbers that take part as such: neither codes nor times of day."""
    others = {*preparation.categories, *preparation.date_parts}
    return [
        column.name
        for column in raw.columns
        if column.dtype == "number"
        and column.distinct > 1
        and preparation.role(column) == "feature"
        and column.name not in others
    ]


def _suggest_for_numbers(raw: Raw, numbers: list[Column], roles: Mapping[str, str]) -> Preparation:
    """The preparation of a table whose features all are numbers."""
    matrix = raw.rows[[column.name for column in numbers]].to_numpy(np.float64, na_value=np.nan, copy=True)
    if are_counts_of_unlike_rows(matrix):
        return Preparation(roles=roles, scale="shared", row_scale="shares")
    if differ_in_direction(matrix) or share_one_unit(matrix, numbers):
        return Preparation(roles=roles, scale="shared")
    log = _skewed(raw, numbers)
    by_ratio = set(log)
    logged = np.array([column.name in by_ratio for column in numbers])
    if logged.any():
        matrix[:, logged] = np.log1p(matrix[:, logged] / ratio_units(matrix[:, logged].T))
    flags = sum(column.distinct == 2 for column in numbers)
    # By their ranges, flags would count several times as much as what is measured.
    good_units = flags in (0, len(numbers)) and are_bounded(matrix)
    return Preparation(roles=roles, log=log, scale="range" if good_units else "standard")


def _skewed(raw: Raw, numbers: list[Column]) -> tuple[str, ...]:
    """The columns with a long tail of large values that a logarithm straightens."""
    possible = [column.name for column in numbers if may_be_skewed(column)]
    skewed: set[str] = set()
    for names, matrix in float_groups(raw.rows, possible):
        skewed.update(name for name, long in zip(names, are_skewed(matrix), strict=True) if long)
    return tuple(column.name for column in numbers if column.name in skewed)


def _image_size(raw: Raw) -> int | None:
    """Small squares stay as they are; anything else becomes 32 x 32."""
    height, width = raw.array.shape[1:3]
    return None if height == width <= 32 else 32


def _is_code(rows: pd.DataFrame, column: Column) -> bool:
    """Whole numbers that stand for kinds by their name: of regions, of a store, of a diagnosis."""
    if column.distinct == 1:
        return bool(column.missing)  # ticked or blank
    if column.distinct > (MOST_CODES if is_code(column.name) else FEW):
        return False
    if not (is_nominal(column.name) or is_code(column.name) or is_key(column.name) or is_entity(column.name)):
        return False
    values = rows[column.name]
    return is_whole(values) and not (column.distinct == 2 and set(values.dropna().unique()) == {0, 1})

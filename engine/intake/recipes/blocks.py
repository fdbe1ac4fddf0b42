"""How one column becomes numbers and back: numbers and dates, words, texts. A block is fitted once and then only applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.raw import Column
from engine.intake.recipes.preparation import Preparation
from engine.intake.recipes.scaling import ratio_unit
from engine.intake.wording import italic, quote

BLANK = "(blank)"
OTHER = "other"
OWN_VALUE = 0.05  # blanks among words get a value of their own from this share on, else the most frequent value
FARTHEST = 1e15
"""How far from the others a value of new data can lie, so that its squares stay finite in float32."""
DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")


class Block(Protocol):
    """One column, prepared: float32 [n, len(names())]."""

    type: ClassVar[str]

    @property
    def column(self) -> str:
        """The column that is prepared."""

    def names(self) -> tuple[str, ...]:
        """Names of the prepared columns."""

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """The column of `rows` prepared."""

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """Prepared columns [n, len(names())] back in the user's units, by name."""

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; arrays of any shape are put into `arrays`, by name."""


@dataclass(frozen=True)
class NumberBlock:
    """(value - center) / scale, of log(1 + value / unit) where `unit` > 0. Blanks become `fill`.

    Dates count in days since 1970-01-01; `time_of_day` says that they have a time, so parts of a day count too.
    """

    column: str
    fill: float
    center: float
    scale: float
    unit: float = 0.0
    date: bool = False
    time_of_day: bool = False
    type: ClassVar[str] = "number"

    def names(self) -> tuple[str, ...]:
        """The column itself."""
        return (self.column,)

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """float32 [n, 1]; InputError if the column holds words."""
        values = as_numbers(rows[self.column], self.column, self.date)
        values = np.where(np.isnan(values), self.fill, values)
        values = np.log1p(np.maximum(values, 0) / self.unit) if self.unit else values
        scaled = (values - self.center) / self.scale
        return np.clip(scaled, -FARTHEST, FARTHEST, out=scaled).astype(np.float32)[:, None]

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """The column in the user's unit, from prepared values [n, 1]."""
        values = x[:, 0].astype(np.float64) * self.scale + self.center
        values = np.expm1(values) * self.unit if self.unit else values
        if self.date:
            return {self.column: as_moments(values, self.time_of_day)}
        return {self.column: np.round(values, self._decimals()) + 0.0}

    def _decimals(self) -> int:
        """Decimals of six significant digits: what is behind them is float32 noise."""
        return 5 - int(np.floor(np.log10(max(abs(self.fill), self.scale * (self.unit or 1.0), 1e-300))))

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; a block of scalars adds no array of any shape."""
        return {"type": self.type, **self.__dict__}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> NumberBlock:
        """The block back from `to_json`."""
        return cls(**{key: value for key, value in values.items() if key != "type"})


@dataclass(frozen=True)
class CategoryBlock:
    """One 0/1 column for each level; a single one where there are two levels. Blanks become the level `fill`."""

    column: str
    levels: tuple[str, ...]
    fill: str
    type: ClassVar[str] = "category"

    def names(self) -> tuple[str, ...]:
        """`column = level` for each prepared column."""
        levels = self.levels[1:] if len(self.levels) == 2 else self.levels
        return tuple(f"{self.column} = {level}" for level in levels)

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """float32 [n, levels] of 0 and 1; an unknown value is "other", or between all levels where there is no other."""
        words = as_words(rows[self.column]).fillna(self.fill)
        codes = pd.Index(self.levels).get_indexer(pd.Index(words))
        unseen = self.levels.index(OTHER) if OTHER in self.levels else -1
        codes = np.where(codes < 0, unseen, codes)
        full = np.zeros((len(rows), len(self.levels)), np.float32)
        full[np.arange(len(rows))[codes >= 0], codes[codes >= 0]] = 1
        full[codes < 0] = 1 / len(self.levels)
        return full[:, 1:] if len(self.levels) == 2 else full

    def unseen(self, rows: pd.DataFrame) -> dict[str, int]:
        """How many rows hold each value that is none of the levels, most first; none where rare values are joined."""
        if OTHER in self.levels:
            return {}
        counts = as_words(rows[self.column]).value_counts()
        return {str(word): int(n) for word, n in counts.items() if word not in self.levels}

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """The most likely value, and its share in a second column, from prepared values [n, levels]."""
        shares = np.clip(x.astype(np.float64), 0, 1)
        if len(self.levels) == 2:
            shares = np.concatenate([1 - shares, shares], axis=1)
        else:
            shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
        best = shares.argmax(axis=1)
        likely = pd.Series(np.asarray(self.levels, dtype=object)[best], dtype="str")
        return {self.column: likely, f"{self.column} (share)": shares.max(axis=1)}

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; a block of words adds no array of any shape."""
        return {"type": self.type, "column": self.column, "levels": list(self.levels), "fill": self.fill}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> CategoryBlock:
        """The block back from `to_json`."""
        return cls(values["column"], tuple(values["levels"]), values["fill"])


def as_numbers(values: pd.Series[Any], name: str, date: bool = False) -> np.ndarray:
    """The column as float64 with NaN for blanks, dates in days; InputError names the first cell that is none."""
    if date:
        days = pd.to_datetime(values, errors="coerce").to_numpy("datetime64[us]")
        return np.where(np.isnat(days), np.nan, days.astype(np.int64) / DAY)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(np.float64, na_value=np.nan)
    numbers = pd.to_numeric(values, errors="coerce")
    odd = (numbers.isna() & values.notna()).to_numpy()
    if odd.any():
        row = int(odd.argmax())
        raise InputError(
            f"Column {italic(name)} should hold numbers, but holds {quote(values.iloc[row])} in row {row + 1:,}: mend that cell."
        )
    return numbers.to_numpy(np.float64)


def as_matrix(rows: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Columns of numbers as float64 [n, columns] with NaN for blanks; InputError names the first cell that is none."""
    part = rows[list(names)]
    if all(isinstance(kind, np.dtype) and kind.kind in "iuf" for kind in part.dtypes):
        return part.to_numpy(np.float64)
    return np.stack([as_numbers(part[name], name) for name in names], axis=1)


def as_moments(days: np.ndarray, time_of_day: bool) -> pd.DatetimeIndex:
    """Days [n] since 1970-01-01 as dates, to the second where they have a time; blank where no date can be that far away."""
    whole = np.rint(days * 86_400) / 86_400 if time_of_day else np.rint(days)
    moments: pd.DatetimeIndex = pd.to_datetime(whole, unit="D", origin="unix", errors="coerce").round("s")
    return moments


def has_time_of_day(values: pd.Series[Any]) -> bool:
    """Whether any of these dates is not midnight."""
    return bool((values != values.dt.normalize())[values.notna()].any())


def as_words(values: pd.Series[Any]) -> pd.Series[Any]:
    """The column as words with NaN for blanks; whole numbers without a decimal point."""
    if pd.api.types.is_float_dtype(values.dtype) and bool((values.dropna() % 1 == 0).all()):
        values = values.astype("Int64")
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.dt.strftime("%Y-%m-%d %H:%M:%S" if has_time_of_day(values) else "%Y-%m-%d")
    return values.astype("str").where(values.notna(), np.nan)


def fit_number(values: pd.Series[Any], column: Column, preparation: Preparation) -> NumberBlock:
    """A number block with the median as filler; what "shared" and "range" take from all columns is set by the caller.

    InputError if numbers are so large that no scale can be computed.
    """
    date = column.dtype == "date"
    numbers = as_numbers(values, column.name, date)
    filled = numbers[~np.isnan(numbers)]
    fill = float(np.median(filled))
    unit = 0.0 if date else _unit(filled, column.name, preparation)
    numbers = np.where(np.isnan(numbers), fill, numbers)
    numbers = np.log1p(numbers / unit) if unit else numbers
    center, scale = _center_and_scale(numbers, preparation.scale)
    if not np.isfinite([center, scale]).all():
        raise InputError(
            f"Column {italic(column.name)} holds numbers too large to compare ({np.abs(filled).max():g}): mend such cells or "
            "leave the column out."
        )
    time_of_day = date and has_time_of_day(values)
    return NumberBlock(column.name, fill, center, scale if scale > 0 else 1.0, unit, date, time_of_day)


def _unit(filled: np.ndarray, name: str, preparation: Preparation) -> float:
    """The unit of a logarithm; 0 where there is none."""
    if preparation.row_scale == "shares":
        return 1.0 if float(filled.min()) >= 0 else 0.0
    return ratio_unit(filled) if name in preparation.logged else 0.0


def _center_and_scale(numbers: np.ndarray, how: str) -> tuple[float, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        if how in ("standard", "shared"):
            return float(numbers.mean()), float(numbers.std())
        if how == "range":
            return float(numbers.mean()), float(np.ptp(numbers))
        return (float(numbers.min()), float(np.ptp(numbers))) if how == "minmax" else (0.0, 1.0)


def fit_category(values: pd.Series[Any], column: Column, preparation: Preparation) -> CategoryBlock:
    """Levels by frequency; beyond `max_categories` the rarest become "other"."""
    words = as_words(values)
    counts = words.value_counts()
    order = sorted(counts.index, key=lambda level: (-counts[level], level))
    levels = order if len(order) <= preparation.max_categories else [*order[: preparation.max_categories - 1], OTHER]
    blanks = int(words.isna().sum())
    own = blanks > 0 and (blanks >= OWN_VALUE * len(words) or len(order) == 1)
    levels = list(dict.fromkeys([*levels, BLANK] if own else levels))
    if len(levels) == 2:
        levels = sorted(levels)
    return CategoryBlock(column.name, tuple(levels), BLANK if own else order[0])

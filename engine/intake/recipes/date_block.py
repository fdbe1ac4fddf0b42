"""Dates and times of day as numbers: the position in time, and what recurs, as circles on which 23:50 lies beside 00:10."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from engine.intake.raw import Column
from engine.intake.recipes.blocks import NumberBlock, as_moments, as_numbers, fit_number
from engine.intake.recipes.ordinal_block import OrdinalBlock
from engine.intake.recipes.preparation import Preparation
from engine.intake.values.durations import format_time

_NAMES = "January February March April May June July August September October November December"
MONTHS = tuple(_NAMES.split())
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Circle:
    """Turns [n] in [0, 1) as ((cos, sin) - center) / scale: together they vary like one number."""

    part: str
    center: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0

    def apply(self, turns: np.ndarray) -> np.ndarray:
        """float32 [n, 2]."""
        x: np.ndarray = (_on_circle(turns) - np.array(self.center)) / self.scale
        return x.astype(np.float32)

    def restore(self, x: np.ndarray) -> np.ndarray:
        """Turns [n] in [0, 1) of prepared values [n, 2]; of an average the direction."""
        cos, sin = (x.astype(np.float64) * self.scale + np.array(self.center)).T
        turns: np.ndarray = np.arctan2(sin, cos) / (2 * np.pi) % 1
        return turns

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Circle:
        """The circle back from its fields."""
        return cls(values["part"], (values["center"][0], values["center"][1]), values["scale"])


def _on_circle(turns: np.ndarray) -> np.ndarray:
    angles = 2 * np.pi * turns
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def fit_circle(part: str, turns: np.ndarray, how: str) -> Circle:
    """The circle of a part from turns [n], scaled as numbers are by `how`, see `Preparation.scale`."""
    if how == "none":
        return Circle(part)
    if how == "minmax":
        return Circle(part, (-1.0, -1.0), 2 * float(np.sqrt(2)))
    points = _on_circle(turns)
    spread = float(np.sqrt(points.var(axis=0).sum()))
    return Circle(part, (float(points[:, 0].mean()), float(points[:, 1].mean())), spread if spread > 1e-9 else 1.0)


@dataclass(frozen=True)
class DateBlock:
    """Dates: the position in time where "age" is one of `parts`, then two numbers for each circle."""

    column: str
    position: NumberBlock
    parts: tuple[str, ...]
    circles: tuple[Circle, ...] = ()
    type: ClassVar[str] = "date"

    def names(self) -> tuple[str, ...]:
        """The column itself, and `column: part (cos)` and `(sin)` for each circle."""
        age = (self.column,) if "age" in self.parts else ()
        return (
            *age,
            *(f"{self.column}: {circle.part} ({axis})" for circle in self.circles for axis in ("cos", "sin")),
        )

    def extra(self) -> tuple[str, ...]:
        """The columns of `restore` beside the dates, which have their time of day themselves."""
        shown = [c.part for c in self.circles if not (c.part == "hour" and "age" in self.parts)]
        return tuple(f"{self.column}: {part}" for part in shown)

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """float32 [n, names]; blanks count as the median date."""
        days = as_numbers(rows[self.column], self.column, date=True)
        days = np.where(np.isnan(days), self.position.fill, days)
        age = [self.position.apply(rows)] if "age" in self.parts else []
        return np.concatenate([*age, *(circle.apply(turns_of(days, circle.part)) for circle in self.circles)], axis=1)

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """The date with its time of day, and month, weekday or time in columns of their own, from prepared values [n, names]."""
        start = int("age" in self.parts)
        turns = {c.part: c.restore(x[:, start + 2 * i : start + 2 * i + 2]) for i, c in enumerate(self.circles)}
        restored: dict[str, Any] = {}
        if start:
            days = x[:, 0].astype(np.float64) * self.position.scale + self.position.center
            time = turns.pop("hour", None)
            days = days if time is None else np.rint(days - time) + time
            restored[self.column] = as_moments(days, self.position.time_of_day)
        return restored | {f"{self.column}: {part}": words_of(part, values) for part, values in turns.items()}

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; the block adds no array of any shape."""
        circles = [{**circle.__dict__, "center": list(circle.center)} for circle in self.circles]
        position = self.position.to_json(arrays)
        return {
            "type": self.type,
            "column": self.column,
            "position": position,
            "parts": list(self.parts),
            "circles": circles,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> DateBlock:
        """The block back from `to_json`."""
        circles = tuple(Circle.from_json(circle) for circle in values["circles"])
        return cls(values["column"], NumberBlock.from_json(values["position"]), tuple(values["parts"]), circles)


@dataclass(frozen=True)
class TimeBlock:
    """Times of day, hours [n] since midnight, as a circle; blanks become `fill`, in hours."""

    column: str
    fill: float
    circle: Circle
    seconds: bool = False
    type: ClassVar[str] = "time"

    def names(self) -> tuple[str, ...]:
        """`column (cos)` and `column (sin)`."""
        return (f"{self.column} (cos)", f"{self.column} (sin)")

    def apply(self, rows: pd.DataFrame) -> np.ndarray:
        """float32 [n, 2]; InputError if the column holds words."""
        hours = as_numbers(rows[self.column], self.column)
        return self.circle.apply(np.where(np.isnan(hours), self.fill, hours) / 24)

    def restore(self, x: np.ndarray) -> dict[str, Any]:
        """Times such as 23:50, from prepared values [n, 2]."""
        return {self.column: words_of("hour", self.circle.restore(x), self.seconds)}

    def to_json(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """Plain JSON values; the block adds no array of any shape."""
        circle = {**self.circle.__dict__, "center": list(self.circle.center)}
        return {
            "type": self.type,
            "column": self.column,
            "fill": self.fill,
            "circle": circle,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TimeBlock:
        """The block back from `to_json`."""
        return cls(values["column"], values["fill"], Circle.from_json(values["circle"]), values["seconds"])


def turns_of(days: np.ndarray, part: str) -> np.ndarray:
    """How far days [n] since 1970-01-01 are through their year, week or day, in [0, 1); a weekday counts from its start."""
    whole = np.floor(days)
    turns: np.ndarray = days - whole
    if part == "weekday":
        turns = (whole + 3) % 7 / 7  # 1970 began on a Thursday
    elif part == "month":
        dates = whole.astype("int64").astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
        within = ((dates - first).astype("int64") + 0.5) / (after - first).astype("int64")
        turns = (months.astype("int64") % 12 + within) / 12
    return turns


def words_of(part: str, turns: np.ndarray, seconds: bool = False) -> pd.Series[Any]:
    """Turns [n] as the names of months or weekdays, or as times such as 23:50."""
    if part == "month":
        return pd.Series([MONTHS[int(12 * turn) % 12] for turn in turns], dtype="str")
    if part == "weekday":
        return pd.Series([WEEKDAYS[int(np.rint(7 * turn)) % 7] for turn in turns], dtype="str")
    return pd.Series([format_time(24 * turn, seconds) for turn in turns], dtype="str")


def fit_date(values: pd.Series[Any], column: Column, preparation: Preparation) -> DateBlock:
    """A block of dates with the parts that the preparation chooses; InputError as for `fit_number`."""
    position, parts = fit_number(values, column, preparation), preparation.parts_of(column.name)
    days = as_numbers(values, column.name, date=True)
    days = np.where(np.isnan(days), position.fill, days)
    circles = (fit_circle(part, turns_of(days, part), preparation.scale) for part in parts if part != "age")
    return DateBlock(column.name, position, parts, tuple(circles))


def fit_time(values: pd.Series[Any], column: Column, preparation: Preparation) -> TimeBlock:
    """A block of times of day with the direction of their mean as filler."""
    hours = as_numbers(values, column.name)
    filled = hours[~np.isnan(hours)]
    points = _on_circle(filled / 24)
    fill = 24 * float(Circle("hour").restore(points.mean(axis=0)[None])[0])
    circle = fit_circle("hour", np.where(np.isnan(hours), fill, hours) / 24, preparation.scale)
    return TimeBlock(column.name, fill, circle, bool((np.abs(60 * filled - np.rint(60 * filled)) > 1e-6).any()))


def position_of(block: Any) -> NumberBlock | None:
    """The number that a block consists of or begins with, where it has one that is scaled with all others."""
    if isinstance(block, DateBlock):
        return block.position if "age" in block.parts else None
    return block.position if isinstance(block, OrdinalBlock) else block if isinstance(block, NumberBlock) else None


def with_position(block: Any, change: Callable[[NumberBlock], NumberBlock]) -> Any:
    """The block with its number, its place in an order or its position in time changed; any other as it is."""
    if isinstance(block, DateBlock | OrdinalBlock):
        return replace(block, position=change(block.position))
    return change(block) if isinstance(block, NumberBlock) else block

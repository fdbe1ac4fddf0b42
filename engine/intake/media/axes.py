"""What the axes of an array mean, told from their lengths and from along which of them values run on smoothly.

Two axes are a table [n, features]. Three are pictures [n, h, w] where values are bytes, or run on along both axes of like length;
else series, whose moments are the axis along which values run on, or the longer one. Of four, the shortest outer one holds the
colors or bands. What is decided so is said, and `ReadOptions.axes` or `ReadOptions.kind` overrule it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from engine.core.errors import InputError
from engine.intake.options import Kind, ReadOptions
from engine.intake.wording import count, italic

COLORS = (1, 3, 4)
LEAST_SIDE = 8  # pixels that a picture has at least along each side
OBLONG = 3.0  # times that one side of a picture may be as long as the other
SMOOTH = 0.75  # difference between neighbors over that between any two, up to which values run on along an axis
MUCH_SMOOTHER = 0.6  # one axis against the other
SAMPLES, POSITIONS = 100, 128  # of an array that are looked at
_KINDS: dict[str, Kind] = {
    "n,features": "table",
    "n,h,w": "image",
    "n,h,w,c": "image",
    "n,c,h,w": "image",
    "n,channels,time": "series",
    "n,time,channels": "series",
}


@dataclass(frozen=True)
class Layout:
    """What an array is, and how its axes were read, one of `options.AXES`; `guessed` where only statistics say so."""

    kind: Kind
    axes: str
    guessed: bool = False


def layout_of(x: np.ndarray, name: str, options: ReadOptions) -> Layout:
    """How the axes of `x` [n, ...] are read; InputError where `options.axes` does not fit it."""
    if options.axes is not None:
        return _as_asked(x, name, options.axes)
    if options.kind == "table" or (x.ndim == 2 and options.kind is None):
        return Layout("table", "n,features")
    if x.ndim == 2:
        return Layout("image", "n,h,w") if options.kind == "image" else Layout("series", "n,channels,time")
    if x.ndim == 4:
        return _four(x)
    return _three(x, options.kind)


def _as_asked(x: np.ndarray, name: str, axes: str) -> Layout:
    kind = _KINDS[axes]
    parts = axes.count(",") + 1
    if kind != "table" and x.ndim != parts and not (x.ndim == 2 and axes in ("n,h,w", "n,channels,time")):
        shape = " x ".join(f"{n:,}" for n in x.shape)
        raise InputError(
            f"{italic(name)} has {x.ndim} axes ({shape}), but was to be read as [{axes}]: choose {x.ndim} axes."
        )
    return Layout(kind, axes)


def _three(x: np.ndarray, kind: Kind | None) -> Layout:
    rows, columns = x.shape[1:]
    if kind == "image":
        return Layout("image", "n,h,w")
    pixels = x.dtype == np.uint8 and min(rows, columns) >= min(LEAST_SIDE, max(rows, columns) / OBLONG)
    if kind is None and pixels:
        return Layout("image", "n,h,w")
    down, across = (smoothness(x, axis) for axis in (1, 2))
    if kind is None and _is_picture(x, down, across):
        return Layout("image", "n,h,w", guessed=True)
    return Layout("series", "n,time,channels" if _time_first(x, down, across) else "n,channels,time", guessed=True)


def _is_picture(x: np.ndarray, down: float, across: float) -> bool:
    """Sides of like length, and values that run on along both; squares are pictures unless values run on along one only."""
    short, long = sorted(x.shape[1:])
    if _is_filled_up(x):
        return False
    if short == long:
        return bool(np.isnan([down, across]).any()) or not (min(down, across) < 0.5 and max(down, across) > 0.85)
    return short >= LEAST_SIDE and long <= OBLONG * short and max(down, across) < SMOOTH


def _is_filled_up(x: np.ndarray) -> bool:
    """Whether blanks fill up entries of `x` [n, a, b] at the end of an axis, as they do in shorter series."""
    if x.dtype.kind != "f":
        return False
    blank = np.isnan(x)
    ends = blank[:, -1].all(axis=1) | blank[:, :, -1].all(axis=1)
    return bool((ends & ~blank.all(axis=(1, 2))).any())


def _time_first(x: np.ndarray, down: float, across: float) -> bool:
    """Whether the second axis holds the moments: it is longer, or values run on along it and not along the third."""
    first, second = x.shape[1:]
    if first > second:
        return not (across < MUCH_SMOOTHER * down and second >= LEAST_SIDE)
    return down < MUCH_SMOOTHER * across and first >= LEAST_SIDE


def _four(x: np.ndarray) -> Layout:
    last, first = Layout("image", "n,h,w,c"), Layout("image", "n,c,h,w")
    _, a, b, c = x.shape
    if (a in COLORS) != (c in COLORS):
        return first if a in COLORS else last
    if a in COLORS:  # both: the axis along which values do not run on
        lines = x.reshape(len(x), a, b * c), x.reshape(len(x), a * b, c)
        return first if smoothness(lines[0], 1) > smoothness(lines[1], 2) else last
    if (b == c) != (a == b):
        return Layout("image", first.axes if b == c else last.axes, guessed=True)
    return Layout("image", first.axes if a < c else last.axes, guessed=True)


def smoothness(x: np.ndarray, axis: int) -> float:
    """How much neighbors along an axis of `x` [n, a, b] differ, against any two there.

    1 for no order, towards 0 for smooth, NaN where nothing differs.

    Examples
    --------
    >>> ramp = np.arange(20.0) * np.ones((5, 3, 1)) * np.arange(1, 6)[:, None, None]
    >>> smoothness(ramp, 2) < 0.3 < 0.6 < smoothness(np.random.default_rng(0).normal(size=(5, 3, 20)), 2)
    True
    """
    part = x[:: max(1, len(x) // SAMPLES)][:SAMPLES]
    lines = np.moveaxis(part, axis, 2)
    with np.errstate(invalid="ignore"):  # damaged cells
        lines = lines[:, :: max(1, lines.shape[1] // POSITIONS), : 4 * POSITIONS].astype(np.float64)
    length = lines.shape[2]
    if length < 3:
        return 1.0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        least = 1e-9 * np.nanmax(np.abs(lines))  # what is less is rounding
        lines -= np.nanmean(lines, axis=(0, 1))  # channels differ in level; moments of one level say nothing either
        shifts = np.unique(np.linspace(1, length - 1, 9).astype(int))
        near = np.nanmean(np.abs(np.diff(lines, axis=2)), axis=(0, 2))
        far = np.nanmean([np.nanmean(np.abs(np.roll(lines, s, axis=2) - lines), axis=(0, 2)) for s in shifts], axis=0)
        ratio = near[far > least] / far[far > least]
    ratio = ratio[np.isfinite(ratio)]
    return float(np.median(ratio)) if len(ratio) else float("nan")


def note_of(x: np.ndarray, layout: Layout, name: str) -> str:
    """The sentence that says how the axes were read; "" where there was no choice."""
    if layout.axes == "n,features" or (layout.kind == "image" and not layout.guessed):
        return ""
    if x.ndim == 2:
        return ""
    shape = " x ".join(f"{n:,}" for n in x.shape)
    _, a, b = x.shape[:3]
    if layout.kind == "series":
        moments, channels = (a, b) if layout.axes == "n,time,channels" else (b, a)
        what = f"series of {count(moments, 'moment')} with {count(channels, 'channel')}"
    elif x.ndim == 3:
        what = f"gray pictures of {a:,} x {b:,} pixels"
    else:
        what = f"pictures of {count(x.shape[1 if layout.axes == 'n,c,h,w' else 3], 'band')}"
    return f"{italic(name)} has the axes {shape} and was read as {len(x):,} {what}."


def alternatives_of(x: np.ndarray, layout: Layout) -> tuple[str, ...]:
    """What could be chosen as `axes`, that of `layout` first; none for tables."""
    every: tuple[str, ...] = ()
    if x.ndim == 3:
        every = ("n,channels,time", "n,time,channels", "n,h,w", "n,features")
    elif x.ndim == 4:
        every = ("n,h,w,c", "n,c,h,w", "n,features")
    return (layout.axes, *(axes for axes in every if axes != layout.axes)) if every else ()

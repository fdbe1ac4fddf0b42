"""Numbers that describe pictures and series in words a person uses, so that groups of them can be explained."""

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float32]
_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "center", "right")
PIECE = 2**24
"""Values of pictures that are measured at a time."""


def of_images(images: npt.NDArray[np.uint8]) -> pd.DataFrame:
    """Brightness overall and in nine regions, contrast and, where there is color, its tint; percent, [n, h, w, c]."""
    step = max(1, PIECE // max(1, images[:1].size))
    parts = [_of_images(images[start : start + step]) for start in range(0, len(images), step)]
    return pd.concat(parts, ignore_index=True)


def of_series(series: Floats) -> pd.DataFrame:
    """Level, spread, trend, unrest and extremes of each channel, [n, channels, time]; NaN is skipped."""
    columns: dict[str, Floats] = {}
    with warnings.catch_warnings():
        # A series without a single value has no traits: NaN.
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        for channel in range(series.shape[1]):
            name = f" of channel {channel + 1}" if series.shape[1] > 1 else ""
            columns |= {f"{trait}{name}": values for trait, values in _of_channel(series[:, channel]).items()}
    return pd.DataFrame(columns)


def _of_images(images: npt.NDArray[np.uint8]) -> pd.DataFrame:
    x = images.astype(np.float32) * (100 / 255)
    gray = x.mean(-1)
    found = {"brightness": gray.mean((1, 2)), "contrast": gray.std((1, 2))}
    if x.shape[-1] == 3:
        for channel, name in enumerate(("redness", "greenness", "blueness")):
            found[name] = (x[..., channel] - gray).mean((1, 2))
    for row, rows in zip(_ROWS, np.array_split(np.arange(gray.shape[1]), 3), strict=True):
        for column, columns in zip(_COLUMNS, np.array_split(np.arange(gray.shape[2]), 3), strict=True):
            place = "middle" if (row, column) == ("middle", "center") else f"{row} {column}"
            if len(rows) and len(columns):
                found[f"{place} brightness"] = gray[:, rows][:, :, columns].mean((1, 2))
    return pd.DataFrame(found)


def _of_channel(x: Floats) -> dict[str, Floats]:
    third = max(1, x.shape[1] // 3)
    return {
        "level": np.nanmean(x, 1),
        "spread": np.nanstd(x, 1),
        "rise from start to end": np.nanmean(x[:, -third:], 1) - np.nanmean(x[:, :third], 1),
        "unrest from step to step": np.nanmean(np.abs(np.diff(x, axis=1)), 1) if x.shape[1] > 1 else np.zeros(len(x)),
        "peak": np.nanmax(x, 1),
        "trough": np.nanmin(x, 1),
    }

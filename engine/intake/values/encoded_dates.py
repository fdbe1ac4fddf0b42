"""Dates that were written as numbers: 20240131, days of a spreadsheet, seconds or milliseconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

DAY, SECOND = 86_400_000_000, 1_000_000  # in microseconds
FIRST_SERIAL = 25_569  # 1970-01-01 in a spreadsheet
_NAMED = re.compile(
    r"(?<![a-z])(date|datum|datetime|dob|birth|birthday|birthdate|geburtstag|fecha|created|updated|modified|since|seit)(?![a-z])|Date$|_dt$|_at$",
    re.IGNORECASE,
)
_TIMED = re.compile(
    r"(?<![a-z])(time|timestamp|ts|epoch|unix|when|at|seen|login|logged|signup|joined|registered|posted|published|visited|expires)(?![a-z])|[a-z](Time|Timestamp|At)$",
    re.IGNORECASE,
)
_RANGES = {"serial": (18_000, 60_000), "seconds": (300_000_000, 2_200_000_000), "milliseconds": (3e11, 2.2e12)}
ENCODINGS = ("compact", *_RANGES)
FEW = 5  # different values: fewer may be dates by chance


def may_be_dates(values: np.ndarray) -> np.ndarray:
    """Whether rows of numbers [k, n], NaN for blanks, lie where dates written as numbers do, bool [k]."""
    least, most = min(low for low, _ in _RANGES.values()), max(high for _, high in _RANGES.values())
    inside = np.isnan(values) | ((values >= least) & (values <= most))
    found: np.ndarray = inside.all(axis=1)
    return found


def encoding_of(name: str, values: pd.Series[Any], dates: Mapping[str, pd.Series[Any]]) -> str:
    """How the numbers of a column encode dates; "" where they do not.

    Eight digits that are all dates are enough; days and seconds, which may have fractions, need a name that says so, or one of
    `dates` that is the same.
    """
    filled = values.dropna()
    if len(filled) < 2:
        return ""
    low, high, whole = float(filled.min()), float(filled.max()), bool((filled % 1 == 0).all())
    if whole and low >= 19_000_101 and high <= 21_001_231 and filled.nunique() >= (2 if _NAMED.search(name) else FEW):
        return "compact" if not decoded(filled, "compact").isna().any() else ""
    for encoding, (least, most) in _RANGES.items():
        if not least <= low <= high <= most or (encoding == "milliseconds" and not whole):
            continue
        named = _NAMED.search(name) or (encoding != "serial" and _TIMED.search(name))
        if named or any(_same(decoded(values, encoding), other) for other in dates.values()):
            return encoding
    return ""


def _same(left: pd.Series[Any], right: pd.Series[Any]) -> bool:
    """Whether two columns of dates differ by the same part of a day or so in every row."""
    apart = (left - right).dropna()
    if len(apart) < FEW or left.nunique() < FEW:
        return False
    return bool(apart.abs().max() <= pd.Timedelta(days=1.5) and apart.max() - apart.min() < pd.Timedelta(seconds=1))


def decoded(values: pd.Series[Any], encoding: str) -> pd.Series[Any]:
    """The numbers [n] as datetime64[us]; blank where they are no dates."""
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    if encoding == "compact":
        whole = pd.Series(numbers, index=values.index).astype("Int64").astype("str")
        return pd.to_datetime(whole.where(values.notna()), format="%Y%m%d", errors="coerce").astype("datetime64[us]")
    unit = {"serial": DAY, "seconds": SECOND, "milliseconds": 1000}[encoding]
    origin = FIRST_SERIAL if encoding == "serial" else 0
    low, high = _RANGES[encoding]
    good = (numbers >= low / 2) & (numbers <= high * 2)
    moments = np.rint((np.where(good, numbers, origin) - origin) * unit).astype("int64").astype("datetime64[us]")
    return pd.Series(np.where(good, moments, np.datetime64("NaT")), index=values.index).astype("datetime64[us]")

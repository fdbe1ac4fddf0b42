"""Tables that hold series: a series in each row, its columns the moments; or a moment in each row, many rows a series."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.columns.profile import profiled
from engine.intake.media.series import check_cells, series_content
from engine.intake.raw import Column, Content, Raw, Role
from engine.intake.wording import count, italic, listed

EVERY = "all"
"""In place of the names of columns: all that hold numbers."""
FEWEST_MOMENTS = 5
"""Rows that the series of a long table have at least, in the middle."""
TIME_WORDS = frozenset(
    (
        *("time", "timestamp", "date", "datetime", "day", "hour", "minute", "second", "week", "month", "year", "step"),
        *(
            "t",
            "frame",
            "cycle",
            "tick",
            "sample",
            "zeit",
            "datum",
            "tag",
            "stunde",
            "fecha",
            "hora",
            "heure",
            "index",
            "period",
            "epoch",
        ),
    )
)
"""Words of which the name of a column that orders moments has one."""
LEAST = 16
"""Columns from which a table is taken for series if they run on smoothly."""
ZEROS = 0.1
"""Share of zeros from which on a table of whole numbers holds counts of things, and no measurement over time."""
SMOOTH = 0.6
"""Share of the difference between any two columns that neighboring ones have at most, in a table that is taken for series."""
FEW = 0.1
"""Share of the different values that columns usually have here, up to which a column of numbers is taken for a code."""


def as_series(raw: Raw, how: Mapping[str, Any]) -> Raw:
    """The rows of a table as series.

    What else the table holds stays beside the series: its labels and names, and what is the same at all moments of each.

    Parameters
    ----------
    raw
        A table; series are returned as they are.
    how
        {"columns": [names in the order of time]}, or {"columns": "all"} of numbers, where each row is a series.
        {"series": name, "time": name} where each row is one moment: the columns that tell series apart and order their
        moments ("" keeps the order of the rows). In both, {"label": name} adds which other column is the known answer.

    Returns
    -------
    Raw
        Series with `values` float32 [n, channels, time], and `how` in `options.series`.

    Raises
    ------
    InputError
        If the table has no such columns, they hold no numbers, or each series would have a single moment.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import as_series, inspect
    >>> table = pd.DataFrame({"meter": ["a", "a", "b", "b"], "hour": [0, 1, 0, 1], "power": [1.5, 2.5, 3.0, 4.5]})
    >>> as_series(inspect(table), {"series": "meter", "time": "hour"}).array.tolist()
    [[[1.5, 2.5]], [[3.0, 4.5]]]
    """
    if raw.kind == "series":
        return raw
    if how.get("columns") == EVERY:
        how = {**how, "columns": numeric_columns(raw)}
    content = _from_columns(raw, how["columns"]) if "columns" in how else _from_moments(raw, how["series"], how["time"])
    if how.get("label") in content.rows:
        content.roles = {**content.roles, how["label"]: "label"}
    choice = json.dumps(how, sort_keys=True)
    fingerprint = hashlib.sha256(f"{raw.fingerprint} series {choice}".encode()).hexdigest()
    return profiled(content, raw.name, fingerprint, replace(raw.options, series=dict(how)))


def numeric_columns(raw: Raw) -> list[str]:
    """The columns that a series could be made of, in the order of the table; codes with far fewer values than they are none."""
    found = [column for column in raw.columns if column.dtype == "number" and column.role == "feature"]
    usual = float(np.median([column.distinct for column in found])) if found else 0.0
    return [column.name for column in found if column.distinct > FEW * usual]


def looks_like_series(raw: Raw) -> bool:
    """Whether a table's columns of numbers run on smoothly, as moments one after the other do and other columns do not."""
    names = numeric_columns(raw)
    others = [c for c in raw.columns if c.role == "feature" and c.dtype != "number"]
    if raw.kind != "table" or len(names) < LEAST or others:
        return False
    x = raw.rows[names].iloc[:500].to_numpy(np.float64, na_value=np.nan)
    if (x % 1 == 0).all() and (x == 0).mean() > ZEROS:
        return False  # counts of many things, such as words or genes
    adjacent, distant = (
        np.abs(np.diff(x, axis=1)),
        np.abs(x[:, len(names) // 2 :] - x[:, : len(names) - len(names) // 2]),
    )
    if np.isnan(adjacent).all() or np.isnan(distant).all():
        return False
    # Columns of unlike sizes are no moments of one quantity: the largest would decide alone.
    spread = np.nanstd(x, axis=0)
    alike = np.nanmax(spread) <= 20 * max(float(np.nanmedian(spread)), 1e-12)
    return bool(alike and np.nanmean(adjacent) < SMOOTH * np.nanmean(distant))


def long_table(raw: Raw) -> tuple[str, str] | None:
    """The columns that tell series apart and that order their moments, where each row of a table looks like one moment.

    Such a table has rows of equal moments in every series: no moment comes twice in one, and most come in many.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect
    >>> rows = [(meter, hour, meter * hour / 7) for meter in range(4) for hour in range(6)]
    >>> long_table(inspect(pd.DataFrame(rows, columns=["meter", "hour", "power"])))
    ('meter', 'hour')
    """
    if raw.kind != "table" or len(raw) < 2 * FEWEST_MOMENTS:
        return None
    times = [c for c in raw.columns if c.dtype == "date" or (c.dtype == "number" and is_time(c.name))]
    for time in times:
        for column in raw.columns:
            if column.name != time.name and _may_part(raw, column, time) and _is_grid(raw.rows, column.name, time.name):
                return column.name, time.name
    return None


def _may_part(raw: Raw, column: Column, time: Column) -> bool:
    """Whether the numbers of distinct values let `column` tell series apart whose moments `time` orders."""
    n = len(raw)
    if column.dtype == "date" or not 2 <= column.distinct <= n / FEWEST_MOMENTS:
        return False
    if not 0.9 * n <= column.distinct * time.distinct <= 2 * n:
        return False
    if not any(c.dtype == "number" and c.distinct > 2 for c in raw.columns if c.name not in (time.name, column.name)):
        return False
    return column.dtype != "number" or bool((raw.rows[column.name].dropna() % 1 == 0).all())


def is_time(name: str) -> bool:
    """Whether a column of this name orders moments."""
    return not TIME_WORDS.isdisjoint("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _is_grid(rows: pd.DataFrame, series: str, time: str) -> bool:
    known = rows[[series, time]].dropna()
    if len(known) < len(rows) * 0.9 or known.duplicated().any():
        return False
    lengths = known[series].value_counts()
    return bool(lengths.median() >= FEWEST_MOMENTS and known[time].nunique() <= 1.5 * lengths.median())


def series_note(raw: Raw) -> str:
    """How a table that looks like series can be read as such, a sentence in Markdown; "" where it does not look like it.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect
    >>> rows = [(meter, hour, meter * hour / 7) for meter in range(4) for hour in range(6)]
    >>> series_note(inspect(pd.DataFrame(rows, columns=["meter", "hour", "power"]), name="power"))[:46]
    '*power* looks like 4 series of up to 6 moments'
    """
    if (found := long_table(raw)) is not None:
        series, time = found
        n, moments = raw.column(series).distinct, raw.column(time).distinct
        return (
            f"{italic(raw.name)} looks like {count(n, 'series', 'series')} of up to {count(moments, 'moment')}, one moment in "
            f"each row: {italic(series)} tells them apart and {italic(time)} orders them. As it is, moments are grouped, "
            "not series; read it as series if those are meant (on the command line: --series and --time)."
        )
    if looks_like_series(raw):
        names = numeric_columns(raw)
        return (
            f"The {len(names)} columns from {italic(names[0])} to {italic(names[-1])} run on smoothly, like moments of one "
            "measurement: read the table as series if that is what they are (on the command line: --rows-are-series)."
        )
    return ""


def with_series_noted(raw: Raw) -> Raw:
    """`raw` with a sentence where its table looks like series, and with what tells them apart as an id."""
    note = series_note(raw)
    if not note:
        return raw
    series = (long_table(raw) or ("",))[0]
    columns = tuple(replace(c, role="id", warning="") if c.name == series else c for c in raw.columns)
    return replace(raw, columns=columns, notes=(*raw.notes, note))


def _from_columns(raw: Raw, columns: Sequence[str]) -> Content:
    """A series [1, time] in each row."""
    _check(raw, columns)
    if len(columns) < 2:
        raise InputError("A series needs at least two moments: choose two or more columns of numbers.")
    values = raw.rows[list(columns)].to_numpy(np.float64, na_value=np.nan)
    content = series_content(values[:, None], raw.name)
    return _beside(raw, content, raw.rows.drop(columns=list(columns)), len(columns))


def _from_moments(raw: Raw, series: str, time: str) -> Content:
    """Series [channels, time] of the rows that share a value; the other columns of numbers are its channels."""
    rows = raw.rows.dropna(subset=[series]) if series in raw.rows else raw.rows
    _check(raw, [series, *([time] if time else [])], numbers=False)
    channels = [name for name in numeric_columns(raw) if name not in (series, time)]
    if not channels:
        raise InputError(f"Beside {listed([name for name in (series, time) if name])} there is no column of numbers.")
    rows = rows.sort_values(time, kind="stable") if time else rows
    codes, names = pd.factorize(rows[series])
    order, lengths = np.argsort(codes, kind="stable"), np.bincount(codes, minlength=len(names))
    if not len(names) or lengths.max() < 2:
        raise InputError(
            f"Every row has a {italic(series)} of its own, so each series would have one moment. "
            "Choose the column that is the same for all rows of a series."
        )
    check_cells(len(names), len(channels), int(lengths.max()), raw.name)
    moment = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    values = np.full((len(names), len(channels), int(lengths.max())), np.nan)
    values[codes[order], :, moment] = rows[channels].to_numpy(np.float64, na_value=np.nan)[order]
    lasting = _lasting(rows.drop(columns=[*channels, *([time] if time else [])]), codes, len(names))
    return _beside(raw, series_content(values, raw.name), lasting, int(lengths.max()), len(channels), series)


def _lasting(rows: pd.DataFrame, codes: np.ndarray, n: int) -> pd.DataFrame:
    """Of each column that never changes within a series, the value of every series."""
    groups = rows.groupby(codes, sort=True)
    same = [name for name in rows.columns if (groups[name].nunique(dropna=False) == 1).all()]
    return groups[same].first().reindex(range(n)).reset_index(drop=True)


def _beside(
    raw: Raw, content: Content, others: pd.DataFrame, moments: int, channels: int = 1, series: str = ""
) -> Content:
    """The other columns beside the series; nothing but the series is grouped."""
    known = {column.name: column.role for column in raw.columns}
    roles: dict[str, Role] = {}
    for name in map(str, others.columns):
        roles[name] = "id" if name == series else known[name] if known[name] in ("label", "id") else "ignore"
    own = content.rows if not any(role == "id" for role in roles.values()) else content.rows[["length"]]
    own = own.drop(columns=[name for name in own if name in others])
    content.rows = pd.concat([others.reset_index(drop=True), own], axis=1)
    content.roles = {**{name: role for name, role in content.roles.items() if name in own}, **roles}
    wide = f", with {channels} values at each" if channels > 1 else ""
    content.notes[:0] = [
        *(note for note in raw.notes if note != series_note(raw)),
        f"Read as series of up to {count(moments, 'moment')}{wide}.",
    ]
    return content


def _check(raw: Raw, names: Sequence[str], numbers: bool = True) -> None:
    missing = [name for name in names if name not in raw.rows]
    if missing:
        raise InputError(f"{italic(raw.name)} has no column {listed(missing)}; its series are read from it.")
    words = [name for name in names if raw.column(name).dtype != "number"] if numbers else []
    if words:
        raise InputError(f"{listed(words)} of {italic(raw.name)} {'holds' if len(words) == 1 else 'hold'} no numbers.")

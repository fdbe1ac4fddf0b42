"""Series: sktime's .ts format, UCR .tsv files (label first), and arrays [n, channels, time]."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engine.core.errors import InputError
from engine.intake.files.encoding import lines_of
from engine.intake.raw import Content, Role
from engine.intake.values.blanks import BLANKS
from engine.intake.wording import count, italic, quote

MOST_CELLS = 2**27
"""Numbers that series may take, with the blanks that make them equally long."""
ABSURD = 1e30
"""A number this many times as large as the usual one is no measurement: an overflow, or a mark for a blank."""
LOST = 1e-3
"""Share of a channel's spread that float32 may round away."""


def series_content(values: np.ndarray, name: str, labels: pd.Series | None = None) -> Content:
    """Content of series [n, channels, time]; trailing NaN means a shorter series, infinity counts as blank.

    InputError where there is no number at all.
    """
    values, notes = _without_absurd(np.asarray(values, np.float64 if values.dtype != np.float32 else np.float32), name)
    filled = ~np.isnan(values)
    if not filled.any():
        raise InputError(f"{italic(name)} holds no number at all: there is nothing to group.")
    reach = filled.any(axis=1)
    lengths = np.where(reach.any(axis=1), values.shape[2] - reach[:, ::-1].argmax(axis=1), 0)
    holes = int((~filled).sum() - (values.shape[2] - lengths).sum() * values.shape[1])
    empty = int((lengths == 0).sum())
    if empty:
        notes.append(f"{count(empty, 'series', 'series')} without any value {'is' if empty == 1 else 'are'} left out.")
    if holes:
        notes.append(f"{count(holes, 'value')} inside the series {'is' if holes == 1 else 'are'} blank.")
    rows = pd.DataFrame({"series": np.arange(1, len(values) + 1), "length": lengths})
    roles: dict[str, Role] = {"series": "id", "length": "ignore"}
    if labels is not None:
        rows["label"] = labels.to_numpy()
        roles["label"] = "label"
    return Content(rows, "series", compact(values[:, :, : int(lengths.max())]), notes, roles)


def _without_absurd(values: np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """Infinity, and numbers far beyond all others, as blanks, with a sentence on each."""
    notes = []
    size = np.abs(values)
    usual = np.nanmedian(size[np.isfinite(size)]) if np.isfinite(size).any() else 0.0
    with np.errstate(over="ignore"):
        absurd = np.isfinite(size) & (size > ABSURD * max(float(usual), 1.0))
    for what, gone in (("infinity", np.isinf(values)), ("a number beyond all measure", absurd)):
        if gone.any():
            row, channel, time = (int(i) for i in np.argwhere(gone)[0])
            notes.append(
                f"{count(int(gone.sum()), 'value')} of {italic(name)} hold {what}, the first in series {row + 1:,}, "
                f"channel {channel + 1}, time {time + 1:,}; they count as blank."
            )
            values = np.where(gone, np.nan, values).astype(values.dtype)
    return values, notes


def compact(values: np.ndarray) -> np.ndarray:
    """float32 where that keeps what tells series [n, channels, time] apart, else float64: small changes of large numbers."""
    if values.dtype == np.float32:
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        small = values.astype(np.float32)
        for channel in range(values.shape[1]):
            known = values[:, channel][~np.isnan(values[:, channel])]
            if not len(known):
                continue
            largest = float(np.abs(known).max())
            spread = float((known / largest).std()) * largest if largest else 0.0
            if largest > 1e38 or largest * np.finfo(np.float32).eps > LOST * spread > 0 or 0 < spread < 1e-30:
                return values
    return small


def from_matrix(table: pa.Table, name: str, notes: list[str]) -> Content:
    """A UCR file: a class number, then one value for each time, in every row. InputError where a row has no label or a word."""
    columns = [_floats(table.column(i), i, name) for i in range(table.num_columns)]
    matrix = np.stack(columns[1:], axis=1)
    label = columns[0]
    if np.isnan(label).any():
        raise InputError(
            f"{italic(name)} has no label in row {int(np.isnan(label).argmax()) + 1:,}: each row starts with one."
        )
    whole = bool((label == np.rint(label)).all())
    content = series_content(matrix[:, None, :], name, pd.Series(label.astype(np.int64) if whole else label))
    content.notes[:0] = [*notes, "Each row was read as a label followed by one series."]
    return content


def _floats(column: pa.ChunkedArray, position: int, name: str) -> np.ndarray:
    trimmed = pc.utf8_trim_whitespace(column)
    cells = pc.if_else(
        pc.is_in(trimmed, value_set=pa.array(BLANKS, pa.string())), pa.scalar(None, pa.string()), trimmed
    )
    try:
        numbers = pc.cast(cells, pa.float64())
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{italic(name)} holds a word where a number belongs, in column {position + 1:,} ({error})."
        ) from error
    values: np.ndarray = pc.fill_null(numbers, float("nan")).to_numpy()
    return values


def read_ts(data: bytes, name: str) -> Content:
    """Content of a .ts file, given as bytes: channels parted by colons, values by commas, the label last.

    InputError where it is cut off, has time stamps, or is damaged; the sentence names the line.
    """
    text, notes = lines_of(data, name)
    head, _, body = text.decode().partition("@data")
    if not body.strip():
        raise InputError(f"{italic(name)} has no series below a line @data: it may be cut off, or no .ts file.")
    header = {line.split()[0].lower(): line.split()[1:] for line in head.splitlines() if line.startswith("@")}
    if _is_true(header, "@timestamps"):
        raise InputError(
            f"{italic(name)} gives a time stamp with each value, which is not read: bring evenly spaced values."
        )
    labeled = _is_true(header, "@classlabel") or _is_true(header, "@targetlabel")
    found: list[list[np.ndarray]] = []
    labels: list[str] = []
    first = len(head.splitlines()) + 1
    for number, line in enumerate(body.splitlines(), first):
        if line.strip() and not line.startswith("#"):
            parts = line.strip().split(":")
            labels += [parts.pop()] if labeled else []
            found.append([_channel(part, number, name) for part in parts])
    content = series_content(_padded(found, name), name, pd.Series(labels, dtype="str") if labeled else None)
    content.notes[:0] = notes
    return content


def _is_true(header: dict[str, list[str]], key: str) -> bool:
    return [word.lower() for word in header.get(key, [])[:1]] == ["true"]


def _channel(part: str, line: int, name: str) -> np.ndarray:
    try:
        return np.array(part.replace("?", "nan").split(","), dtype=np.float64)
    except ValueError as error:
        raise InputError(
            f"Line {line:,} of {italic(name)} holds {quote(part, 20)} where numbers belong: mend it."
        ) from error


def _padded(found: list[list[np.ndarray]], name: str) -> np.ndarray:
    """The series as one array [n, channels, time], NaN where one is shorter."""
    channels = len(found[0]) if found else 0
    if not channels:
        raise InputError(f"{italic(name)} has no values in its first series: it may be cut off.")
    longest = max(len(channel) for series in found for channel in series)
    check_cells(len(found), channels, longest, name)
    values = np.full((len(found), channels, longest), np.nan)
    for i, series in enumerate(found):
        if len(series) != channels:
            raise InputError(
                f"Series {i + 1:,} of {italic(name)} has {len(series)} channels where the first has {channels}: mend it."
            )
        for j, channel in enumerate(series):
            values[i, j, : len(channel)] = channel
    return values


def check_cells(series: int, channels: int, longest: int, name: str) -> None:
    """InputError where series, each as long as the longest, would take more memory than there may be."""
    if series * channels * longest > MOST_CELLS:
        raise InputError(
            f"{italic(name)} has {count(series, 'series', 'series')}, of which the longest has {longest:,} moments; all as long "
            "as that one are too many numbers to hold. Cut the longest, or leave it out."
        )

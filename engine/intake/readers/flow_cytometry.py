"""Flow and mass cytometry (FCS): an event a row, a channel a column, as cytometrists look at them.

Fluorescence is compensated by the matrix in the file and put on the scale arcsinh(value / cofactor), which is linear near zero
and logarithmic far from it: values around zero may be negative, so a plain logarithm does not do.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.frames import from_frame
from engine.intake.limits import Meter
from engine.intake.naming import unique_names
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import count, italic, listed

COFACTOR, MASS_COFACTOR = 150.0, 5.0
"""What the values of flow and of mass cytometry are divided by before arcsinh, as is usual."""
MOST_CHANNELS = 1000
_SCATTER = re.compile(r"^(FSC|SSC|FS|SS|BSC)\b", re.IGNORECASE)
_BESIDE = re.compile(
    r"^(time|event.?length|event.?#?|center|offset|width|residual|dead|live|dna\d?|bead.*|bc\d+|sample.?id|file.?number)$",
    re.IGNORECASE,
)
_METAL = re.compile(r"^\(?[A-Z][a-z]?\d{2,3}\)?(Di|Dd)?$|^\d{2,3}[A-Z][a-z]?(Di|_)")


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The events of an FCS file. InputError where it is damaged, holds none or several sets of events."""
    file = _opened(data, name)
    meter = Meter(name, len(data), 2 * limit)
    meter.add(8 * file.event_count * file.channel_count)
    try:
        with np.errstate(all="ignore"):  # values that are no numbers, in a damaged file
            values = file.as_array()
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, ZeroDivisionError) as error:
        raise InputError(_damaged(name)) from error
    short = [channel["pnn"] for _, channel in sorted(file.channels.items())]
    long = [channel["pns"] for _, channel in sorted(file.channels.items())]
    if len(short) != values.shape[1]:
        raise InputError(_damaged(name))
    names, _ = unique_names([_called(a, b) for a, b in zip(short, long, strict=True)])
    with np.errstate(all="ignore"):
        values, notes = _compensated(values, short, file.text)
        content = _table(values, names, short, notes)
    content.notes.insert(
        0, f"{italic(name)} holds {count(len(values), 'event')} of flow cytometry; a row is an event (a cell)."
    )
    return content


def _damaged(name: str) -> str:
    return f"{italic(name)} is a damaged FCS file: export it again from the cytometer's program."


def _opened(data: bytes, name: str) -> Any:
    from flowio import FlowData
    from flowio.exceptions import MultipleDataSetsError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it mends by itself
            head = FlowData(io.BytesIO(data), only_text=True, use_header_offsets=True)
            channels, events = int(head.text["par"]), int(head.text["tot"])
            if not 1 <= channels <= MOST_CHANNELS or not 1 <= events <= 8 * len(data):
                raise InputError(f"{italic(name)} holds no events: there is nothing to group.")
            return FlowData(io.BytesIO(data), ignore_offset_error=True, use_header_offsets=True)
    except (InputError, MemoryError):
        raise
    except MultipleDataSetsError as error:
        raise InputError(f"{italic(name)} holds several sets of events: save each as a file of its own.") from error
    except NotImplementedError as error:
        raise InputError(
            f"{italic(name)} holds histograms instead of events: export its events (list mode)."
        ) from error
    except Exception as error:  # the library says in many ways that a file is damaged
        raise InputError(_damaged(name)) from error


def _called(short: str, long: str) -> str:
    """A channel by its marker, with the detector where both are named: CD4 (FITC-A)."""
    short, long = short.strip(), long.strip()
    if not long or long.casefold() == short.casefold():
        return short
    return long if short in long or _METAL.match(short) else f"{long} ({short})"


def _compensated(values: np.ndarray, short: list[str], about: dict[str, str]) -> tuple[np.ndarray, list[str]]:
    """The events [n, channels] without what each dye spills into the other detectors, where the file says how much that is."""
    parts = [part.strip() for part in str(about.get("spillover") or about.get("spill") or "").split(",")]
    try:
        n = int(parts[0]) if parts[0].isdigit() else 0
        names, numbers = parts[1 : n + 1], np.array(parts[n + 1 :][: n * n], np.float64)
        places, spill = [short.index(one) for one in names], numbers.reshape(n, n)
        if n < 2 or not np.isfinite(spill).all() or np.array_equal(spill, np.eye(n)) or np.linalg.cond(spill) > 1e6:
            return values, []
    except (ValueError, np.linalg.LinAlgError):
        return values, []
    values = values.copy()
    values[:, places] = values[:, places] @ np.linalg.inv(spill)
    return values, [f"Spillover between {count(n, 'channel')} was taken out by the compensation matrix in the file."]


def _table(values: np.ndarray, names: list[str], short: list[str], notes: list[str]) -> Content:
    beside = [name for name, one in zip(names, short, strict=True) if _BESIDE.match(one.strip()) or _BESIDE.match(name)]
    scatter = [name for name, one in zip(names, short, strict=True) if _SCATTER.match(one.strip())]
    mass = sum(bool(_METAL.match(one.strip())) for one in short) > len(short) / 2
    markers = [name for name in names if name not in beside and name not in scatter]
    frame = pd.DataFrame(np.asarray(values, np.float64), columns=pd.Index(names, dtype="str"))
    if markers:
        cofactor = MASS_COFACTOR if mass else COFACTOR
        frame[markers] = np.arcsinh(frame[markers] / cofactor)
        notes.append(
            f"{listed(markers)} {'was' if len(markers) == 1 else 'were'} put on the scale arcsinh(value / {cofactor:g}), as is "
            f"usual in {'mass' if mass else 'flow'} cytometry."
        )
    if beside:
        notes.append(
            f"{listed(beside)} {'says' if len(beside) == 1 else 'say'} how events were recorded, and take no part."
        )
    content = from_frame(frame, notes)
    return Content(
        content.rows, "table", notes=content.notes, roles=dict.fromkeys(beside, "ignore"), formats=content.formats
    )

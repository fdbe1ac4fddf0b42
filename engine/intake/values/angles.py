"""Angles as maps and instruments write them, 48°51'24"N, as degrees."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.intake.values.numbers import as_floats, count_true

_PART = r"\d{1,2}(?:[.,]\d{1,8})?"
DEGREES = (
    rf"(?P<before>[NSEWO])? ?(?P<minus>[-\x{{2212}}])?(?P<degrees>\d{{1,3}})(?: ?[°º˚d:] ?| )(?P<minutes>{_PART}) ?['′’ʹm:]?"
    rf"(?: ?(?P<seconds>{_PART}) ?(?:\"|″|”|''|’’|′′|s)?)? ?(?P<after>[NSEWO])?"
)
"""One angle, for RE2."""
_PLAIN = r"°|º|˚|[NSEWO]"


def as_degrees(cells: pa.ChunkedArray, least: float) -> np.ndarray | None:
    """float64 [n] of a column of degrees and minutes, NaN where a cell holds none, south and west negative.

    None where fewer than the share `least` are such, and where nothing says whether O is east (Ost) or west (Ouest).
    """
    filled = len(cells) - cells.null_count
    first = cells.slice(0, 100).drop_null()
    if not filled or not len(first) or count_true(pc.match_substring_regex(first, _PLAIN)) < least * len(first):
        return None
    found = pc.extract_regex(pc.utf8_trim_whitespace(cells), f"^{DEGREES}$")
    part = {field.name: pc.struct_field(found, field.name) for field in found.type}
    if len(found) - found.null_count < least * filled:
        return None
    letters = pc.binary_join_element_wise(pc.fill_null(part["before"], ""), pc.fill_null(part["after"], ""), "")
    used = set(pc.unique(letters).to_pylist())
    if "O" in used and not used & {"E", "W"}:
        return None
    numbers = [as_floats(pc.replace_substring(part[name], ",", ".")) for name in ("degrees", "minutes", "seconds")]
    size = numbers[0] + np.nan_to_num(numbers[1]) / 60 + np.nan_to_num(numbers[2]) / 3600
    size[(numbers[1] >= 60) | (np.nan_to_num(numbers[2]) >= 60) | (size > 360)] = np.nan
    west = "SWO" if "E" in used else "SW"
    negative = pc.is_in(letters, value_set=pa.array(list(west))).to_numpy()
    minus = pc.not_equal(pc.fill_null(part["minus"], ""), "").to_numpy()
    signed: np.ndarray = np.where(negative | minus, -size, size)
    return signed if (~np.isnan(signed)).sum() >= least * filled else None

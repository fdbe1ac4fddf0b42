"""What a group looks like in the report: its prototype and its nearest real member, as inline pictures."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from engine.results.record.record import Group, Result
from engine.view.thumbnails import band_svg, data_uri, png, sparkline_svg

_SIZE = 96


class Picture(NamedTuple):
    """Either an SVG source or a "data:" address, with its caption."""

    caption: str
    svg: Markup | None
    address: str | None


def portrait(result: Result, group: Group, raw: Any | None) -> list[Picture]:
    """Pictures of a group for the report: its prototype, and its nearest real member.

    Parameters
    ----------
    result
        Of the run.
    group
        One of its groups.
    raw
        The raw data; None where no single member may be shown.

    Returns
    -------
    list of Picture
        Empty for tables and texts.

    Examples
    --------
    Where `result` is the result of a table:

    >>> portrait(result, result.groups[0], None)
    []
    """
    prototypes = result.prototypes
    if prototypes is None or prototypes.values is None or result.kind not in ("image", "series"):
        return []
    shade = f"var(--g{group.label})"
    # The band below holds the average already.
    with_prototype = result.bands is None or prototypes.source != "mean"
    pictures = (
        [_picture(prototypes.caption, prototypes.values[group.label], result.kind, shade)] if with_prototype else []
    )
    if result.bands is not None:
        bands = result.bands
        svg = band_svg(bands.low[group.label], bands.mean[group.label], bands.high[group.label], shade)
        pictures.append(Picture("The average and the middle 80 % of the members", Markup(svg), None))
    if raw is not None and raw.values is not None and group.nearest is not None:
        value = raw.values[result.kept[group.nearest]]
        pictures.append(_picture("The real member closest to it", value, result.kind, shade))
    return pictures


def _picture(caption: str, value: npt.NDArray[Any], kind: str, shade: str) -> Picture:
    if kind == "series":
        return Picture(caption, Markup(sparkline_svg(value, shade, width=200, height=72)), None)
    return Picture(caption, None, data_uri(png(np.asarray(value, np.uint8), _SIZE)))

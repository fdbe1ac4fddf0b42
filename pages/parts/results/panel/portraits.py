"""A group as pictures: its average, and the real member nearest to it."""

from engine.results import Group
from pages.parts.app import colors
from pages.parts.results.context import ResultContext, banded, drawn

Picture = tuple[str, str]
"""A "data:" URL and its caption."""


def portrait(found: ResultContext, group: Group, size: int = 104) -> tuple[Picture, ...]:
    """The average (or decoded prototype) of the group and the real member nearest to it; empty for tables and texts."""
    pictures = [_average(found, group, size)] if _has_average(found, group) else []
    nearest = found.picture(group.nearest, size) if group.nearest is not None else None
    return (*pictures, (nearest, "nearest real")) if nearest is not None else tuple(pictures)


def average_is_of_members(found: ResultContext) -> bool:
    """Whether the first picture is the average of the members, and not a prototype that the method decoded."""
    prototypes = found.result.prototypes
    return prototypes is not None and prototypes.source != "decoded"


def _has_average(found: ResultContext, group: Group) -> bool:
    prototypes = found.result.prototypes
    return prototypes is not None and prototypes.values is not None and group.size > 0


def _average(found: ResultContext, group: Group, size: int) -> Picture:
    result = found.result
    assert result.prototypes is not None
    assert result.prototypes.values is not None
    shade = colors.groups(result.k)[group.label]
    if result.bands is not None and average_is_of_members(found):
        return banded(result.bands, group.label, size, shade), "average, middle 80 %"
    caption = "average" if average_is_of_members(found) else "imagined"
    return drawn(result.prototypes.values[group.label], result.kind, size, shade), caption

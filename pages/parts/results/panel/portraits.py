"""A group as pictures: its average, and the real member nearest to it."""

from engine.results import Group
from pages.parts.app import colors
from pages.parts.results.context import ResultContext, band_uri, picture_uri

Picture = tuple[str, str]
"""A "data:" URL and its caption."""


def portrait(context: ResultContext, group: Group, size: int = 104) -> tuple[Picture, ...]:
    """The average (or decoded prototype) of the group and the real member nearest to it; empty for tables and texts."""
    pictures = [_average(context, group, size)] if _has_average(context, group) else []
    nearest = context.picture(group.nearest, size) if group.nearest is not None else None
    caption = "nearest real" if pictures else "most typical"
    return (*pictures, (nearest, caption)) if nearest is not None else tuple(pictures)


def average_is_of_members(context: ResultContext) -> bool:
    """Whether the first picture is the average of the members, and not a prototype that the method decoded."""
    prototypes = context.result.prototypes
    return prototypes is not None and prototypes.source != "decoded"


def _has_average(context: ResultContext, group: Group) -> bool:
    prototypes = context.result.prototypes
    return prototypes is not None and prototypes.values is not None and group.size > 0


def _average(context: ResultContext, group: Group, size: int) -> Picture:
    result = context.result
    assert result.prototypes is not None
    assert result.prototypes.values is not None
    shade = colors.groups(result.k)[group.label]
    if result.bands is not None and average_is_of_members(context):
        return band_uri(result.bands, group.label, size, shade), "average, middle 80 %"
    caption = "average" if average_is_of_members(context) else "reconstructed"
    return picture_uri(result.prototypes.values[group.label], result.kind, size, shade), caption

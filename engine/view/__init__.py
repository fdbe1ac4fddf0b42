"""Results as pictures: the palette, plotly figures, thumbnails, the report; figures take theme="light" or "dark"."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.view.palette import TOKENS, UNASSIGNED, Theme, color, contrast, palette

if TYPE_CHECKING:
    from engine.view.alternates import alt
    from engine.view.columns import histogram
    from engine.view.groups import confusion, flow, profile, series_band, sizes
    from engine.view.maps import map2d, map3d
    from engine.view.placed import shares
    from engine.view.reporting import report
    from engine.view.thumbnails import atlas, data_uri, png, sparkline
    from engine.view.training import changed, curve, curves, sizes_over_time, terms
    from engine.view.trees import tree

# plotly, Pillow and Jinja are imported when the first of these is asked for.
_LATER = {
    "alternates": ("alt",),
    "columns": ("histogram",),
    "groups": ("confusion", "flow", "profile", "series_band", "sizes"),
    "maps": ("map2d", "map3d"),
    "placed": ("shares",),
    "reporting": ("report",),
    "thumbnails": ("atlas", "data_uri", "png", "sparkline"),
    "training": ("changed", "curve", "curves", "sizes_over_time", "terms"),
    "trees": ("tree",),
}
_WHERE = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "TOKENS",
    "UNASSIGNED",
    "Theme",
    "alt",
    "atlas",
    "changed",
    "color",
    "confusion",
    "contrast",
    "curve",
    "curves",
    "data_uri",
    "flow",
    "histogram",
    "map2d",
    "map3d",
    "palette",
    "png",
    "profile",
    "report",
    "series_band",
    "shares",
    "sizes",
    "sizes_over_time",
    "sparkline",
    "terms",
    "tree",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value

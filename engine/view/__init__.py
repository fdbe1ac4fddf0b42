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
    from engine.view.preview import preview
    from engine.view.reporting import report
    from engine.view.rules import rule_tree
    from engine.view.thumbnails import atlas, data_uri, png, sparkline
    from engine.view.training import changed, curve, curves, sizes_over_time, terms
    from engine.view.trees import tree
    from engine.view.trust import consensus, mix, robustness, scan, separation, stability
    from engine.view.twins import (
        consensus_table,
        mix_table,
        robustness_table,
        scan_table,
        separation_table,
        stability_table,
    )
    from engine.view.walks import walk

# plotly, Pillow and Jinja are imported when the first of these is asked for.
_LATER = {
    "alternates": ("alt",),
    "columns": ("histogram",),
    "groups": ("confusion", "flow", "profile", "series_band", "sizes"),
    "maps": ("map2d", "map3d"),
    "placed": ("shares",),
    "preview": ("preview",),
    "reporting": ("report",),
    "rules": ("rule_tree",),
    "thumbnails": ("atlas", "data_uri", "png", "sparkline"),
    "walks": ("walk",),
    "training": ("changed", "curve", "curves", "sizes_over_time", "terms"),
    "trees": ("tree",),
    "trust": ("consensus", "mix", "robustness", "scan", "separation", "stability"),
    "twins": (
        "consensus_table",
        "mix_table",
        "robustness_table",
        "scan_table",
        "separation_table",
        "stability_table",
    ),
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
    "consensus",
    "consensus_table",
    "contrast",
    "curve",
    "curves",
    "data_uri",
    "flow",
    "histogram",
    "map2d",
    "map3d",
    "mix",
    "mix_table",
    "palette",
    "png",
    "preview",
    "profile",
    "report",
    "robustness",
    "robustness_table",
    "rule_tree",
    "scan",
    "scan_table",
    "separation",
    "separation_table",
    "series_band",
    "shares",
    "sizes",
    "sizes_over_time",
    "sparkline",
    "stability",
    "stability_table",
    "terms",
    "tree",
    "walk",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value

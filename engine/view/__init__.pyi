from .alternates import alt
from .columns import histogram
from .groups import confusion, flow, profile, series_band, sizes
from .maps import map2d, map3d
from .palette import TOKENS, UNASSIGNED, Theme, color, contrast, palette
from .placed import shares
from .preview import preview
from .reporting import report
from .rules import rule_tree
from .thumbnails import atlas, data_uri, png, sparkline
from .training import changed, curve, curves, sizes_over_time, terms
from .trees import tree
from .trust import consensus, mix, robustness, scan, separation, stability
from .twins import (
    consensus_table,
    mix_table,
    robustness_table,
    scan_table,
    separation_table,
    stability_table,
)
from .walks import walk

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

from .groups import flow, interpolation, profile, series_band, shares
from .palette import TOKENS, UNASSIGNED, Theme, color, contrast, palette
from .preview import preview
from .reporting import report
from .rules import rule_tree
from .tables import (
    consensus_table,
    mix_table,
    robustness_table,
    scan_table,
    separation_table,
    stability_table,
)
from .thumbnails import atlas, data_uri, png, sparkline
from .trees import tree
from .trust import consensus, mix, robustness, scan, separation, stability

__all__ = [
    "TOKENS",
    "UNASSIGNED",
    "Theme",
    "atlas",
    "color",
    "consensus",
    "consensus_table",
    "contrast",
    "data_uri",
    "flow",
    "interpolation",
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
    "sparkline",
    "stability",
    "stability_table",
    "tree",
]

"""The small picture of one column on its card."""

from itertools import pairwise
from typing import Protocol

import plotly.graph_objects as go

from engine.view.palette import TOKENS, Theme
from engine.view.style import escaped, figure


class Profiled(Protocol):
    """What is drawn of a column's profile."""

    @property
    def histogram(self) -> tuple[int, ...]:
        """Counts between consecutive edges."""
        ...

    @property
    def edges(self) -> tuple[float, ...]:
        """Borders of the ranges; empty where values are words."""
        ...

    @property
    def top(self) -> tuple[tuple[str, int], ...]:
        """The most frequent values with their counts."""
        ...


def histogram(column: Profiled, theme: Theme = "light", height: int = 88) -> go.Figure:
    """A column's values: bars over ranges for numbers, the most frequent values for the rest."""
    made = figure(theme, height, bargap=0.06, margin={"l": 0, "r": 0, "t": 2, "b": 0})
    shade = TOKENS[theme]["primary"]
    if column.histogram and len(column.edges) > len(column.histogram):
        bins = list(pairwise(column.edges))
        made.update_layout(xaxis={"nticks": 3, "showgrid": False}, yaxis={"visible": False})
        made.add_bar(
            x=[(a + b) / 2 for a, b in bins],
            y=column.histogram,
            width=[b - a for a, b in bins],
            marker={"color": shade, "line": {"width": 0.5, "color": TOKENS[theme]["background"]}},
            customdata=bins,
            hovertemplate="%{customdata[0]:,.4g} to %{customdata[1]:,.4g}: %{y:,} rows<extra></extra>",
        )
        return made
    shown = column.top[: max(2, height // 22)]
    made.update_layout(xaxis={"visible": False}, yaxis={"autorange": "reversed", "showgrid": False}, bargap=0.3)
    made.add_bar(
        orientation="h",
        x=[count for _, count in shown],
        y=[escaped(value, 18) for value, _ in shown],
        marker={"color": shade, "cornerradius": 3},
        hovertemplate="%{y}: %{x:,} rows<extra></extra>",
    )
    made.update_yaxes(type="category", ticklabelstandoff=4)
    return made

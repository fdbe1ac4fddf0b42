"""A walk between two groups of a table's rows: how the columns change on the way."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.view.palette import TOKENS, Theme, color
from engine.view.style import axis, escaped, figure

_ACROSS = 3


def walk(steps: pd.DataFrame, ends: tuple[int, int], theme: Theme = "light") -> go.Figure:
    """One small line chart per column of `steps` in the column's own unit, from the group at the left to that at the right."""
    rows = max(1, -(-len(steps.columns) // _ACROSS))
    names = [escaped(str(name), 28) for name in steps.columns]
    made = make_subplots(rows, _ACROSS, subplot_titles=names, horizontal_spacing=0.09, vertical_spacing=0.32 / rows)
    made.update_layout(figure(theme, 40 + 130 * rows, margin={"l": 8, "r": 8, "t": 28, "b": 8}).layout)
    for i, name in enumerate(steps.columns):
        ink = [color(ends[0], theme), *[TOKENS[theme]["muted"]] * (len(steps) - 2), color(ends[1], theme)]
        made.add_scatter(
            row=i // _ACROSS + 1,
            col=i % _ACROSS + 1,
            x=list(range(len(steps))),
            y=steps[name],
            mode="lines+markers",
            line={"color": TOKENS[theme]["muted"], "width": 2},
            marker={"color": ink, "size": [11, *[5] * (len(steps) - 2), 11]},
            hovertemplate="%{y:,.4~g}<extra></extra>",
        )
    made.update_xaxes(**axis(theme, showgrid=False, showticklabels=False))
    made.update_yaxes(**axis(theme, nticks=4))
    made.update_annotations(font={"size": 13, "color": TOKENS[theme]["text"]})
    return made

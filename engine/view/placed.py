"""New rows beside what was trained on."""

from collections.abc import Sequence

import plotly.graph_objects as go

from engine.results.record.record import Result
from engine.view.palette import TOKENS, Theme, color
from engine.view.style import SEPARATOR, figure, titles


def shares(result: Result, sizes: Sequence[int], theme: Theme = "light") -> go.Figure:
    """A bar for each group's share of the new rows, `sizes` [k], with a mark where its share of the training data is."""
    names, total, known = titles(result.groups), max(sum(sizes), 1), max(int(result.sizes.sum()), 1)
    labels = sorted(range(result.k), key=lambda label: -int(result.sizes[label]))
    now, then = [sizes[label] / total for label in labels], [int(result.sizes[label]) / known for label in labels]
    made = figure(theme, 64 + 30 * len(labels), bargap=0.35)
    made.update_xaxes(tickformat=".0%", rangemode="tozero", tickangle=0, nticks=5)
    made.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    rows = [names[label].split(SEPARATOR)[0] for label in labels]
    made.add_bar(
        orientation="h",
        x=now,
        y=rows,
        customdata=[[sizes[label], part, names[label]] for label, part in zip(labels, then, strict=True)],
        marker={"color": [color(label, theme) for label in labels], "cornerradius": 5},
        hovertemplate="<b>%{customdata[2]}</b><br>%{customdata[0]:,} new rows, %{x:.1%}<br>%{customdata[1]:.1%} when trained"
        "<extra></extra>",
    )
    made.add_scatter(
        x=then,
        y=rows,
        mode="markers",
        marker={"symbol": "line-ns", "size": 20, "line": {"width": 2.5, "color": TOKENS[theme]["text"]}},
        hoverinfo="skip",
    )
    return made

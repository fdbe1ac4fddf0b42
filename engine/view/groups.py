"""Figures about the groups: what sets one apart, how two groupings meet, new rows, the way from one group to another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.results.record.record import Bands, Group, Result
from engine.view.palette import TOKENS, Theme, color, diverging, faded
from engine.view.style import axis, escaped, figure, titles

_ACROSS = 3
"""Charts side by side in the figure of an interpolation."""


_LOWEST = 130
"""Pixels of height below which plotly leaves no room between the numbers of an axis and its title: it keeps 64 for the bars."""


def profile(group: Group, theme: Theme = "light", most: int = 10) -> go.Figure:
    """Bars of the columns that set a group apart, with 95 % intervals.

    Parameters
    ----------
    group
        The group.
    theme
        "light" or "dark".
    most
        Columns at most.

    Returns
    -------
    go.Figure
        Effects in standard deviations; a sentence where nothing sets the group apart.

    Examples
    --------
    Where `result` is a run's result:

    >>> len(profile(result.groups[0]).data[0].x) <= 10
    True
    """
    differences = group.differences[:most]
    less, more = diverging(theme)
    fig = figure(theme, max(64 + 30 * len(differences), _LOWEST), bargap=0.4)
    if not differences:
        return _empty(fig, "Nothing sets this group clearly apart.", theme)
    fig.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    fig.update_xaxes(title_text="less than the others  ←  standard deviations  →  more", zeroline=True)
    fig.update_xaxes(zerolinecolor=TOKENS[theme]["muted"], zerolinewidth=1)
    fig.add_bar(
        orientation="h",
        x=[d.effect for d in differences],
        y=[escaped(f"{d.column}: {d.value}" if d.value else d.column, 34) for d in differences],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [d.high - d.effect for d in differences],
            "arrayminus": [d.effect - d.low for d in differences],
            "color": TOKENS[theme]["muted"],
            "thickness": 1.2,
            "width": 3,
        },
        marker={"color": [more if d.effect > 0 else less for d in differences], "cornerradius": 4},
        customdata=[[escaped(_plain(d.sentence), 160), d.low, d.high] for d in differences],
        hovertemplate="%{customdata[0]}<br>%{x:.2f} (95 %: %{customdata[1]:.2f} to %{customdata[2]:.2f})"
        "<extra></extra>",
    )
    return fig


def series_band(bands: Bands, label: int, theme: Theme = "light", *, channel: int = 0) -> go.Figure:
    """A group's mean series with the band that holds the middle 80 % of its members.

    Parameters
    ----------
    bands
        Of the result.
    label
        The group.
    theme
        "light" or "dark".
    channel
        Of the series.

    Returns
    -------
    go.Figure
    """
    shade, time = color(label, theme), np.arange(bands.mean.shape[-1])
    low, mean, high = (part[label, channel] for part in (bands.low, bands.mean, bands.high))
    fig = figure(theme, 220, hovermode="x unified")
    fig.update_xaxes(showgrid=False, title_text="time step")
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    fig.add_scatter(x=time, y=low, **edge)
    fig.add_scatter(x=time, y=high, fill="tonexty", fillcolor=faded(shade, 0.22), **edge)
    fig.add_scatter(
        x=time, y=mean, mode="lines", line={"color": shade, "width": 2.5}, hovertemplate="%{y:.3g}<extra></extra>"
    )
    return fig


def flow(a: Result, b: Result, names: tuple[str, str] = ("", ""), theme: Theme = "light") -> go.Figure:
    """A Sankey diagram of how the members of one grouping are spread over another.

    Parameters
    ----------
    a, b
        Two results on the same data; the rows both have are compared.
    names
        Of the two, above the columns; empty for none.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure

    Examples
    --------
    Where `result` is a run's result of 60 members in three groups:

    >>> int(sum(flow(result, result).data[0].link.value))
    60
    """
    _, ours, theirs = np.intersect1d(a.kept, b.kept, return_indices=True)
    pairs, counts = np.unique(np.stack([a.labels[ours], b.labels[theirs]], 1), axis=0, return_counts=True)
    left, right = sorted(set(pairs[:, 0].tolist()), key=_last), sorted(set(pairs[:, 1].tolist()), key=_last)
    fig = figure(theme, 140 + 30 * max(len(left), len(right)))
    fig.add_sankey(
        node=_sankey_nodes([(a.groups, label) for label in left] + [(b.groups, label) for label in right], theme),
        link={
            "source": [left.index(pair[0]) for pair in pairs.tolist()],
            "target": [len(left) + right.index(pair[1]) for pair in pairs.tolist()],
            "value": counts,
            "color": [faded(color(pair[0], theme), 0.35) for pair in pairs.tolist()],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value:,} members<extra></extra>",
        },
        textfont={"color": TOKENS[theme]["text"], "size": 12},
    )
    for x, name in zip((0, 1), names, strict=True):
        fig.add_annotation(x=x, y=1.06, xref="paper", yref="paper", text=escaped(name), showarrow=False)
    fig.update_layout(margin={"l": 8, "r": 8, "t": 36 if any(names) else 8, "b": 8})
    return fig


def _sankey_nodes(labels: Sequence[tuple[Sequence[Group], int]], theme: Theme) -> dict[str, Any]:
    """The nodes of a Sankey diagram, one for each label of some groups."""
    return {
        "label": [escaped(_called(groups, label), 32) for groups, label in labels],
        "customdata": [titles(groups)[label] for groups, label in labels],
        "color": [color(label, theme) for _, label in labels],
        "pad": 14,
        "thickness": 16,
        "line": {"width": 0},
        "hovertemplate": "%{customdata}<br>%{value:,} members<extra></extra>",
    }


def shares(result: Result, sizes: Sequence[int], theme: Theme = "light") -> go.Figure:
    """Bars of each group's share of new rows, with marks at its share of the training data.

    Parameters
    ----------
    result
        Of the run.
    sizes
        [k] new rows in each group.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure

    Examples
    --------
    Where `result` is a run's result with three groups:

    >>> sum(shares(result, [1, 2, 1]).data[0].x)
    1.0
    """
    names, total, known = titles(result.groups), max(sum(sizes), 1), max(int(result.sizes.sum()), 1)
    labels = sorted(range(result.k), key=lambda label: -int(result.sizes[label]))
    now, then = [sizes[label] / total for label in labels], [int(result.sizes[label]) / known for label in labels]
    fig = figure(theme, 64 + 30 * len(labels), bargap=0.35)
    fig.update_xaxes(tickformat=".0%", rangemode="tozero", tickangle=0, nticks=5)
    fig.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    rows = [result.groups[label].title for label in labels]
    fig.add_bar(
        orientation="h",
        x=now,
        y=rows,
        customdata=[[sizes[label], part, names[label]] for label, part in zip(labels, then, strict=True)],
        marker={"color": [color(label, theme) for label in labels], "cornerradius": 5},
        hovertemplate="<b>%{customdata[2]}</b><br>%{customdata[0]:,} new rows, %{x:.1%}<br>%{customdata[1]:.1%} when trained"
        "<extra></extra>",
    )
    fig.add_scatter(
        x=then,
        y=rows,
        mode="markers",
        marker={"symbol": "line-ns", "size": 20, "line": {"width": 2.5, "color": TOKENS[theme]["text"]}},
        hoverinfo="skip",
    )
    return fig


def interpolation(steps: pd.DataFrame, ends: tuple[int, int], theme: Theme = "light") -> go.Figure:
    """Small line charts of the columns on the way from one group to another.

    Parameters
    ----------
    steps
        One row for each step, a chart for each column, in the column's own unit.
    ends
        Labels of the group at the left and of that at the right.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure

    Examples
    --------
    >>> steps = pd.DataFrame({"age": [20.0, 30.0, 40.0]})
    >>> interpolation(steps, (0, 1)).data[0].y.tolist()
    [20.0, 30.0, 40.0]
    """
    rows = max(1, -(-len(steps.columns) // _ACROSS))
    names = [escaped(str(name), 28) for name in steps.columns]
    fig = make_subplots(rows, _ACROSS, subplot_titles=names, horizontal_spacing=0.09, vertical_spacing=0.32 / rows)
    fig.update_layout(figure(theme, 40 + 130 * rows, margin={"l": 8, "r": 8, "t": 28, "b": 8}).layout)
    for i, name in enumerate(steps.columns):
        ink = [color(ends[0], theme), *[TOKENS[theme]["muted"]] * (len(steps) - 2), color(ends[1], theme)]
        fig.add_scatter(
            row=i // _ACROSS + 1,
            col=i % _ACROSS + 1,
            x=list(range(len(steps))),
            y=steps[name],
            mode="lines+markers",
            line={"color": TOKENS[theme]["muted"], "width": 2},
            marker={"color": ink, "size": [11, *[5] * (len(steps) - 2), 11]},
            hovertemplate="%{y:,.4~g}<extra></extra>",
        )
    fig.update_xaxes(**axis(theme, showgrid=False, showticklabels=False))
    fig.update_yaxes(**axis(theme, nticks=4))
    fig.update_annotations(font={"size": 13, "color": TOKENS[theme]["text"]})
    return fig


def _last(label: int) -> tuple[bool, int]:
    return label < 0, label


def _called(groups: Sequence[Group], label: int) -> str:
    """Short enough for an axis: the number, and the name only where the user chose it."""
    return "Unassigned" if label < 0 else groups[label].display_name


def _plain(markdown: str) -> str:
    from engine.results.text.markdown import plain

    return plain(markdown)


def _empty(fig: go.Figure, sentence: str, theme: Theme) -> go.Figure:
    fig.update_layout(xaxis={"visible": False}, yaxis=axis(theme, visible=False))
    fig.add_annotation(text=sentence, showarrow=False, font={"color": TOKENS[theme]["muted"]})
    return fig

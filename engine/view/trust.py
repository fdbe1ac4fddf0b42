"""Figures on how far groups can be relied on; each has a table of the same in `engine.view.tables`."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.results.evaluate.fairness import Fairness
from engine.results.evaluate.k_criteria import CRITERIA, favored
from engine.results.evaluate.stability import DOUBTFUL, PATTERN, STABLE, rule
from engine.results.record.diagnostics import Robustness, Scan
from engine.results.record.record import Result
from engine.view.palette import TOKENS, Theme, color, diverging, faded, sequential
from engine.view.style import escaped, figure, titles

_WIDTH = 22
"""Characters of a group's name beside a figure."""


def separation(result: Result, theme: Theme = "light") -> go.Figure:
    """Silhouette of each group: its mean, the range of the middle 80 % of its members, and its partner in k-means.

    Parameters
    ----------
    result
        Of the run; it has a `separation`.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure

    Examples
    --------
    Where `result` is a run's result:

    >>> separation(result).layout.xaxis.title.text
    'overlapping  ←  separation  →  apart'
    """
    found = result.separation
    assert found is not None
    groups = [g for g in range(result.k) if found.mean[g] is not None]
    names = _names(result, groups)
    fig = _rows(theme, len(groups))
    fig.update_xaxes(title_text="overlapping  ←  separation  →  apart", zeroline=True, zerolinewidth=1)
    fig.update_xaxes(zerolinecolor=TOKENS[theme]["muted"], range=_range([*found.low, *found.high, *found.plain]))
    for name, g in zip(names, groups, strict=True):
        ends = [found.low[g], found.high[g]]
        line = {"color": faded(color(g, theme), 0.35), "width": 9}
        fig.add_scatter(x=ends, y=[name, name], mode="lines", line=line, hoverinfo="skip")
    shades = [color(g, theme) for g in groups]
    limits = [[found.low[g], found.high[g], found.below[g]] for g in groups]
    fig.add_scatter(
        x=[found.mean[g] for g in groups],
        y=names,
        mode="markers",
        marker={"color": shades, "size": 12},
        customdata=limits,
        hovertemplate="<b>%{y}</b> %{x:.2f}<br>most members %{customdata[0]:.2f} to %{customdata[1]:.2f}<br>"
        "%{customdata[2]:.0%} are closer to another group<extra></extra>",
    )
    if result.method != "kmeans":
        _partners(fig, result, groups, theme)
    return fig


def _partners(fig: go.Figure, result: Result, groups: list[int], theme: Theme) -> None:
    found = result.separation
    assert found is not None
    partners = [(g, name) for g, name in zip(groups, _names(result, groups), strict=True) if found.plain[g] is not None]
    fig.add_scatter(
        x=[found.plain[g] for g, _ in partners],
        y=[name for _, name in partners],
        mode="markers",
        marker={"symbol": "diamond-open", "size": 10, "color": TOKENS[theme]["text"], "line": {"width": 1.5}},
        hovertemplate="its partner in k-means %{x:.2f}<extra></extra>",
    )


def stability(result: Result, theme: Theme = "light") -> go.Figure:
    """How much of each group returned in the repetitions: mean and range, with the rule of thumb as lines.

    Parameters
    ----------
    result
        Of the run; it has a `stability`.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure
    """
    found = result.stability
    assert found is not None
    groups = [g for g in range(result.k) if np.isfinite(found.groups[g])]
    low, mean, high = found.overlap.min(0), found.groups, found.overlap.max(0)
    fig = _rows(theme, len(groups), margin={"l": 8, "r": 8, "t": 26, "b": 8}, bargap=0.45)
    fig.update_xaxes(range=[0, 1.02], title_text="share of the group that returned")
    fig.add_bar(
        orientation="h",
        x=mean[groups],
        y=_names(result, groups),
        marker={"color": [color(g, theme) for g in groups], "cornerradius": 4},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (high - mean)[groups],
            "arrayminus": (mean - low)[groups],
            "color": TOKENS[theme]["muted"],
            "thickness": 1.2,
            "width": 3,
        },
        customdata=[[low[g], high[g], rule(float(mean[g]))] for g in groups],
        hovertemplate="<b>%{y}</b> %{x:.2f}: %{customdata[2]}<br>%{customdata[0]:.2f} to %{customdata[1]:.2f}"
        "<extra></extra>",
    )
    for at, word in ((DOUBTFUL, "doubtful"), (PATTERN, ""), (STABLE, "very stable")):
        fig.add_vline(x=at, line={"color": TOKENS[theme]["muted"], "width": 1, "dash": "dot"})
        if word:
            side = "right" if at == DOUBTFUL else "left"
            fig.add_annotation(
                x=at, y=1, yref="paper", yanchor="bottom", xanchor=side, text=word, showarrow=False, font={"size": 11}
            )
    return fig


def consensus(result: Result, theme: Theme = "light") -> go.Figure:
    """Share of the repetitions in which two members were in one group.

    Parameters
    ----------
    result
        Of the run; it has a `stability`.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure
        Members by members, in the order of the groups.
    """
    found = result.stability
    assert found is not None
    labels = result.labels[found.sample]
    fig = figure(theme, 420, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    off = {"visible": False, "constrain": "domain"}
    fig.update_xaxes(**off)
    fig.update_yaxes(**off, autorange="reversed", scaleanchor="x")
    known = titles(result.groups)
    fig.add_heatmap(
        z=found.consensus,
        colorscale=sequential(theme),
        zmin=0,
        zmax=100,
        showscale=False,
        hovertemplate="together in %{z} % of the trainings<extra></extra>",
    )
    for edge in np.flatnonzero(np.diff(labels)) + 0.5:
        for line in (fig.add_vline, fig.add_hline):
            line(
                **{"x" if line == fig.add_vline else "y": edge},
                line={"color": TOKENS[theme]["background"], "width": 1},
            )
    for label in dict.fromkeys(labels.tolist()):
        inside = np.flatnonzero(labels == label)
        if len(inside) >= 0.04 * len(labels):
            number = "–" if label < 0 else str(label + 1)
            at, shade = float(inside.mean()), {"color": TOKENS[theme]["background"], "size": 12}
            fig.add_annotation(x=at, y=at, text=number, showarrow=False, hovertext=known[label], font=shade)
    return fig


def scan(found: Scan, name: str, own: int, theme: Theme = "light") -> go.Figure:
    """One criterion over the numbers of groups, with the favored numbers as dots.

    Parameters
    ----------
    found
        The criteria.
    name
        Which of `CRITERIA`.
    own
        Number of groups of the run.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure
        Mean and range over the subsamples.
    """
    criterion, at = CRITERIA[name], list(CRITERIA).index(name)
    fig = figure(theme, 190, margin={"l": 8, "r": 12, "t": 6, "b": 8})
    fig.update_xaxes(showgrid=False, dtick=2 if len(found.ks) <= 24 else 5, tick0=2)
    fig.update_yaxes(nticks=4)
    if name == "calinski_harabasz" and found.learned is not None:
        fig.update_yaxes(type="log", dtick=1)  # it grows a hundredfold from columns to a sharpened code
    if found.ks[0] <= own <= found.ks[-1]:
        fig.add_vline(x=own, line={"color": TOKENS[theme]["muted"], "width": 1, "dash": "dot"})
    spaces = found.spaces
    for space, values in spaces.items():
        shade = TOKENS[theme]["primary"] if space == "learned" else TOKENS[theme]["text"]
        error = found.errors[1 if space == "learned" else 0]
        _curve(fig, found.ks, values[at], shade, (_SPACES[space], criterion.decimals))
        best = favored(name, values[at].mean(0), found.ks, error)
        mean = values[at].mean(0)[list(found.ks).index(best)]
        fig.add_scatter(x=[best], y=[mean], mode="markers", marker={"color": shade, "size": 10}, hoverinfo="skip")
    return fig


_SPACES = {"learned": "as learned", "columns": "prepared data"}


def _curve(fig: go.Figure, ks: Any, values: Any, shade: str, label: tuple[str, int]) -> None:
    name, decimals = label
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    fig.add_scatter(x=ks, y=values.min(0), **edge)
    fig.add_scatter(x=ks, y=values.max(0), fill="tonexty", fillcolor=faded(shade, 0.16), **edge)
    fig.add_scatter(
        x=ks,
        y=values.mean(0),
        mode="lines",
        line={"color": shade, "width": 2},
        hovertemplate=f"%{{x}} groups: %{{y:,.{decimals}f}} ({name})<extra></extra>",
    )


def mix(found: Fairness, named: dict[int, str], theme: Theme = "light") -> go.Figure:
    """Groups by values of one column.

    Parameters
    ----------
    found
        Counts of members.
    named
        Names of the groups by label.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure
        A cell's number is the share of the group, its color the difference from the share of all members.
    """
    total = found.counts.sum(0)
    shares = np.vstack([total / max(total.sum(), 1), found.shares])
    away = shares - shares[0]
    less, more = diverging(theme)
    rows = ["All members", *(escaped(named[group], _WIDTH) for group in found.groups)]
    columns = [escaped(value, 18) for value in found.values]
    fig = figure(theme, min(90 + 32 * len(rows), 900))
    fig.update_xaxes(side="top", showgrid=False, type="category", tickangle=-40 if len(columns) > 5 else 0)
    fig.update_yaxes(autorange="reversed", showgrid=False, type="category", ticklabelstandoff=8)
    fig.add_heatmap(
        z=away,
        x=columns,
        y=rows,
        text=[[f"{share:.0%}" for share in row] for row in shares],
        texttemplate="%{text}",
        colorscale=[(0, less), (0.5, TOKENS[theme]["surface"]), (1, more)],
        zmin=-max(0.3, float(np.abs(away).max())),
        zmax=max(0.3, float(np.abs(away).max())),
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="<b>%{y}</b>: %{text} are %{x}<extra></extra>",
    )
    return fig


def robustness(found: Robustness, theme: Theme = "light") -> go.Figure:
    """Share of members that change group over the size of the shift, aimed and by chance.

    Parameters
    ----------
    found
        The shares.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure

    Examples
    --------
    >>> from engine.results.record.diagnostics import Robustness
    >>> sizes, shares = np.array([0.1, 0.2]), np.array([0.0, 0.5])
    >>> robustness(Robustness(sizes, shares, shares / 2, shares)).data[0].y.tolist()
    [0.0, 0.0, 0.5]
    """
    fig = figure(theme, 260, margin={"l": 8, "r": 70, "t": 10, "b": 8})
    fig.update_xaxes(title_text="largest shift of a column, in standard deviations", range=[0, float(found.sizes[-1])])
    fig.update_yaxes(tickformat=".0%", rangemode="tozero", range=[0, max(0.05, 1.08 * float(found.aimed.max()))])
    for name, values, shade in (
        ("aimed", found.aimed, diverging(theme)[1]),
        ("by chance", found.random, TOKENS[theme]["muted"]),
    ):
        fig.add_scatter(
            x=np.r_[0, found.sizes],
            y=np.r_[0, values],
            mode="lines+markers",
            line={"color": shade, "width": 2.5},
            cliponaxis=False,
            hovertemplate=f"%{{y:.1%}} change group ({name})<extra></extra>",
        )
        end = {"x": float(found.sizes[-1]), "y": float(values[-1]), "xanchor": "left", "xshift": 8, "showarrow": False}
        fig.add_annotation(text=name, font={"color": shade, "size": 12}, **end)
    return fig


def _rows(theme: Theme, count: int, **layout: Any) -> go.Figure:
    """A figure of one row for each group, the first on top."""
    fig = figure(theme, 80 + 28 * max(count, 1), **layout)
    fig.update_yaxes(autorange="reversed", showgrid=False, type="category", ticklabelstandoff=8)
    return fig


def _names(result: Result, groups: list[int]) -> list[str]:
    return [escaped(result.groups[g].title, _WIDTH) for g in groups]


def _range(values: list[float | None]) -> list[float]:
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    return [low - 0.05 * (high - low), high + 0.05 * (high - low)]

"""What all figures have in common: no background and no title of their own, quiet axes, readable hovers."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from engine.core.formatting import shorten
from engine.results.record.record import Group, Result
from engine.view.palette import TOKENS, Theme, faded

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
CLEAR = "rgba(0,0,0,0)"


def figure(theme: Theme, height: int, **layout: Any) -> go.Figure:
    """An empty figure in the product's style.

    Parameters
    ----------
    theme
        "light" or "dark".
    height
        In pixels.
    **layout
        Added to the layout, or overriding it.

    Returns
    -------
    go.Figure

    Examples
    --------
    >>> figure("dark", 200).layout.font.color
    '#E7EAF3'
    """
    token = TOKENS[theme]
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": 13, "color": token["text"]},
        "hoverlabel": {
            "bgcolor": token["surface"],
            "bordercolor": token["border"],
            "font": {"family": FONT, "size": 13, "color": token["text"]},
            "align": "left",
        },
        "showlegend": False,
        "xaxis": axis(theme),
        "yaxis": axis(theme),
        "uirevision": "keep",
    }
    fig = go.Figure(layout=base)
    fig.update_layout(**layout)
    return fig


def axis(theme: Theme, **more: Any) -> dict[str, Any]:
    """An axis with a hairline grid and no zero line."""
    token = TOKENS[theme]
    return {
        "gridcolor": faded(token["muted"], 0.18),
        "zeroline": False,
        "showline": False,
        "tickfont": {"color": token["muted"], "size": 12},
        "title": {"font": {"color": token["muted"], "size": 12}},
        "automargin": True,
        **more,
    }


def bare(theme: Theme, **more: Any) -> dict[str, Any]:
    """An axis of which nothing shows."""
    return axis(theme, showgrid=False, showticklabels=False, ticks="", **more)


def titles(groups: Sequence[Group]) -> dict[int, str]:
    """Names of the groups as a legend shows them: plain text that is safe in plotly, by label.

    Examples
    --------
    Where `result` is a run's result:

    >>> titles(result.groups)[-1]
    'Unassigned'
    """
    names = {g.label: g.title if g.name == g.title else f"{g.title} · {g.name}" for g in groups}
    return {-1: "Unassigned"} | {label: escaped(name) for label, name in names.items()}


def shown(result: Result) -> list[int]:
    """Labels to draw in order: the groups that have members, then -1 where a member is unassigned."""
    labels = [label for label in range(result.k) if result.sizes[label]]
    return [*labels, -1] if result.unassigned else labels


def escaped(text: str, most: int = 60) -> str:
    """User text for plotly, which reads a subset of HTML.

    Parameters
    ----------
    text
        What the user wrote.
    most
        Characters beyond which it is cut.

    Returns
    -------
    str

    Examples
    --------
    >>> escaped("<b>profit</b>")
    '&lt;b&gt;profit&lt;/b&gt;'
    """
    return shorten(text, most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

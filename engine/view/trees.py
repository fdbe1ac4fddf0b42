"""A tree of groups as a dendrogram."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from engine.view.palette import TOKENS, Theme, color
from engine.view.style import bare, figure

Node = Mapping[str, Any]


def tree(nodes: Sequence[Node], theme: Theme = "light") -> go.Figure:
    """Draw a tree of groups as a dendrogram, its root on top.

    Parameters
    ----------
    nodes
        Mappings with "id", "parent", "left", "right", "size", "label" and "height"; a missing height is the number of levels
        below.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure

    Examples
    --------
    >>> root = {"id": 0, "left": 1, "right": 2, "size": 30}
    >>> leaves = [{"id": 1, "parent": 0, "size": 10, "label": 0}, {"id": 2, "parent": 0, "size": 20, "label": 1}]
    >>> tree([root, *leaves]).data[1].text
    ('Branch · 30 members', 'Group 1 · 10 members', 'Group 2 · 20 members')
    """
    by_id = {node["id"]: node for node in nodes}
    roots = [node for node in nodes if node.get("parent") not in by_id]
    across, up = _layout(by_id, [root["id"] for root in roots])
    fig = figure(theme, 380, hovermode="closest", xaxis=bare(theme), yaxis=bare(theme))
    fig.add_scatter(**_branches(by_id, across, up), mode="lines", hoverinfo="skip")
    fig.update_traces(line={"color": TOKENS[theme]["muted"], "width": 1.5})
    shown = list(by_id.values())
    most = max((int(node.get("size") or 1) for node in shown), default=1)
    fig.add_scatter(
        x=[across[node["id"]] for node in shown],
        y=[up[node["id"]] for node in shown],
        mode="markers",
        marker={
            "size": [8 + 22 * (int(node.get("size") or 1) / most) ** 0.5 for node in shown],
            "color": [_shade(node, theme) for node in shown],
            "line": {"width": 2, "color": TOKENS[theme]["background"]},
            "opacity": 1,
        },
        text=[_words(node) for node in shown],
        hovertemplate="%{text}<extra></extra>",
    )
    return fig


def _children(node: Node) -> list[Any]:
    return [node[side] for side in ("left", "right") if node.get(side) is not None]


def _layout(by_id: Mapping[Any, Node], roots: list[Any]) -> tuple[dict[Any, float], dict[Any, float]]:
    """Leaves side by side in the order of the tree, parents over their middle; without recursion: trees can be deep."""
    across: dict[Any, float] = {}
    up: dict[Any, float] = {}
    stack, order = list(reversed(roots)), []
    while stack:
        name = stack.pop()
        order.append(name)
        stack += reversed(_children(by_id[name]))
    leaves = [name for name in order if not _children(by_id[name])]
    across |= {name: float(i) for i, name in enumerate(leaves)}
    for name in reversed(order):
        below = _children(by_id[name])
        height = by_id[name].get("height")
        levels = 1 + max((up[child] for child in below), default=-1)
        up[name] = float(levels if height is None else height)
        if below:
            across[name] = sum(across[child] for child in below) / len(below)
    return across, up


def _branches(
    by_id: Mapping[Any, Node], across: dict[Any, float], up: dict[Any, float]
) -> dict[str, list[float | None]]:
    x: list[float | None] = []
    y: list[float | None] = []
    for name, node in by_id.items():
        for child in _children(node):
            x += [across[name], across[child], across[child], None]
            y += [up[name], up[name], up[child], None]
    return {"x": x, "y": y}


def _shade(node: Node, theme: Theme) -> str:
    if _children(node) or node.get("label") is None:
        return TOKENS[theme]["muted"]
    return color(int(node["label"]), theme)


def _words(node: Node) -> str:
    size = f"{int(node.get('size') or 0):,} members"
    if _children(node) or node.get("label") is None:
        return f"Branch · {size}"
    return f"Group {int(node['label']) + 1} · {size}"

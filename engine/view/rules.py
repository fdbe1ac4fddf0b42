"""The tree that imitates a grouping, from its first question at the left to the groups at the right."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from engine.core.formatting import format_percent, shorten
from engine.results.explain.rules import answered, names
from engine.results.record.explanations import Branch, SurrogateTree
from engine.results.record.record import Result
from engine.results.text.markdown import plain
from engine.view.palette import TOKENS, Theme, color, faded
from engine.view.style import bare, escaped, figure

_ROW = 46
_LETTERS = 16
"""Of a column, category or word that stand on a line; all of them are in the rules and the table."""


def rule_tree(surrogate: SurrogateTree, result: Result, theme: Theme = "light") -> go.Figure:
    """Draw the surrogate tree: one line per rule, as thick as it has members.

    Parameters
    ----------
    surrogate
        The tree.
    result
        Whose groups it explains.
    theme
        "light" or "dark".

    Returns
    -------
    go.Figure
        The question stands above a line, the answer below it.

    Examples
    --------
    Where `result` is a run's result:

    >>> len(rule_tree(result.explanations.surrogate, result).data[-1].text) >= 3
    True
    """
    branches = surrogate.branches
    across, down = _places(branches)
    leaves = [i for i, branch in enumerate(branches) if branch.question is None]
    fig = figure(theme, 24 + _ROW * len(leaves), hovermode="closest", margin={"l": 8, "r": 8, "t": 4, "b": 4})
    fig.update_layout(xaxis=bare(theme, range=[-0.06, max(across) + 0.04]), yaxis=bare(theme, autorange="reversed"))
    for i, branch in enumerate(branches[1:], 1):
        parent = branch.parent
        width = 1.5 + 7 * branch.size / max(branches[0].size, 1)
        fig.add_scatter(
            x=[across[parent], across[parent], across[i]],
            y=[down[parent], down[i], down[i]],
            mode="lines",
            line={"width": width, "color": faded(TOKENS[theme]["muted"], 0.45), "shape": "linear"},
            hoverinfo="skip",
        )
    for branch, y, texts in zip(branches[1:], down[1:], _texts(surrogate), strict=True):
        for text, shift, ink in zip(texts, (11, -10), ("muted", "text"), strict=True):
            at = {"x": across[branch.parent], "y": y, "xshift": 5, "yshift": shift, "xanchor": "left"}
            font = {"color": TOKENS[theme][ink], "size": 12}
            fig.add_annotation(text=escaped(text), font=font, showarrow=False, **at)
    ends = _ends(surrogate, result, leaves, theme)
    fig.add_scatter(x=[across[i] for i in leaves], y=[down[i] for i in leaves], **ends)
    fig.update_layout(margin_r=40 + 6 * max(len(text) - len("<b></b>") for text in ends["text"]))
    return fig


def alt(surrogate: SurrogateTree) -> str:
    """The figure in words, for readers who do not see it.

    Parameters
    ----------
    surrogate
        The tree.

    Returns
    -------
    str
    """
    leaves = sum(branch.question is None for branch in surrogate.branches)
    first = surrogate.branches[0].question
    begins = "" if first is None else f" It first asks about {first.column}."
    return (
        f"A tree of questions that leads to groups in {leaves} ways.{begins} The rules stand beside it and in a table."
    )


def _places(branches: Sequence[Branch]) -> tuple[list[float], list[float]]:
    """Leaves below each other at the right, questions in the middle of what they lead to."""
    below: dict[int, list[int]] = {}
    for i, branch in enumerate(branches):
        below.setdefault(branch.parent, []).append(i)
    order: list[int] = []
    stack = [0]
    while stack:
        i = stack.pop()
        order.append(i)
        stack += reversed(below.get(i, []))
    depth = [0] * len(branches)
    for i in order[1:]:
        depth[i] = depth[branches[i].parent] + 1
    deepest = max(depth)
    down = [0.0] * len(branches)
    for place, i in enumerate(i for i in order if i not in below):
        down[i] = float(place)
    for i in reversed(order):
        if i in below:
            down[i] = sum(down[child] for child in below[i]) / len(below[i])
    return [float(deepest if branch.question is None else d) for branch, d in zip(branches, depth, strict=True)], down


def _texts(surrogate: SurrogateTree) -> list[tuple[str, str]]:
    """Per branch what was asked and what was answered, short enough for its line."""
    texts = []
    for branch in surrogate.branches[1:]:
        question = surrogate.branches[branch.parent].question
        assert question is not None
        if question.kind == "word":
            texts.append(
                (f"“{shorten(question.value, _LETTERS)}”", "in the text" if branch.answer else "not in the text")
            )
            continue
        # Of pictures everything is brightness; where it is looked at is what matters.
        name = shorten(question.column.removesuffix(" brightness"), _LETTERS)
        short = replace(question, column=name, value=shorten(question.value, _LETTERS), blank=None)
        texts.append((name, plain(answered(short, branch.answer)).removeprefix(name).strip()))
    return texts


def _ends(surrogate: SurrogateTree, result: Result, leaves: list[int], theme: Theme) -> dict[str, Any]:
    called, branches = names(result), [surrogate.branches[i] for i in leaves]
    shares = [format_percent(branch.inside / max(branch.size, 1)) for branch in branches]
    return {
        "mode": "markers+text",
        "marker": {"size": 12, "color": [color(branch.label, theme) for branch in branches], "opacity": 1},
        "text": [
            f"  <b>{escaped(called[b.label], 22)}</b> {share} of {b.size:,}"
            for b, share in zip(branches, shares, strict=True)
        ],
        "textposition": "middle right",
        "textfont": {"color": TOKENS[theme]["text"], "size": 12},
        "cliponaxis": False,
        "hovertext": [
            f"{escaped(called[b.label], 110)}: {share} of the {b.size:,} members that come here"
            for b, share in zip(branches, shares, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }

"""The wall of groups: each with its size, its center beside real members, and what sets it apart."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.core.formatting import format_list
from engine.results import Group
from engine.results.explain import averages
from engine.results.text.markdown import plain
from engine.view.palette import diverging, faded
from pages.parts.app import colors, formatting, glossary
from pages.parts.components import wall
from pages.parts.results import interpolation, selected_cluster, telling_columns
from pages.parts.results.context import ResultContext
from pages.parts.results.panel import portraits

_PAGE = 24
_NEAREST, _UNSURE = 3, 2
"""Real members beside a center: those nearest to it, and those the method is least sure of."""
_MEMBERS, _METHOD = "Its members", "Its center, by the method"
_ARROWS = {1: "▲ ", -1: "▼ ", 2: "≠ "}


def groups(context: ResultContext) -> None:
    """A card per group; picking one shows it beside the map."""
    result = context.result
    st.caption(_caption(context), help=glossary.HELP["prototype"] if _has_pictures(context) else None)
    shades = colors.groups(result.k)
    there = [group for group in result.groups if group.size]
    tiles = [_tile(context, group, shades[group.label]) for group in _page(context, there)]
    # Series are few in a card: they are wide.
    picked = wall.show(
        f"wall-{context.key}",
        tiles,
        size=56,
        wide=result.kind == "series",
        pick=True,
        chosen=selected_cluster.current(result),
    )
    if picked is not None:
        selected_cluster.choose(picked)
        st.rerun()
    if result.prototypes is not None and result.prototypes.table is not None:
        _averages(context)
    interpolation.show(context)


def _has_pictures(context: ResultContext) -> bool:
    return context.result.prototypes is not None and context.result.prototypes.values is not None


def _caption(context: ResultContext) -> str:
    if not _has_pictures(context) and context.result.kind == "image" and context.raw:
        return (
            "The real members nearest to the center of each group, and those the method is least sure of. Pick a group to see "
            "it beside the map."
        )
    if not _has_pictures(context):
        return "Pick a group to see it beside the map."
    assert context.result.prototypes is not None
    beside = "; beside it the real members nearest to it, and those the method is least sure of" if context.raw else ""
    return f"{context.result.prototypes.caption}{beside}. Pick a group to see it beside the map."


def _page(context: ResultContext, there: Sequence[Group]) -> Sequence[Group]:
    """All groups, or as many as are drawn at once."""
    pages = -(-len(there) // _PAGE)
    if pages < 2:
        return there
    page = st.pagination(pages, key=f"wall-page-{context.key}") - 1
    return there[page * _PAGE : (page + 1) * _PAGE]


def _tile(context: ResultContext, group: Group, shade: str) -> wall.Tile:
    facts = f"{formatting.count(group.size, 'member')} ({formatting.share(group.share)})"
    typical = [d.value for d in group.differences if d.kind == "word"]
    words = f"Typical words: {format_list(typical)}." if typical else plain(group.sentence)
    words = " ".join(filter(None, [f"{facts}.", words, _nearest_text(context, group)]))
    return wall.Tile(group.label, group.heading, words, _pictures(context, group), shade)


def _nearest_text(context: ResultContext, group: Group) -> str:
    """How the text nearest to the middle of the group begins."""
    if context.result.kind != "text" or context.raw is None or group.nearest is None:
        return ""
    names = [column.name for column in context.raw.columns if column.role == "feature"]
    text = " ".join(str(context.raw.rows[names[0]].iloc[context.row(group.nearest)]).split()) if names else ""
    return f"Most typical: “{formatting.cut(text, 90)}”" if text else ""


def _pictures(context: ResultContext, group: Group) -> tuple[tuple[str, str], ...]:
    """The center, the nearest members, the least sure ones."""
    pictures = list(portraits.portrait(context, group, 56))
    if context.raw is None or context.raw.values is None or not pictures:
        return tuple(pictures)
    few = context.result.kind == "series"
    near = [] if few else group.typical[1:_NEAREST]
    pictures += [(picture, "") for member in near if (picture := context.picture(member, 56))]
    unsure = [m for m in least_sure(context, group) if m not in group.typical[:_NEAREST]][: 1 if few else _UNSURE]
    captions = ["least sure", *[""] * len(unsure)]
    pictures += [
        (picture, words)
        for member, words in zip(unsure, captions, strict=False)
        if (picture := context.picture(member, 56))
    ]
    return tuple(pictures)


def least_sure(context: ResultContext, group: Group) -> list[int]:
    """The members of a group that the method is least sure of, worst first."""
    inside = np.flatnonzero(context.result.labels == group.label)
    sure = context.result.sure[inside]
    if len(inside) > 8:  # only those as unsure as the eighth are sorted
        few = sure <= np.partition(sure, 7)[7]
        inside, sure = inside[few], sure[few]
    return [int(i) for i in inside[np.argsort(sure, kind="stable")[:8]]]


def _averages(context: ResultContext) -> None:
    """The average member of each group in the user's own columns, beside that of all members."""
    prototypes = context.result.prototypes
    assert prototypes is not None
    if context.result.kind == "text":
        st.markdown("**The words that weigh most in the middle of each group**")
        table, marks = averages.averages(context.result)
    else:
        st.markdown("**Groups compared with all members**", help=glossary.HELP["averages"])
        decoded = _has_decoded_centers(context)
        table, marks = averages.averages(context.result, decoded)
        key = (
            " ▲ clearly more than the average of all members, ▼ clearly less, ≠ mostly another value."
            if marks.any()
            else ""
        )
        st.caption(f"{prototypes.caption if decoded else 'The average of the members'}.{key}")
    shown = telling_columns.cut(context.result, list(table.columns))
    if said := telling_columns.caption(len(shown), len(table.columns)):
        st.caption(said)
        at = {name: i for i, name in enumerate(table.columns)}
        table, marks = table[shown], marks[:, [at[name] for name in shown]]
    less, more = (faded(shade, 0.2) for shade in diverging(colors.theme()))
    tints = {0: "", 1: f"background-color: {more}", -1: f"background-color: {less}", 2: f"background-color: {more}"}
    styled = table.reset_index().style
    styled = styled.apply(
        lambda _: np.hstack([np.full((len(marks), 1), ""), np.vectorize(tints.get)(marks)]), axis=None
    )
    written: dict[Any, str | Callable[[object], str] | None] = {
        name: _written(table[name], marks[:, i]) for i, name in enumerate(table.columns)
    }
    st.dataframe(styled.format(written), hide_index=True, key=f"averages-{context.key}")


def _has_decoded_centers(context: ResultContext) -> bool:
    """Whether the reader wants the method's own prototypes; the members' averages come first where both are known."""
    prototypes = context.result.prototypes
    assert prototypes is not None
    if context.result.explanations.averages is None:
        return prototypes.source != "mean"
    asked = st.segmented_control(
        "Shown for each group",
        [_MEMBERS, _METHOD],
        default=_MEMBERS,
        required=True,
        label_visibility="collapsed",
        key=f"averages-of-{context.key}",
    )
    return asked == _METHOD


def _written(column: pd.Series, marks: np.ndarray) -> Callable[[Any], str]:
    """How the cells of a column are written; equal cells have the same mark."""
    written: Callable[[Any], str] = formatting.value if column.dtype.kind in "if" else str
    if column.dtype.kind == "M":
        written = dict(zip(column.tolist(), formatting.dates(column.tolist()), strict=True)).__getitem__
    arrows = {value: _ARROWS.get(mark, "") for value, mark in zip(column.tolist(), marks.tolist(), strict=True)}
    return lambda value: f"{arrows.get(value, '')}{written(value)}"

"""True labels against groups in matched order; a cell shows its members."""

import numpy as np
import streamlit as st

from engine.results import MEASURES, Confusion
from pages.parts.app import colors, formatting, glossary, layout
from pages.parts.components import matrix
from pages.parts.results import headline_metrics, member_table, view_state
from pages.parts.results.context import ResultContext

_COUNTS, _SHARES = "Members", "Share of the label"


def show(context: ResultContext) -> None:
    """The table on the left; on the right what agrees, or the members of the cell that was picked."""
    table = context.result.confusion
    assert table is not None
    left, right = layout.split("confusion-split")
    with left:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{glossary.HELP['confusion']} Pick a cell to see its members.", width="stretch")
            choice = st.segmented_control(
                "Show",
                [_COUNTS, _SHARES],
                default=_COUNTS,
                required=True,
                key=f"confusion-{context.key}",
                label_visibility="collapsed",
            )
        chosen = _pick(context, table, choice == _SHARES)
    with right:
        if chosen is None:
            _agreement(context)
        else:
            _cell(context, table, chosen)


def _pick(context: ResultContext, table: Confusion, shares: bool) -> matrix.Cell | None:
    """The cell the reader looks at."""
    name = f"{context.key}-cell"
    before: matrix.Cell | None = st.session_state.get(name)
    alt = f"{len(table.classes)} labels against {len(table.groups)} groups"
    picked = matrix.show(f"cells-{context.key}", to_matrix(context, table, shares), pick=True, chosen=before, alt=alt)
    if picked is not None and picked != before:
        st.session_state[name] = picked
        st.rerun()
    return before


def to_matrix(context: ResultContext, table: Confusion, shares: bool) -> matrix.Matrix:
    """The table with groups in their colors; shading is the share of the label, whatever the text."""
    shades, palette = table.shares, colors.groups(context.result.k)
    names = [_group(context, column) for column in table.groups]
    texts = [
        [_percent(part) if shares else f"{count:,}" for count, part in zip(counts, parts, strict=True)]
        for counts, parts in zip(table.counts.tolist(), shades.tolist(), strict=True)
    ]
    says = [
        [
            f"{formatting.count(count, 'member')} with label {label} in {name}, {formatting.share(part)} of the label"
            for count, part, name in zip(counts, parts, names, strict=True)
        ]
        for label, counts, parts in zip(table.classes, table.counts.tolist(), shades.tolist(), strict=True)
    ]
    return matrix.Matrix(
        [matrix.Head(formatting.cut(label, 24), label) for label in table.classes],
        [
            matrix.Head(
                "None" if column < 0 else str(column + 1),
                name,
                colors.unassigned() if column < 0 else palette[column],
            )
            for column, name in zip(table.groups, names, strict=True)
        ],
        shades.tolist(),
        texts,
        says,
        corner="Label \\ group",
    )


def _group(context: ResultContext, label: int) -> str:
    return "no group" if label < 0 else context.result.groups[label].title


def _percent(share: float) -> str:
    return "–" if share == 0 else formatting.share(share)


def _agreement(context: ResultContext) -> None:
    """What the measures say, beside plain k-means."""
    result = context.result
    for name in ("acc", "nmi", "ari"):
        if name in result.metrics:
            other = result.baseline.metrics.get(name) if result.baseline else None
            beside = f" · k-means {headline_metrics.written(name, other)}" if other is not None else ""
            st.markdown(
                f"**{MEASURES[name].label}** {headline_metrics.written(name, result.metrics[name])}{beside}",
                help=MEASURES[name].help,
            )
    st.caption("The method never saw the labels; they only check what it found.")


def _cell(context: ResultContext, table: Confusion, cell: matrix.Cell) -> None:
    """The members of one cell."""
    inside = members_in_cell(context, table, cell)
    label, group = formatting.plain(table.classes[cell[0]]), _group(context, table.groups[cell[1]])
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f"**Label {label} in {group}**")
    if right.button("", icon=":material/close:", type="tertiary", key="close-cell", help="Back to the measures"):
        st.session_state.pop(f"{context.key}-cell", None)
        st.rerun()
    share = formatting.share(float(table.shares[cell]))
    st.caption(f"{formatting.count(len(inside), 'member')}, {share} of all with this label.")
    if not len(inside):
        return
    if context.raw is not None:
        surest = inside[np.argsort(-context.result.sure[inside], kind="stable")]
        member_table.show_few(f"cell-{context.key}", context, surest[:24])
    with st.container(horizontal=True):
        if st.button("Show on the map", icon=":material/bubble_chart:", key=f"cell-map-{context.key}"):
            view_state.select(context.key, np.isin(np.arange(len(context.result)), inside))
            st.rerun()
        if context.raw is not None:
            member_table.download(f"cell-{context.key}", context, inside)


def members_in_cell(context: ResultContext, table: Confusion, cell: matrix.Cell) -> np.ndarray:
    """Members of one cell [m]."""
    truth = context.result.truth
    assert truth is not None
    known = np.unique(truth[truth >= 0])
    return np.flatnonzero((truth == known[cell[0]]) & (context.result.labels == table.groups[cell[1]]))

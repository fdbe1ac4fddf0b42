"""The panel of all groups, by size."""

import streamlit as st

from pages.parts.app import colors, formatting, glossary
from pages.parts.components import bars
from pages.parts.results import rename_dialog, selected_cluster
from pages.parts.results.context import ResultContext


def show(context: ResultContext) -> None:
    """Draw a bar for each group; picking one selects it."""
    st.subheader("Groups", anchor=False, help=glossary.HELP["groups"])
    st.caption("Pick a group here or on the map, or draw around dots with the lasso.")
    label = bars.show(f"groups-{context.key}", by_size(context), pick=True)
    if label is not None:
        selected_cluster.choose(label)
        st.rerun()
    if context.owner:
        rename_dialog.button_for_all(context)


def by_size(context: ResultContext) -> list[bars.Bar]:
    """All groups as bars, largest first, the unassigned last."""
    result = context.result
    shades, largest = colors.groups(result.k), max(*result.sizes.tolist(), result.unassigned, 1)
    rows = [
        bars.Bar(
            group.label, group.heading, group.size / largest, _amount(group.size, group.share), shades[group.label]
        )
        for group in sorted(result.groups, key=lambda group: -group.size)
    ]
    if result.unassigned:
        size = result.unassigned
        amount = _amount(size, size / max(len(result), 1))
        rows.append(bars.Bar(-1, "Unassigned", size / largest, amount, colors.unassigned()))
    return rows


def _amount(size: int, share: float) -> str:
    return f"{size:,} · {formatting.share(share)}"

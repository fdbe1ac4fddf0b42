"""The panel of one group: its size, portrait, differences, and typical and doubtful members; and that of the unassigned."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.results import Group
from engine.results.text.markdown import plain
from engine.view import profile, series_band
from pages.parts.app import colors, formatting, glossary
from pages.parts.components import plotly_chart, wall
from pages.parts.results import member_table, rename_dialog, selected_cluster
from pages.parts.results.context import ResultContext
from pages.parts.results.panel import generated, member, portraits

_MAX_EXAMPLES, _MAX_UNASSIGNED = 12, 24
"""Members in a table at most."""


def show(context: ResultContext, group: Group, clicked: int | None) -> None:
    """Draw the group; a member that was clicked on the map comes first if it belongs to the group."""
    certainty = f" · {formatting.share(group.sure)} sure on average" if group.size else ""
    size = f"{formatting.count(group.size, 'member')} ({formatting.share(group.share)})"
    _header(context, group.heading, f"{size}{certainty}", group)
    if clicked is not None and int(context.result.labels[clicked]) == group.label:
        member.show(context, clicked)
    _portrait(context, group)
    _differences(context, group)
    generated.show(context, group)
    _examples(context, "typical", "Typical members", group.typical, "The members closest to the middle of the group.")
    _examples(context, "doubtful", "Doubtful members", group.doubtful, glossary.HELP["doubtful"])


def show_unassigned(context: ResultContext) -> None:
    """Draw how many members are in no group, why, and the first of them."""
    result = context.result
    share = formatting.share(result.unassigned / max(len(result), 1))
    _header(context, "Unassigned", f"{formatting.count(result.unassigned, 'member')} ({share})")
    st.markdown(glossary.HELP["unassigned"])
    if context.raw is not None:
        outside = np.flatnonzero(result.labels < 0)[:_MAX_UNASSIGNED]
        member_table.show_few(f"unassigned-{context.key}", context, outside)


def _header(context: ResultContext, title: str, facts: str, group: Group | None = None) -> None:
    left, middle, right = st.columns([8, 1, 1], vertical_alignment="center", gap="small")
    left.subheader(formatting.plain(title), anchor=False)
    with middle:
        if context.owner and group is not None:
            rename_dialog.button(context, group)
    if right.button("", icon=":material/close:", type="tertiary", key="close-group", help="Back to all groups"):
        selected_cluster.choose(None)
        st.rerun()
    st.caption(facts)


def _portrait(context: ResultContext, group: Group) -> None:
    """Average and nearest real member side by side; for series the average is a figure of its own, with its band."""
    bands, series = context.result.bands, context.result.kind == "series"
    size = 72 if series else 104
    pictures = portraits.portrait(context, group, size)
    if bands is not None and portraits.average_is_of_members(context):
        pictures = pictures[1:]  # the figure below shows the average
    if pictures:
        wall.show(f"portrait-{context.key}", [wall.Tile(group.label, pictures=pictures)], size=size, wide=series)
    if bands is not None and group.size:
        figure = series_band(bands, group.label, colors.theme())
        key, alt = f"band-{context.key}-{group.label}", f"{group.title}: its average series, and the middle 80 %"
        plotly_chart.show(key, figure, alt)


def _differences(context: ResultContext, group: Group) -> None:
    """How the group differs from the rest, as a sentence and as a figure."""
    st.markdown(group.sentence, help=glossary.HELP["apart"] if group.differences else None)
    if group.differences:
        figure = profile(group, colors.theme(), most=6)
        figure.update_xaxes(title_text="less  ←  standard deviations  →  more")
        key, alt = f"profile-{context.key}-{group.label}", f"What sets {group.title} apart: {plain(group.sentence)}"
        plotly_chart.show(key, figure, alt)


def _examples(context: ResultContext, id_: str, title: str, members: Sequence[int], help_text: str) -> None:
    if members and context.raw is not None:
        st.markdown(f"**{title}**", help=help_text)
        member_table.show_few(f"{id_}-{context.key}", context, np.array(members[:_MAX_EXAMPLES]))

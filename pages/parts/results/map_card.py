"""The map of a result: what to color by, two or three dimensions, and what the reader picked on it."""

import streamlit as st

from pages.parts.app import colors, formatting, glossary
from pages.parts.components import map as dots
from pages.parts.components.map import Selection
from pages.parts.results import color_by, projection_picker, selected_cluster, view_state
from pages.parts.results.context import ResultContext, hover

HEIGHT = 476
"""Of the map with its legend, which fill the card."""
CARD = 570
"""Height of the card and of the one beside it; a legend of many lines scrolls."""
WAITING = 96
"""What the map gives up while another layout is being made."""


def show(context: ResultContext) -> Selection:
    """The card with the map; returns what is picked on it."""
    with st.container(border=True, height=CARD, key="map-card"):
        by, name = _pickers(context)
        ready = name in context.result.maps
        if not ready:
            projection_picker.wait(context, name)
        picked = _map(
            context,
            by,
            name if ready else projection_picker.best(context.result),
            HEIGHT if ready else HEIGHT - WAITING,
        )
        view_state.remember(picked.gaze)
        view_state.remember_picked(context.key, picked)
        if selected_cluster.follow(context.key, picked, context.result):
            st.rerun()
    return picked


def _pickers(context: ResultContext) -> tuple[str, str]:
    """Title and pickers on one line: what to color by, and the name of the layout."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Map", anchor=False, help=glossary.HELP["map"], width="stretch")
        return color_by.choose(context), projection_picker.choose(context)


def _map(context: ResultContext, by: str, name: str, height: int) -> Selection:
    result = context.result
    selected, clicked = view_state.asked(context.key, len(result))
    group = selected_cluster.current(result)
    groups, shades, names, values = color_by.color_values(context, by)
    return dots.show(
        f"map-{context.key}",
        positions=result.maps[name],
        groups=groups,
        colors=shades,
        names=names,
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        values=values,
        hover=hover(context),
        focus=None if by != "group" or group is None else [group],
        selected=selected,
        clicked=clicked,
        gaze=view_state.gaze(name),
        height=height,
        fill=True,
        title=f"Map of {len(result):,} members in {formatting.count(result.n_nonempty, 'group')}",
    )

"""A walk from one group's center to another's, step by step, as the method draws it."""

import numpy as np
import pandas as pd
import streamlit as st

from engine import view
from engine.results.explain import interpolations
from engine.results.record.explanations import Interpolations
from engine.view import sparkline
from pages.parts.app import colors, formatting, glossary
from pages.parts.components import plotly_chart, wall
from pages.parts.results import selected_cluster
from pages.parts.results.context import ResultContext, picture_uri

_MOST = 6
"""Columns that are drawn: those that change most."""


def show(context: ResultContext) -> None:
    """Pick two groups, see the way between them; nothing where the method draws nothing, or did not when it was stored."""
    walks = context.result.explanations.interpolations
    if walks is None:
        return
    st.markdown("**From one group to another**", help=glossary.HELP["interpolation"])
    start, end = _ends(context, walks)
    steps = interpolations.steps(walks, start, end)
    if isinstance(steps, pd.DataFrame):
        _columns(context, steps, start, end)
    else:
        _strip(context, steps, start, end)


def _ends(context: ResultContext, walks: Interpolations) -> tuple[int, int]:
    """The two pickers; the second offers the groups nearest to the first."""
    groups = context.result.groups
    starts = sorted({int(label) for label in walks.pairs.ravel()})
    now = selected_cluster.current(context.result)
    with st.container(horizontal=True, gap="small"):
        start = st.selectbox(
            "From",
            starts,
            starts.index(now) if now in starts else 0,
            format_func=lambda label: groups[label].display_name,
            key=f"walk-from-{context.key}-{now}",
            width=260,
        )
        near = interpolations.neighbors(walks, start)
        end = st.selectbox(
            "To",
            near,
            format_func=lambda label: groups[label].display_name,
            key=f"walk-to-{context.key}-{start}",
            width=260,
            help="The groups whose centers are nearest.",
        )
    return start, end


def _strip(context: ResultContext, steps: np.ndarray, start: int, end: int) -> None:
    shades, last = colors.groups(context.result.k), len(steps) - 1
    names = {0: context.result.groups[start].display_name, last: context.result.groups[end].display_name}
    series = context.result.kind == "series"
    size, tiles = 46 if series else 72, []
    limits = (float(np.nanmin(steps)), float(np.nanmax(steps))) if series else None
    for i, value in enumerate(steps):
        shade = shades[start if i <= last / 2 else end]
        picture = (
            sparkline(value, shade, width=2 * size, height=size, limits=limits)
            if series
            else picture_uri(value, "image", size, shade)
        )
        tiles.append(wall.Tile(i, pictures=((picture, names.get(i, f"step {i}")),)))
    wall.show(f"walk-{context.key}", tiles, size=size, wide=series)


def _columns(context: ResultContext, steps: pd.DataFrame, start: int, end: int) -> None:
    groups, whole = context.result.groups, context.result.explanations.overall
    prototypes = context.result.prototypes
    shares = {} if prototypes is None else prototypes.share_columns
    own = [name for name in steps.columns if name not in shares.values()]
    numbers = [name for name in own if pd.api.types.is_numeric_dtype(steps[name])]
    telling = interpolations.telling(steps[numbers], whole)[:_MOST]
    if telling:
        alt = f"How {', '.join(telling)} change from {groups[start].display_name} to {groups[end].display_name}"
        plotly_chart.show(
            f"walk-{context.key}",
            view.interpolation(steps[telling], (start, end), colors.theme()),
            formatting.cut(alt, 300),
        )
    table = steps.copy()
    table.insert(0, "Step", [groups[start].display_name, *map(str, range(1, len(steps) - 1)), groups[end].display_name])
    if telling:
        with st.expander("As a table"):
            st.dataframe(table, hide_index=True, key=f"walk-table-{context.key}")
    else:
        st.dataframe(table, hide_index=True, key=f"walk-table-{context.key}")

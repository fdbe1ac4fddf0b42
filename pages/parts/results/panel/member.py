"""Beside the map: the member that was clicked, how unusual it is, why it is in its group and how it came there."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.results import Result
from pages.parts.app import formatting, glossary
from pages.parts.components import wall
from pages.parts.results.context import ResultContext
from pages.parts.results.panel import trajectory, why_here

_COLUMNS = 6
"""Of the member's row, that are quoted."""


def show(found: ResultContext, member: int) -> None:
    """The member in a card of its own."""
    with st.container(border=True):
        st.markdown(_headline(found, member))
        _portrait(found, member)
        _scores(found.result, member)
        why_here.show(found, member)
        trajectory.show(found, member)


def _headline(found: ResultContext, member: int) -> str:
    result = found.result
    second = int(result.second[member])
    runner_up = f"; next would be {formatting.plain(result.groups[second].display_name)}" if second >= 0 else ""
    sure = formatting.share(float(result.sure[member]))
    return f"**{formatting.plain(found.title(member))}** · {sure} sure{runner_up}"


def _portrait(found: ResultContext, member: int) -> None:
    """Its picture, or the first cells of its row."""
    picture = found.picture(member, 64)
    if picture is not None:
        wall.show(f"clicked-{found.key}", [wall.Tile(member, pictures=((picture, ""),))], size=64)
    elif found.raw is not None:
        row = list(found.raw.rows.iloc[found.row(member)].items())[:_COLUMNS]
        cells = (
            f"{formatting.plain(name)}: {formatting.plain(formatting.cut(_cell(value), 30))}" for name, value in row
        )
        st.caption(" · ".join(cells))


def _cell(value: Any) -> str:
    """A cell of the user's table as people write it."""
    if isinstance(value, float):
        return formatting.value(value)  # a dash where it is blank
    if isinstance(value, pd.Timestamp):
        return formatting.dates([value])[0]
    return "–" if pd.isna(value) else str(value)


def _scores(result: Result, member: int) -> None:
    """How unusual the member is, a line for each score that the result has."""
    lines, helps = [], []
    if result.outlier_score is not None:
        lines.append(describe_outlier_score(result.outlier_score, member))
        helps.append(glossary.HELP["odd"])
    if result.reconstruction_error is not None:
        lines.append(describe_reconstruction_error(result.reconstruction_error, member))
        helps.append(glossary.HELP["misdrawn"])
    if lines:
        st.markdown("  \n".join(f":small[{line}]" for line in lines), help="\n\n".join(helps))


def describe_outlier_score(values: np.ndarray, member: int) -> str:
    """ "Odder than 63 of 100 members"."""
    if values[member] > 1:
        return f"**Unlike the others**: oddness {values[member]:.1f}, of 99 in 100 at most 1"
    return f"Odder than {_below(values, member)} of 100 members"


def describe_reconstruction_error(values: np.ndarray, member: int) -> str:
    """ "Redrawn worse than 63 of 100 members"."""
    return f"Redrawn worse than {_below(values, member)} of 100 members"


def _below(values: np.ndarray, member: int) -> int:
    return min(99, round(100 * float((values < values[member]).mean())))

"""The card of the member that was clicked: how unusual it is, why it is in its group, and which groups it was in before."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.results import Result
from pages.parts.app import formatting, glossary
from pages.parts.components import wall
from pages.parts.results.context import ResultContext
from pages.parts.results.panel import trajectory, why_here

_MAX_CELLS = 6
"""Cells of the member's row that are quoted."""


def show(context: ResultContext, member: int) -> None:
    """Draw the member in a card."""
    with st.container(border=True):
        st.markdown(_headline(context, member))
        _portrait(context, member)
        _scores(context.result, member)
        why_here.show(context, member)
        trajectory.show(context, member)


def _headline(context: ResultContext, member: int) -> str:
    result = context.result
    second = int(result.second[member])
    runner_up = f"; next would be {formatting.plain(result.groups[second].display_name)}" if second >= 0 else ""
    certainty = formatting.share(float(result.sure[member]))
    return f"**{formatting.plain(context.title(member))}** · {certainty} sure{runner_up}"


def _portrait(context: ResultContext, member: int) -> None:
    """Its picture, with a player where that is of a sound; or the first cells of its row."""
    picture = context.picture(member, 64)
    if picture is not None:
        wall.show(f"clicked-{context.key}", [wall.Tile(member, pictures=((picture, ""),))], size=64)
        if (sound := context.sound(member)) is not None:
            st.audio(sound)
    elif context.raw is not None:
        row = list(context.raw.rows.iloc[context.row(member)].items())[:_MAX_CELLS]
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
    """A line for each score of the result that says how unusual a member is."""
    lines, helps = [], []
    if result.outlier_score is not None:
        lines.append(describe_outlier_score(result.outlier_score, member))
        helps.append(glossary.HELP["outlier_score"])
    if result.reconstruction_error is not None:
        lines.append(describe_reconstruction_error(result.reconstruction_error, member))
        helps.append(glossary.HELP["reconstruction_error"])
    if lines:
        st.markdown("  \n".join(f":small[{line}]" for line in lines), help="\n\n".join(helps))


def describe_outlier_score(values: np.ndarray, member: int) -> str:
    """Markdown: a member's outlier score among the `values` [n] of all, e.g. "More unusual than 63 of 100 members"."""
    if values[member] > 1:
        return f"**Unlike the others**: outlier score {values[member]:.1f}, for 99 of 100 members at most 1"
    return f"More unusual than {_percent_below(values, member)} of 100 members"


def describe_reconstruction_error(values: np.ndarray, member: int) -> str:
    """Markdown: how a member's reconstruction error compares, by the errors [n] of all members."""
    return f"Reconstructed worse than {_percent_below(values, member)} of 100 members"


def _percent_below(values: np.ndarray, member: int) -> int:
    # The value itself is not below itself: never all 100 of 100.
    return min(99, round(100 * float((values < values[member]).mean())))

"""How odd a member is and how well the network redraws it, in words: beside the others, since the numbers alone mean little."""

import numpy as np
import streamlit as st

from engine.results import Result
from pages.parts.app import glossary


def show(result: Result, member: int) -> None:
    """A line each; nothing of a result that was stored without them."""
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

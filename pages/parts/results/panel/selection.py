"""The panel of a selection: the members that the reader drew around with the lasso."""

import numpy as np
import streamlit as st

from pages.parts.app import colors, formatting
from pages.parts.components import bars
from pages.parts.results import member_table
from pages.parts.results.context import ResultContext

_MAX_MEMBERS = 24
"""Members in the table."""


def show(context: ResultContext, members: np.ndarray) -> None:
    """Draw how the selected members are spread over the groups, and a table of the first of them.

    Parameters
    ----------
    context : ResultContext
        The result.
    members : ndarray
        int [m], numbers of the selected members.
    """
    st.subheader("Your selection", anchor=False)
    share = formatting.share(len(members) / max(len(context.result), 1))
    st.caption(f"{formatting.count(len(members), 'member')} ({share}). Press Escape on the map to clear it.")
    bars.show(f"spread-{context.key}", by_group(context, members))
    if context.raw is not None:
        st.markdown("**Members**")
        member_table.show_few(f"selected-{context.key}", context, members[:_MAX_MEMBERS])
        member_table.download(f"selected-{context.key}", context, members)


def by_group(context: ResultContext, members: np.ndarray) -> list[bars.Bar]:
    """A bar for each group that has any of the members [m], the one with most first."""
    result, shades = context.result, colors.groups(context.result.k)
    labels, counts = np.unique(result.labels[members], return_counts=True)
    return [
        bars.Bar(
            int(label),
            "Unassigned" if label < 0 else result.groups[label].display_name,
            count / counts.max(),
            f"{count:,} · {formatting.share(count / len(members))}",
            colors.unassigned() if label < 0 else shades[label],
        )
        for label, count in sorted(zip(labels.tolist(), counts.tolist(), strict=True), key=lambda pair: -pair[1])
    ]

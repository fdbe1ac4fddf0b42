"""Beside the map: what the reader drew around."""

import numpy as np
import streamlit as st

from pages.parts.app import colors, formatting
from pages.parts.components import bars
from pages.parts.results import member_table
from pages.parts.results.context import ResultContext


def show(found: ResultContext, inside: np.ndarray) -> None:
    """How the selected members [m] are spread over the groups, and the first of them."""
    st.subheader("Your selection", anchor=False)
    share = formatting.share(len(inside) / max(len(found.result), 1))
    st.caption(f"{formatting.count(len(inside), 'member')} ({share}). Press Escape on the map to let go.")
    bars.show(f"spread-{found.key}", by_group(found, inside))
    if found.raw is not None:
        st.markdown("**Members**")
        member_table.few(f"selected-{found.key}", found, inside[:24])
        member_table.download(f"selected-{found.key}", found, inside)


def by_group(found: ResultContext, inside: np.ndarray) -> list[bars.Bar]:
    """A bar for each group that has some of the members, most first."""
    result, shades = found.result, colors.groups(found.result.k)
    labels, counts = np.unique(result.labels[inside], return_counts=True)
    return [
        bars.Bar(
            int(label),
            "Unassigned" if label < 0 else result.groups[label].display_name,
            count / counts.max(),
            f"{count:,} · {formatting.share(count / len(inside))}",
            colors.unassigned() if label < 0 else shades[label],
        )
        for label, count in sorted(zip(labels.tolist(), counts.tolist(), strict=True), key=lambda pair: -pair[1])
    ]

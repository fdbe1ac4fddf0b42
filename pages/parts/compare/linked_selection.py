"""One selection on several maps: what is picked on one is picked on all that show members of the same data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Members:
    """Whose map it is, of which data, and the row of the raw data that each of its members is."""

    run: str
    dataset: str
    rows: Rows


def selected(key: str, members: Members) -> Mask | None:
    """What this map should select; None before anything was selected anywhere, all False where it was let go."""
    dataset, rows = st.session_state.get(_name(key), ("", None))
    return np.isin(members.rows, rows) if rows is not None and dataset == members.dataset else None


def note(key: str, members: Members, mask: Mask | None) -> None:
    """Remember what this map has selected; where that is new, it is what all should select."""
    rows = members.rows[mask] if mask is not None else members.rows[:0]
    last = f"{key}-last-{members.run}"
    before = st.session_state.get(last)
    st.session_state[last] = rows
    if np.array_equal(rows, members.rows[:0] if before is None else before):
        return
    common = selected(key, members)
    if common is None or not np.array_equal(members.rows[common], rows):
        st.session_state[_name(key)] = (members.dataset, rows)
        st.session_state[f"{key}-moved"] = True


def settle(key: str) -> None:
    """Draw once more where a map that stands before the one that was touched does not know of it yet."""
    if st.session_state.pop(f"{key}-moved", False):
        st.rerun()


def _name(key: str) -> str:
    return f"{key}-linked"

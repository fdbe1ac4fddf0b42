"""The columns of a dataset as cards, a page at a time: searched, filtered, and changed many at once."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from engine.intake import Column, Raw
from engine.runs.db.records import DatasetRecord
from pages.parts.app import dialogs, formatting, glossary
from pages.parts.data import column_card, column_details, preprocessing

PAGE = 24
MANY = 8
"""Columns from which on they are worth searching."""
AT_ONCE = 1000
"""Columns that can be changed together; the choices are part of the page's address."""

_LESS_VARYING = "less varying"
"""The role of a feature that is left out because others vary more."""
_FILTERS: dict[str, Callable[[Column, str], bool]] = {
    "All": lambda column, role: True,
    "Used": lambda column, role: role == "feature",
    "Left out": lambda column, role: role in ("ignore", _LESS_VARYING),
    "Varying less than others": lambda column, role: role == _LESS_VARYING,
    "Known answer": lambda column, role: role == "label",
    "Names of rows": lambda column, role: role == "id",
    "With a warning": lambda column, role: bool(column.warning),
    "With blanks": lambda column, role: column.missing > 0,
    "Numbers": lambda column, role: column.dtype == "number",
    "Words": lambda column, role: column.dtype in ("category", "boolean"),
    "Dates": lambda column, role: column.dtype == "date",
    "Free text": lambda column, role: column.dtype == "text",
}
"""Which columns are shown, by the column and its role."""


def show(record: DatasetRecord, raw: Raw) -> None:
    """All columns, or those that are looked for."""
    if not raw.columns:
        return
    st.subheader("Columns", anchor=False, help=glossary.HELP["role"])
    now = preprocessing.current(record)
    less_varying = preprocessing.less_varying(record, now, raw)
    roles = {c.name: _LESS_VARYING if c.name in less_varying else now.role(c) for c in raw.columns}
    found = _found(record, raw.columns, roles) if len(raw.columns) > MANY else list(raw.columns)
    if not found:
        st.caption("No column fits. Search for another name, or choose another filter.")
        return
    pages = -(-len(found) // PAGE)
    page = st.pagination(pages, key=f"columns-{record.id}-page") - 1 if pages > 1 else 0
    grid = st.grid("auto", min_column_width=240, gap="small", key=f"columns-{record.id}")
    for column in found[page * PAGE : (page + 1) * PAGE]:
        with grid, st.container(border=True, height="stretch", gap="small"):
            asked = column_card.show(record, column, now, column.name in less_varying)
            if dialogs.asked(f"column-{record.id}-{column.name}", asked):
                column_details.show(record, raw, column.name)


def _found(record: DatasetRecord, columns: Sequence[Column], roles: Mapping[str, str]) -> list[Column]:
    """The row of controls above the cards, and the columns that they leave."""
    counts = {name: sum(fits(c, roles[c.name]) for c in columns) for name, fits in _FILTERS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        word = st.text_input(
            "Search",
            key=f"columns-{record.id}-search",
            icon=":material/search:",
            placeholder="Name of a column",
            width=240,
        )
        chosen = st.selectbox(
            "Show",
            [name for name, n in counts.items() if n],
            format_func=lambda name: f"{name} ({counts[name]:,})",
            key=f"columns-{record.id}-filter",
            width=220,
        )
        found = [
            column
            for column in columns
            if word.strip().lower() in column.name.lower() and _FILTERS[chosen or "All"](column, roles[column.name])
        ]
        _change_all(record, found)
    return found


def _change_all(record: DatasetRecord, found: Sequence[Column]) -> None:
    """One role for every column that is shown."""
    if len(found) < 2:
        return
    with st.popover(f"Change these {len(found):,}", icon=":material/checklist:", key=f"columns-{record.id}-all"):
        if len(found) > AT_ONCE:
            st.caption(f"At most {AT_ONCE:,} columns can be changed at once: search for fewer.")
            return
        st.caption(f"What {formatting.count(len(found), 'column')} are for, those on other pages of this list too.")
        for role, title in column_card.ROLES.items():
            if role != "label" and st.button(title, key=f"columns-{record.id}-all-{role}", width="stretch"):
                _set_roles(record, {column.name: role for column in found})


def _set_roles(record: DatasetRecord, roles: dict[str, str]) -> None:
    preprocessing.change(record, roles=roles)
    for name in roles:  # the cards' own pickers would otherwise bring back what they show
        st.session_state.pop(f"role-{record.id}-{name}", None)
    st.rerun()

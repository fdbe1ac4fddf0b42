"""One column as a card: what it is for, its type, its blanks, a picture of its values, a warning, a closer look."""

import streamlit as st

from engine.core.formatting import format_list
from engine.intake import Column, Preparation
from engine.runs.db.records import DatasetRecord
from pages.parts.app import formatting
from pages.parts.data import column_pictures, preprocessing

TYPES = {"number": "number", "category": "words", "text": "free text", "date": "date", "boolean": "yes or no"}
ROLES = {"feature": "Use it", "label": "Known answer", "id": "Name of the row", "ignore": "Leave it out"}


def show(record: DatasetRecord, column: Column, now: Preparation, less_varying: bool = False) -> bool:
    """The card; whether a closer look is asked for. `less_varying`: it is left out because others vary more."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{formatting.plain(formatting.cut(column.name, 40))}**  \n:small[:gray[{_facts(column)}]]",
            width="stretch",
        )
        closer = st.button(
            "",
            icon=":material/zoom_in:",
            type="tertiary",
            key=f"closer-{record.id}-{column.name}",
            help="Look closer: before and after the preparation",
        )
    picture = column_pictures.values(column)
    if picture:
        st.image(picture, width="stretch", alt=f"Values of {column.name}")
        if column.coded_blanks:
            codes = [code if isinstance(code, str) else f"{code:,.0f}" for code in column.coded_blanks]
            st.caption(f"Drawn without {format_list(codes)}")
    elif column.example:
        st.caption(formatting.plain(formatting.cut(column.example, 80)))
    role = now.role(column)
    picked = st.selectbox(
        f"What {formatting.plain(column.name)} is for",
        list(ROLES),
        list(ROLES).index(role),
        format_func=ROLES.__getitem__,
        key=f"role-{record.id}-{column.name}",
        label_visibility="collapsed",
    )
    if column.warning:
        st.caption(f":orange[:material/warning:] {formatting.sentence(column.warning)}")
    if less_varying:
        st.caption("Left out: other columns vary more from row to row.")
    if picked != role:
        preprocessing.change(record, roles={column.name: picked})
        st.rerun()
    return closer


def _facts(column: Column) -> str:
    facts = f"{TYPES[column.dtype]} · {column.distinct:,} different"
    return facts + (f" · {column.missing:,} blank" if column.missing else "")

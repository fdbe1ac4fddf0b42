"""The columns as cards: what each is for, its type, its blanks, a picture of its values, a warning."""

import streamlit as st

from engine.intake import Column, Preparation, Raw
from engine.runs.records import DatasetRecord
from engine.view import data_uri
from pages.parts import colors, preparing, terms, words

PAGE = 12
_TYPES = {"number": "number", "category": "words", "text": "free text", "date": "date", "boolean": "yes or no"}
_ROLES = {"feature": "Use it", "label": "Known answer", "id": "Name of the row", "ignore": "Leave it out"}


def show(record: DatasetRecord, raw: Raw) -> None:
    """All columns, a page at a time."""
    if not raw.columns:
        return
    st.subheader("Columns", anchor=False, help=terms.HELP["role"])
    pages = -(-len(raw.columns) // PAGE)
    page = st.pagination(pages, key=f"columns-{record.id}-page") - 1 if pages > 1 else 0
    now = preparing.current(record)
    grid = st.grid("auto", min_column_width=240, gap="small", key=f"columns-{record.id}")
    for column in raw.columns[page * PAGE : (page + 1) * PAGE]:
        with grid, st.container(border=True, height="stretch", gap="small"):
            _card(record, column, now)


def _card(record: DatasetRecord, column: Column, now: Preparation) -> None:
    facts = f"{_TYPES[column.dtype]} · {column.distinct:,} different"
    facts += f" · {column.missing:,} blank" if column.missing else ""
    st.markdown(f"**{words.plain(words.cut(column.name, 40))}**  \n:small[:gray[{facts}]]")
    picture = _picture(column)
    if picture:
        st.image(data_uri(picture.encode(), "image/svg+xml"), width="stretch", alt=f"Values of {column.name}")
    elif column.example:
        st.caption(words.plain(words.cut(column.example, 80)))
    role = now.role(column)
    picked = st.selectbox(
        f"What {words.plain(column.name)} is for",
        list(_ROLES),
        list(_ROLES).index(role),
        format_func=_ROLES.__getitem__,
        key=f"role-{record.id}-{column.name}",
        label_visibility="collapsed",
    )
    if column.warning:
        st.caption(f":orange[:material/warning:] {words.sentence(column.warning)}")
    if picked != role:
        preparing.change(record, roles={column.name: picked})
        st.rerun()


def _picture(column: Column) -> str:
    """Bars over ranges for numbers and dates, the share of the most frequent values for words; SVG of numbers only."""
    counts = list(column.histogram) or [count for _, count in column.top[:12]]
    if not counts or max(counts) == 0:
        return ""
    shade, width, height = colors.accent(), 240, 44
    step = width / len(counts)
    bars = "".join(
        f'<rect x="{i * step + 1:.1f}" y="{height - 2 - (height - 4) * count / max(counts):.1f}" width="{max(step - 2, 1):.1f}" '
        f'height="{(height - 4) * count / max(counts) + 1:.1f}" rx="1.5" fill="{shade}" fill-opacity="0.75"/>'
        for i, count in enumerate(counts)
    )
    frame = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>{bars}</svg>'

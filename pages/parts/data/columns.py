"""The columns as cards: what each is for, its type, its blanks, a picture of its values, a warning."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

import streamlit as st

from engine.intake import Column, Preparation, Raw
from engine.runs.db.records import DatasetRecord
from engine.view import data_uri
from pages.parts.app import colors, formatting, glossary
from pages.parts.data import preprocessing

PAGE = 24
_WIDTH, _HEIGHT = 240, 54
_TYPES = {"number": "number", "category": "words", "text": "free text", "date": "date", "boolean": "yes or no"}
_ROLES = {"feature": "Use it", "label": "Known answer", "id": "Name of the row", "ignore": "Leave it out"}


def show(record: DatasetRecord, raw: Raw) -> None:
    """All columns, a page at a time."""
    if not raw.columns:
        return
    st.subheader("Columns", anchor=False, help=glossary.HELP["role"])
    pages = -(-len(raw.columns) // PAGE)
    page = st.pagination(pages, key=f"columns-{record.id}-page") - 1 if pages > 1 else 0
    now = preprocessing.current(record)
    grid = st.grid("auto", min_column_width=240, gap="small", key=f"columns-{record.id}")
    for column in raw.columns[page * PAGE : (page + 1) * PAGE]:
        with grid, st.container(border=True, height="stretch", gap="small"):
            _card(record, column, now)


def _card(record: DatasetRecord, column: Column, now: Preparation) -> None:
    facts = f"{_TYPES[column.dtype]} · {column.distinct:,} different"
    facts += f" · {column.missing:,} blank" if column.missing else ""
    st.markdown(f"**{formatting.plain(formatting.cut(column.name, 40))}**  \n:small[:gray[{facts}]]")
    picture = _picture(column)
    if picture:
        st.image(data_uri(picture.encode(), "image/svg+xml"), width="stretch", alt=f"Values of {column.name}")
    elif column.example:
        st.caption(formatting.plain(formatting.cut(column.example, 80)))
    role = now.role(column)
    picked = st.selectbox(
        f"What {formatting.plain(column.name)} is for",
        list(_ROLES),
        list(_ROLES).index(role),
        format_func=_ROLES.__getitem__,
        key=f"role-{record.id}-{column.name}",
        label_visibility="collapsed",
    )
    if column.warning:
        st.caption(f":orange[:material/warning:] {formatting.sentence(column.warning)}")
    if picked != role:
        preprocessing.change(record, roles={column.name: picked})
        st.rerun()


def _picture(column: Column) -> str:
    """Bars over ranges for numbers and dates; the most frequent values by name for everything else. An SVG."""
    if column.histogram and max(column.histogram) > 0:
        return _framed(_ranges(column.histogram))
    if column.top and column.top[0][1] > 1:
        return _framed(_values(column.top[:3]))
    return ""


def _ranges(counts: Sequence[int]) -> str:
    step, most = _WIDTH / len(counts), max(counts)
    tall = [(_HEIGHT - 4) * count / most for count in counts]
    return "".join(
        f'<rect x="{i * step + 1:.1f}" y="{_HEIGHT - 2 - height:.1f}" width="{max(step - 2, 1):.1f}" '
        f'height="{height + 1:.1f}" rx="1.5" fill="{colors.accent()}" fill-opacity="0.75"/>'
        for i, height in enumerate(tall)
    )


def _values(top: Sequence[tuple[str, int]]) -> str:
    most, parts = top[0][1], []
    for i, (value, count) in enumerate(top):
        y, width = 1 + i * 18, max(_WIDTH * count / most, 2)
        parts.append(
            f'<rect x="0" y="{y}" width="{width:.1f}" height="15" rx="3" fill="{colors.accent()}" fill-opacity="0.3"/>'
            f'<text x="6" y="{y + 11.5}" font-family="Arial, sans-serif" font-size="11.5" fill="{colors.text()}">'
            f"{escape(formatting.cut(value, 30))} · {count:,}</text>"
        )
    return "".join(parts)


def _framed(drawing: str) -> str:
    frame = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>{drawing}</svg>'

"""A closer look at one column: as it arrived and as it will be learned from, with the choices that it has."""

import pandas as pd
import streamlit as st

from engine.core.errors import InputError
from engine.intake import Column, Preparation, Raw, column_preview
from engine.runs.db.records import DatasetRecord
from pages.parts.app import dialogs, error_boundary, formatting, layout
from pages.parts.data import column_pictures, preprocessing

MOST_PICTURES = 4


@st.dialog("A column, before and after", width="medium", icon=":material/zoom_in:", on_dismiss=dialogs.closed)
def show(record: DatasetRecord, raw: Raw, name: str) -> None:
    """Before on the left, after on the right, examples below."""
    with error_boundary.plain_words():
        column = raw.column(name)
        st.markdown(f"**{formatting.plain(name)}**")
        now = _switches(record, column, preprocessing.current(record))
        before, after = layout.split("column-split", 1, 1, 240)
        with before:
            _before(raw, column)
        with after:
            _after(raw, now, column)


def _switches(record: DatasetRecord, column: Column, now: Preparation) -> Preparation:
    """The choices of a number: as words, by ratio."""
    if column.dtype != "number" or now.role(column) != "feature":
        return now
    key = f"column-{record.id}-{column.name}"
    with st.container(horizontal=True):
        words = st.toggle(
            "These numbers are codes",
            column.name in now.categories,
            key=f"{key}-codes",
            help="Codes name things, such as a region or a product: that one is larger means nothing.",
        )
        ratio = st.toggle(
            "Compare by ratio",
            column.name in now.log,
            key=f"{key}-log",
            disabled=words or column.edges[0] < 0,
            help="From 10 to 20 is then as far as from 100 to 200. For amounts with a few very large values.",
        )
    chosen = {
        "categories": _with(now.categories, column.name, words),
        "log": _with(now.log, column.name, ratio and not words),
    }
    if any(getattr(now, field) != value for field, value in chosen.items()):
        preprocessing.change(record, **chosen)
    return preprocessing.current(record)


def _with(names: tuple[str, ...], name: str, inside: bool) -> tuple[str, ...]:
    if inside == (name in names):
        return names
    return (*names, name) if inside else tuple(other for other in names if other != name)


def _before(raw: Raw, column: Column) -> None:
    st.markdown("As it arrived")
    picture = column_pictures.values(column)
    if picture:
        st.image(picture, width="stretch", alt=f"Values of {column.name} as they arrived")
    values = raw.rows[column.name]
    st.caption(f"{formatting.count(len(values), 'row')} · {column.distinct:,} different · {column.missing:,} blank")
    if column.dtype == "number" and column.distinct:
        numbers = values.astype("float64")
        facts = {"From": numbers.min(), "to": numbers.max(), "half of them up to": numbers.median()}
        st.caption(" ".join(f"{name} {formatting.value(float(value))}" for name, value in facts.items()))
    if column.top:
        st.caption(" · ".join(f"{formatting.plain(formatting.cut(word, 30))} {n:,}" for word, n in column.top))


def _after(raw: Raw, now: Preparation, column: Column) -> None:
    st.markdown("As it will be learned from")
    try:
        preview = column_preview(raw, now, column.name)
    except InputError as error:
        st.caption(formatting.sentence(str(error)))
        return
    if preview is None:
        st.caption(
            "Its words are compared with each other; what comes of them is known once all texts have been read."
            if now.role(column) == "feature" and column.dtype == "text"
            else "It does not take part."
        )
        return
    for name, histogram, edges in list(zip(preview.names, preview.histograms, preview.edges, strict=True))[
        :MOST_PICTURES
    ]:
        st.image(column_pictures.ranges(histogram), width="stretch", alt=f"Values of {name} once prepared")
        st.caption(f"{formatting.plain(name)}: {edges[0]:.2f} to {edges[-1]:.2f}")
    if len(preview.names) > MOST_PICTURES:
        st.caption(f"and {formatting.count(len(preview.names) - MOST_PICTURES, 'more number')}")
    table = pd.DataFrame(
        [(cell, ", ".join(f"{value:g}" for value in numbers[:MOST_PICTURES])) for cell, numbers in preview.examples],
        columns=["in the file", "becomes"],
    )
    st.dataframe(table, hide_index=True, key="column-examples")

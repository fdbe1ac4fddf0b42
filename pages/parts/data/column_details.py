"""A closer look at one column: as it arrived and as it will be learned from, with the choices that it has."""

from typing import Any

import pandas as pd
import streamlit as st

from engine.core.errors import InputError
from engine.intake import Column, Preparation, Raw, column_preview, count_coded_blanks, format_time, is_time
from engine.runs.db.records import DatasetRecord
from pages.parts.app import dialogs, error_boundary, formatting, layout
from pages.parts.data import column_pictures, preprocessing

MOST_PICTURES = 4
_PARTS = {
    "age": ("Position in time", "How long ago it was."),
    "month": ("Month of the year", "In a circle: December is close to January."),
    "weekday": ("Day of the week", "In a circle: Sunday is close to Monday."),
    "hour": ("Time of day", "In a circle: 23:50 is close to 00:10."),
}
"""Part of a date: what its switch is called, and what it means."""


@st.dialog("A column, before and after", width="medium", icon=":material/zoom_in:", on_dismiss=dialogs.closed)
def show(record: DatasetRecord, raw: Raw, name: str) -> None:
    """Before on the left, after on the right, examples below."""
    with error_boundary.plain_words():
        column = raw.column(name)
        st.markdown(f"**{formatting.plain(name)}**")
        now = _switches(record, raw, column, preprocessing.current(record))
        before, after = layout.split("column-split", 1, 1, 240)
        with before:
            _before(raw, column)
        with after:
            _after(raw, now, column)


def _switches(record: DatasetRecord, raw: Raw, column: Column, now: Preparation) -> Preparation:
    """The choices of a column that takes part: of numbers, words with an order, dates and times, and codes for blanks."""
    if now.role(column) != "feature":
        return now
    key = f"column-{record.id}-{column.name}"
    chosen: dict[str, Any] = {}
    if is_time(raw, column.name):
        chosen = _time(key, column, now)
    elif column.dtype == "number":
        chosen = _number(key, column, now)
    elif column.dtype == "date":
        chosen = _date(key, raw, column, now)
    elif order := Preparation.from_json(record.preparation).ordinal.get(column.name):
        chosen = _order(key, column, order, now)
    chosen |= _codes(key, record, raw, column, now)
    if any(getattr(now, field) != value for field, value in chosen.items()):
        preprocessing.change(record, **chosen)
        return preprocessing.current(record)
    return now


def _number(key: str, column: Column, now: Preparation) -> dict[str, Any]:
    """As words, by ratio."""
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
    return {
        "categories": _with(now.categories, column.name, words),
        "log": _with(now.log, column.name, ratio and not words),
    }


def _order(key: str, column: Column, order: tuple[str, ...], now: Preparation) -> dict[str, Any]:
    """Words that have an order as numbers, or each on its own."""
    ordered = st.toggle(
        f"In this order: {' < '.join(formatting.plain(formatting.cut(word, 30)) for word in order)}",
        column.name in now.ordinal,
        key=f"{key}-order",
        help="Each word counts as its place in this order, so that neighbors are close. Off: all words are equally far apart.",
    )
    others = {name: words for name, words in now.ordinal.items() if name != column.name}
    return {"ordinal": {**others, column.name: order} if ordered else others}


def _time(key: str, column: Column, now: Preparation) -> dict[str, Any]:
    """Hours in a circle, or in a line."""
    circle = st.toggle(
        "Around the clock",
        "hour" in now.date_parts.get(column.name, ()),
        key=f"{key}-hour",
        help="Times run in a circle: 23:50 is then close to 00:10. Without it they are as far apart as can be.",
    )
    parts = {name: parts for name, parts in now.date_parts.items() if name != column.name}
    return {"date_parts": {**parts, column.name: ("hour",)} if circle else parts}


def _has_times(raw: Raw, column: Column) -> bool:
    moments = raw.rows[column.name].dropna()
    return bool((moments.dt.normalize() != moments).any())


def _date(key: str, raw: Raw, column: Column, now: Preparation) -> dict[str, Any]:
    """What counts of dates; the last part that is left stays."""
    counting = now.parts_of(column.name)
    offered = [part for part in _PARTS if part != "hour" or part in counting or _has_times(raw, column)]
    on = [part for part in offered if st.session_state.get(f"{key}-{part}", part in counting)]
    with st.container(horizontal=True):
        picked = tuple(
            part
            for part in offered
            if st.toggle(
                _PARTS[part][0], part in counting, key=f"{key}-{part}", help=_PARTS[part][1], disabled=on == [part]
            )
        )
    parts = {name: chosen for name, chosen in now.date_parts.items() if name != column.name}
    usual = picked in ((), ("age",))
    return {"date_parts": parts if usual else {**parts, column.name: picked}}


def _codes(key: str, record: DatasetRecord, raw: Raw, column: Column, now: Preparation) -> dict[str, Any]:
    """Codes that were found in the column: each a blank, or a value like the others."""
    found = Preparation.from_json(record.preparation).coded_blanks.get(column.name, ())
    codes = tuple(dict.fromkeys([*found, *now.coded_blanks.get(column.name, ())]))
    if not codes:
        return {}
    counted = count_coded_blanks(raw.rows, {column.name: codes})
    blank = []
    for code, (_, shown, cells) in zip(codes, counted, strict=True):
        if st.toggle(
            f"{shown} stands for blank ({formatting.count(cells, 'cell')})",
            code in now.coded_blanks.get(column.name, ()),
            key=f"{key}-code-{shown}",
            help="It lies far from all other values, as codes for “no answer” do. Off: it counts as the value that it is.",
        ):
            blank.append(code)
    others = {name: values for name, values in now.coded_blanks.items() if name != column.name}
    return {"coded_blanks": {**others, column.name: tuple(blank)} if blank else others}


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
        written = format_time if is_time(raw, column.name) else formatting.value
        st.caption(" ".join(f"{name} {written(float(value))}" for name, value in facts.items()))
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

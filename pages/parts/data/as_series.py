"""A table that holds series, read once more as such: suggested where it looks like one, offered where it could be one."""

from dataclasses import dataclass

import streamlit as st

from engine import intake
from engine.intake import Raw
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord
from pages.parts.app import current, error_boundary, formatting
from pages.parts.data import preprocessing

_WIDE, _LONG = "Each row is a series", "Each row is one moment of a series"
_AS_IT_IS = "As the rows come"


def suggest(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    """Say that the table seems to hold series, and how to go on with it."""
    seems = _seems(record.id, raw)
    if not seems.note:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="series-suggested"):
        if seems.parts:
            series, time = seems.parts
            number = formatting.count(raw.column(series).distinct, "series", "series")
            text = (
                f"Each row looks like one moment of a series: {number}, "
                f"told apart by *{formatting.plain(series)}*, in the order of *{formatting.plain(time)}*."
            )
            how: dict[str, object] = {"series": series, "time": time}
        else:
            names = _columns(record, raw)
            text = (
                f"The {len(names)} columns from {formatting.plain(names[0])} to {formatting.plain(names[-1])} "
                "run on smoothly, like moments of a measurement."
            )
            how = {"columns": names}
        st.markdown(f":material/show_chart: {text}", width="stretch")
        if st.button("Read as series", icon=":material/show_chart:", key="series-now"):
            _go(workspace, record, how)


def notes_besides(record: DatasetRecord, raw: Raw) -> list[str]:
    """The notes on what arrived but for the one that `suggest` shows."""
    return [note for note in raw.notes if note != _seems(record.id, raw).note]


def offer(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    """The way for tables that do not look like it."""
    numbers = sum(column.dtype == "number" for column in raw.columns)
    if raw.kind != "table" or numbers < 2 or _seems(record.id, raw).note:
        return
    if st.button(
        "Read as series",
        type="tertiary",
        icon=":material/show_chart:",
        key="series-ask",
        help="For measurements over time: a series in each row, or a moment in each row.",
    ):
        _dialog(workspace, record, raw)


@st.dialog("Read this table as series", width="medium", icon=":material/show_chart:")
def _dialog(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    with error_boundary.plain_words():
        shape = st.radio("How the table holds them", [_WIDE, _LONG], key="series-shape")
        names = _columns(record, raw)
        if shape == _WIDE:
            st.caption(f"The {len(names)} columns of numbers that are used are its moments, in their order.")
            how: dict[str, object] = {"columns": names}
        else:
            # Names of series are mostly words; of columns with words, mostly the first.
            every = [
                column.name for column in sorted(raw.columns, key=lambda column: column.dtype in ("number", "date"))
            ]
            dates = [column.name for column in raw.columns if column.dtype == "date"]
            which = st.selectbox("Which series a row belongs to", every, key="series-of", format_func=formatting.plain)
            times = [_AS_IT_IS, *(name for name in every if name != which)]
            start = times.index(dates[0]) if dates and dates[0] in times else 0
            time = st.selectbox("In the order of", times, start, key="series-time", format_func=formatting.plain)
            how = {"series": which, "time": "" if time == _AS_IT_IS else time}
        st.caption("The table stays as it is; the series stand beside it under Data.")
        if st.button("Read", type="primary", key="series-read"):
            _go(workspace, record, how)


def _columns(record: DatasetRecord, raw: Raw) -> list[str]:
    """The columns of numbers that the reader wants used."""
    now = preprocessing.current(record)
    return [name for name in intake.numeric_columns(raw) if now.role(raw.column(name)) == "feature"]


@dataclass(frozen=True)
class _Seems:
    """The sentence on the series that a table seems to hold, and what tells them apart and orders their moments."""

    note: str
    parts: tuple[str, str] | None


@st.cache_data(max_entries=200, show_spinner=False)
def _seems(dataset: str, _raw: Raw) -> _Seems:
    return _Seems(intake.series_note(_raw), intake.long_table(_raw))


def _go(workspace: Workspace, record: DatasetRecord, how: dict[str, object]) -> None:
    label = next((name for name, role in preprocessing.current(record).roles.items() if role == "label"), None)
    how |= {"label": label} if label else {}
    current.go("data", arriving=workspace.read_as_series(record.id, how).id)

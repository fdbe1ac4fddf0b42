"""A table that holds series, read once more as such: suggested where it looks like one, offered where it could be one."""

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
    """Say that the columns run on like moments of a series, and how to go on with it."""
    if not _looks(record.id, raw):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="series-suggested"):
        names = _columns(record, raw)
        st.markdown(
            f":material/show_chart: The {len(names)} columns from {formatting.plain(names[0])} to {formatting.plain(names[-1])} "
            "run on smoothly, like moments of a measurement.",
            width="stretch",
        )
        if st.button("Read as series", icon=":material/show_chart:", key="series-now"):
            _go(workspace, record, {"columns": names})


def offer(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    """The way for tables that do not look like it."""
    if raw.kind != "table" or len(_columns(record, raw)) < 2 or _looks(record.id, raw):
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


@st.cache_data(max_entries=200, show_spinner=False)
def _looks(dataset: str, _raw: Raw) -> bool:
    return intake.looks_like_series(_raw)


def _go(workspace: Workspace, record: DatasetRecord, how: dict[str, object]) -> None:
    label = next((name for name, role in preprocessing.current(record).roles.items() if role == "label"), None)
    how |= {"label": label} if label else {}
    current.go("data", arriving=workspace.read_as_series(record.id, how).id)

"""One data set: what arrived on the left, what will be done to it on the right, its columns below."""

import numpy as np
import streamlit as st

from engine.intake import Raw
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord
from pages.parts.app import colors, current, date_columns, formatting, layout, notes
from pages.parts.components import wall
from pages.parts.data import as_series, columns, graph, preprocessing, read_again
from pages.parts.home import samples
from pages.parts.results import context

ICONS = {
    "table": ":material/table_view:",
    "image": ":material/image:",
    "series": ":material/show_chart:",
    "text": ":material/notes:",
    "graph": ":material/hub:",
}
_MOST_COLUMNS = 200
"""Columns of the table that is shown; those of a wider one can be searched below it."""
_KINDS = {
    "table": ("row", "rows"),
    "image": ("picture", "pictures"),
    "series": ("series", "series"),
    "text": ("text", "texts"),
    "graph": ("node", "nodes"),
}


def facts(record: DatasetRecord) -> str:
    """How much of what it is."""
    amount = formatting.count(record.n, *_KINDS[record.kind])
    return f"{amount} · {formatting.count(record.columns, 'column')}" if record.kind == "table" else amount


def show(workspace: Workspace, record: DatasetRecord) -> None:
    """The page of one data set; the next step is choosing a method."""
    raw = workspace.raw(record.id)
    st.title(formatting.plain(formatting.cut(samples.title(record), 60)), anchor=False)
    st.caption(f"{ICONS[record.kind]} {facts(record)}")
    as_series.suggest(workspace, record, raw)
    left, right = layout.split("dataset-split")
    with left, st.container(border=True):
        _arrived(record, raw)
        graph.offer(workspace, record, raw)
        read_again.offer(workspace, record, raw)
    with right, st.container(border=True):
        preprocessing.show(record, raw)
    with st.container(horizontal=True, horizontal_alignment="right"):
        as_series.offer(workspace, record, raw)
        if st.button(
            "Choose a method", type="primary", icon=":material/arrow_forward:", icon_position="right", key="to-method"
        ):
            current.go("method", dataset=record.id, **preprocessing.carried())
    if raw.kind != "graph":  # nodes are grouped by their links alone
        columns.show(record, raw)


def _arrived(record: DatasetRecord, raw: Raw) -> None:
    """A table or a wall of the first members, and notes on reading."""
    st.subheader("What arrived", anchor=False)
    notes.show(as_series.notes_besides(record, raw))
    if raw.kind == "graph":
        graph.show(record.id, raw)
        return
    if raw.values is None:
        rows = raw.rows.iloc[:500, :_MOST_COLUMNS]
        st.dataframe(
            rows, key=f"rows-{record.id}", height=340, hide_index=True, column_config=date_columns.config(rows)
        )
        if raw.rows.shape[1] > _MOST_COLUMNS:
            st.caption(
                f"The first {_MOST_COLUMNS} of {raw.rows.shape[1]:,} columns. All of them are below, to search in."
            )
        return
    some = np.unique(np.linspace(0, len(raw) - 1, 60 if raw.kind == "image" else 24).round().astype(int))
    size = 56 if raw.kind == "image" else 48
    shade = colors.groups(1)[0]
    tiles = [
        wall.Tile(int(i), pictures=((context.picture_uri(raw.values[i], raw.kind, size, shade), ""),)) for i in some
    ]
    wall.show(f"wall-{record.id}", tiles, size=size, wide=raw.kind == "series")

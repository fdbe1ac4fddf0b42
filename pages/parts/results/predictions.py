"""The groups of another file's rows: how many fit, their shares beside those of the training, and the rows, outliers first."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from engine import view
from engine.intake import Raw
from engine.results import as_csv, as_parquet, predictions_table
from engine.results.evaluate.assignment import RULE, Assignment
from engine.runs.db.records import Request
from pages.parts.app import colors, formatting, glossary, layout, notes
from pages.parts.components import plotly_chart, wall
from pages.parts.results import member_table
from pages.parts.results.context import ResultContext, picture_uri

_ALL, _ODD, _LEFT = "All", "Do not fit", "Left out"


def show(context: ResultContext, request: Request) -> None:
    """Everything about one file."""
    rows, raw = context.workspace.predictions.read(request.id), context.workspace.predictions.raw(request.id)
    _head(context, request, rows, raw)
    left, right = layout.split(f"placed-split-{request.id}", 2, 3)
    with left, st.container(border=True):
        _shares(context, request)
    with right, st.container(border=True):
        _rows(context, request, rows, raw)


def _head(context: ResultContext, request: Request, rows: Assignment, raw: Raw) -> None:
    """How many fit in one line, what that means below it, and the files to take away."""
    summary = request.summary
    n, outliers, left_out = summary["n"], summary["odd"], summary["left_out"]
    parts = [
        f"**{formatting.count(n, 'row')}**",
        f"{n - outliers - left_out:,} fit",
        f"**{outliers:,} {'does' if outliers == 1 else 'do'} not fit**" if outliers else "no outliers",
    ]
    parts += [f"{left_out:,} left out as blank"] if left_out else []
    parts += [f"{formatting.share(summary['sure'])} sure on average"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(" · ".join(parts), width="stretch", help=f"{RULE} {glossary.HELP['sure']}")
        with st.container(horizontal=True, width="content"):
            _downloads(context, request, rows, raw)
    notes.show(raw.notes)
    if outliers > 0.2 * n:
        st.warning(
            "Many of these rows are unlike anything seen in training. Their groups say little: check that the file holds "
            "the same columns in the same units, or train a new run on it.",
            icon=":material/warning:",
        )


def _downloads(context: ResultContext, request: Request, rows: Assignment, raw: Raw) -> None:
    stem = request.name.rsplit(".", 1)[0][:60] or "rows"
    makes: tuple[tuple[str, Callable[[], bytes], str, str], ...] = (
        ("CSV", partial(csv, context, request, rows), "csv", "text/csv"),
        ("Parquet", partial(_parquet, context, rows, raw), "parquet", "application/vnd.apache.parquet"),
    )
    for label, make, ending, mime in makes:
        st.download_button(
            label,
            make,
            f"{stem}-groups.{ending}",
            mime,
            key=f"placed-{ending}-{request.id}",
            on_click="ignore",
            icon=":material/download:",
        )


def csv(context: ResultContext, request: Request, rows: Assignment) -> bytes:
    """The new rows, each cell as it is written in their file, with their groups."""
    with context.workspace.predictions.rows_as_written(request.id) as written:
        return as_csv(predictions_table(context.result, rows, written))


def _parquet(context: ResultContext, rows: Assignment, raw: Raw) -> bytes:
    return as_parquet(predictions_table(context.result, rows, raw.rows))


def _shares(context: ResultContext, request: Request) -> None:
    """The groups of the new rows beside those of the training."""
    result, sizes = context.result, request.summary["sizes"]
    st.markdown("**Groups of the new rows**")
    st.caption("Share of each group; the line is where it was when the run was trained.")
    alt = "Share of each group among the new rows, beside its share among the training data; the table below has the numbers."
    plotly_chart.show(f"placed-shares-{request.id}", view.shares(result, sizes, colors.theme()), alt)
    with st.expander("As a table"):
        table = pd.DataFrame(
            {
                "Group": [group.title for group in result.groups],
                "New rows": sizes,
                "Share": np.array(sizes) / max(sum(sizes), 1),
                "When trained": result.sizes / max(int(result.sizes.sum()), 1),
            }
        )
        part = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            table,
            hide_index=True,
            key=f"placed-table-{request.id}",
            column_config={"Share": part, "When trained": part},
        )


def _rows(context: ResultContext, request: Request, rows: Assignment, raw: Raw) -> None:
    """The rows page by page, those that do not fit first."""
    options = [_ALL, *([_ODD] if rows.outlier.any() else []), *([_LEFT] if rows.left_out.any() else [])]
    options += [group.title for group in context.result.groups if (rows.labels == group.label).any()]
    choice = st.selectbox("Rows", options, key=f"placed-shown-{request.id}", width=220)
    order = rows.order()
    order = order[_wanted(context, rows, choice)[order]]
    st.caption(f"{formatting.count(len(order), 'row')}; those that do not fit come first, then the least sure.")
    pages = -(-len(order) // member_table.PAGE)
    page = st.pagination(pages, key=f"placed-page-{request.id}-{choice}") - 1 if pages > 1 else 0
    part = order[page * member_table.PAGE : (page + 1) * member_table.PAGE]
    if raw.values is not None:
        _pictures(context, request, rows, raw, part)
    else:
        _table(context, request, rows, raw, part)


def _wanted(context: ResultContext, rows: Assignment, choice: str) -> np.ndarray:
    if choice in (_ODD, _LEFT):
        return rows.outlier if choice == _ODD else rows.left_out
    labels = {group.title: group.label for group in context.result.groups}
    return np.ones(len(rows), bool) if choice == _ALL else rows.labels == labels[choice]


def _caption(context: ResultContext, rows: Assignment, row: int) -> str:
    """A row's group, and how sure that is or that it does not fit."""
    label = int(rows.labels[row])
    if rows.outlier[row] or rows.left_out[row]:
        return "Does not fit" if rows.outlier[row] else "Left out"
    group = "Unassigned" if label < 0 else context.result.groups[label].title
    return f"{group} · {formatting.share(float(rows.sure[row]))} sure"


def _pictures(context: ResultContext, request: Request, rows: Assignment, raw: Raw, part: np.ndarray) -> None:
    shades = {-1: colors.unassigned()} | dict(enumerate(colors.groups(context.result.k)))
    assert raw.values is not None
    tiles = [
        wall.Tile(
            row,
            words=_caption(context, rows, row),
            pictures=((picture_uri(raw.values[row], raw.kind, 84, shades[int(rows.labels[row])]), ""),),
        )
        for row in part.tolist()
    ]
    wall.show(f"placed-wall-{request.id}", tiles, size=84)


def _table(context: ResultContext, request: Request, rows: Assignment, raw: Raw, part: np.ndarray) -> None:
    titles = np.array([*(group.title for group in context.result.groups), "Unassigned"], dtype=object)
    table = pd.DataFrame(
        {
            "Row": part + 1,
            "Group": titles[rows.labels[part]],
            "Sure": 100 * rows.sure[part],
            "Fits": np.where(rows.left_out[part], "left out", np.where(rows.outlier[part], "no", "yes")),
            "How far": rows.distance[part],
        }
    )
    own = raw.rows.iloc[part].reset_index(drop=True)
    own.columns = [f"{name} (yours)" if name in table.columns else str(name) for name in own.columns]
    columns = member_table.column_config(own) | {
        "How far": st.column_config.NumberColumn(format="%.2f", help="1 is the limit of what is usual, 2 twice as far.")
    }
    st.dataframe(
        pd.concat([table, own], axis=1),
        hide_index=True,
        key=f"placed-rows-{request.id}",
        column_config=columns,
        height=member_table.height(len(part), 12),
    )

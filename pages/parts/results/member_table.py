"""Members as people want to see them: pictures as a wall, everything else as a table; and as files to take away."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from engine.results import labels_csv, labels_parquet
from engine.runs.workers import export_job
from pages.parts.app import date_columns, formatting, glossary
from pages.parts.components import wall
from pages.parts.results import selected_cluster, telling_columns
from pages.parts.results.context import BY_RESULT, ResultContext

PAGE = 48
_ORDERS = ("Surest first", "Least sure first", "Most unusual first")


def show_few(key: str, context: ResultContext, some: np.ndarray) -> None:
    """A handful of members, `some` [m]: pictures where the data has them, else rows."""
    if context.raw is not None and context.raw.values is not None:
        _pictures(f"few-{key}", context, some, 56)
    else:
        table = _table(context, some, most=4)
        st.dataframe(
            table, hide_index=True, key=f"few-{key}", column_config=column_config(table), height=height(len(table), 6)
        )


def show(context: ResultContext) -> None:
    """All members, by group and by doubt, page by page."""
    result = context.result
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = _group(context)
        order = st.segmented_control(
            "Order",
            _ORDERS if result.outlier_score is not None else _ORDERS[:2],
            default=_ORDERS[0],
            required=True,
            key=f"{context.key}-members-order",
            help=glossary.HELP["sure"],
        )
        doubtful = st.toggle("Doubtful ones only", key=f"{context.key}-doubtful", help=glossary.HELP["doubtful"])
    order = order or _ORDERS[0]
    inside = ordered(context, order)
    inside = inside if group is None else inside[result.labels[inside] == group]
    inside = inside[result.doubtful[inside]] if doubtful else inside
    if not len(inside):
        st.info("No member fits. Choose another group or switch the filter off.", icon=":material/filter_alt_off:")
        return
    st.caption(f"{formatting.count(len(inside), 'member')}, {order.lower()}.")
    page = _page(context, len(inside))
    part = inside[page * PAGE : (page + 1) * PAGE]
    if context.raw is not None and context.raw.values is not None:
        _pictures(f"all-{context.key}", context, part, 84, named=group is None, scores=order == _ORDERS[2])
    else:
        table = _table(context, part)
        st.dataframe(
            table,
            hide_index=True,
            key=f"members-{context.key}",
            column_config=column_config(table),
            height=height(len(table), 14),
        )
        _say_columns(context)


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=BY_RESULT)
def ordered(context: ResultContext, order: str) -> npt.NDArray[np.intp]:
    """All members in one of the orders, int [n]; a million are not sorted anew for every page of them."""
    result = context.result
    keys = {_ORDERS[1]: result.sure, _ORDERS[2]: None if result.outlier_score is None else -result.outlier_score}
    key = keys.get(order)
    return np.argsort(-result.sure if key is None else key, kind="stable")


def _group(context: ResultContext) -> int | None:
    """The group to show; it starts with the one chosen on the map."""
    result, now = context.result, selected_cluster.current(context.result)
    options: list[int | None] = [None, *range(result.k), *([-1] if result.unassigned else [])]

    def group_title(label: int | None) -> str:
        return "All groups" if label is None else "Unassigned" if label < 0 else result.groups[label].display_name

    key = f"{context.key}-members-group-{now}"
    return st.selectbox("Group", options, options.index(now), format_func=group_title, key=key, width=220)


def _page(context: ResultContext, n: int) -> int:
    pages = -(-n // PAGE)
    return st.pagination(pages, key=f"{context.key}-members-page-{pages}") - 1 if pages > 1 else 0


def _pictures(
    key: str, context: ResultContext, some: np.ndarray, size: int, named: bool = False, scores: bool = False
) -> None:
    """A wall of members, each with how sure it is, or its outlier score if `scores`, and its group if `named`."""
    result = context.result

    def caption(i: int) -> str:
        label = int(result.labels[i])
        group = "" if not named else "Unassigned, " if label < 0 else f"{result.groups[label].display_name}, "
        if scores and result.outlier_score is not None:
            return f"{group}outlier score: {result.outlier_score[i]:.2f}"
        return f"{group}{formatting.share(float(result.sure[i]))} sure"

    tiles = [
        wall.Tile(int(i), words=caption(int(i)), pictures=((picture, ""),))
        for i in some
        if (picture := context.picture(int(i), size)) is not None
    ]
    wall.show(key, tiles, size=size, wide=result.kind == "series")


def _say_columns(context: ResultContext) -> None:
    """How many of the columns are shown, where not all are."""
    own = _own_columns(context)
    if said := telling_columns.caption(len(telling_columns.cut(context.result, own)), len(own)):
        st.caption(said)


def _own_columns(context: ResultContext) -> list[str]:
    """The user's columns, the name of the row first."""
    assert context.raw is not None
    named = [column.name for column in context.raw.columns if column.role == "id"][:1]
    return named + [c.name for c in context.raw.columns if c.name not in named and c.role != "ignore"]


def _table(context: ResultContext, some: np.ndarray, most: int | None = None) -> pd.DataFrame:
    """Members with their group and how sure it is; `most` columns of their own."""
    result, rows = context.result, context.rows(some)
    named = telling_columns.cut(result, _own_columns(context))
    table = rows[named if most is None else named[:most]].reset_index(drop=True)
    table.columns = [_free(name) for name in table.columns]
    table.insert(0, _SURE, 100 * result.sure[some])
    if most is None:
        table.insert(
            0,
            _GROUP,
            ["Unassigned" if label < 0 else result.groups[label].display_name for label in result.labels[some]],
        )
        table.insert(0, _ROW, result.kept[some] + 1)
        for name, values in ((_ERROR, result.reconstruction_error), (_OUTLIER, result.outlier_score)):
            if values is not None:
                table.insert(3, name, values[some])
    return table


_ROW, _GROUP, _SURE, _OUTLIER, _ERROR = "Row", "Group", "Sure", "Outlier score", "Reconstruction error"


def _free(name: str) -> str:
    """A user's column keeps its name unless it is one of ours."""
    return f"{name} (yours)" if name in (_ROW, _GROUP, _SURE, _OUTLIER, _ERROR) else name


def column_config(table: pd.DataFrame) -> dict[str, Any]:
    """How the columns of rows and sureness, and those of days in `table`, are written."""
    return date_columns.config(table) | {
        _SURE: st.column_config.ProgressColumn(
            _SURE, min_value=0.0, max_value=100.0, format="%.0f %%", width="small", help=glossary.HELP["sure"]
        ),
        _ROW: st.column_config.NumberColumn(_ROW, width="small"),
        _OUTLIER: st.column_config.NumberColumn(
            _OUTLIER, format="%.2f", width=105, help=glossary.HELP["outlier_score"]
        ),
        _ERROR: st.column_config.NumberColumn(
            _ERROR, format="%.3g", width=155, help=glossary.HELP["reconstruction_error"]
        ),
    }


def height(rows: int, most: int) -> int:
    """Pixels for a table of some rows, of which at most `most` are seen at once."""
    return 37 + 35 * min(max(rows, 1), most)


def csv(context: ResultContext, some: np.ndarray | None = None) -> bytes:
    """The labels of all rows, or of the members `some` [m], as the command line writes them; a guest gets what they may see."""
    if context.raw is None:
        return labels_csv(context.result, None, some)
    return export_job.csv(context.workspace, context.run, some)


def parquet(context: ResultContext) -> bytes:
    """The same as Parquet."""
    return labels_parquet(context.result, None if context.raw is None else context.raw.rows)


def download(key: str, context: ResultContext, some: np.ndarray) -> None:
    """A button for the CSV of the members `some` [m]."""
    make: Callable[[], bytes] = lambda: csv(context, some)
    st.download_button(
        "Download these members",
        make,
        "selection.csv",
        "text/csv",
        key=f"download-{key}",
        on_click="ignore",
        icon=":material/download:",
    )

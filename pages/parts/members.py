"""Members as people want to see them: pictures as a wall, everything else as a table; and as files to take away."""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import chosen, terms, wall, words
from pages.parts.finding import Finding

PAGE = 48
_ORDERS = ("Surest first", "Least sure first")


def few(key: str, found: Finding, some: np.ndarray) -> None:
    """A handful of members, small."""
    if found.raw is not None and found.raw.values is not None:
        _pictures(f"few-{key}", found, some, 56)
    else:
        table = _table(found, some, most=4)
        st.dataframe(table, hide_index=True, key=f"few-{key}", column_config=looks(), height=height(len(table), 6))


def show(found: Finding) -> None:
    """All members, by group and by doubt, page by page."""
    result = found.result
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = _group(found)
        order = st.segmented_control(
            "Order",
            _ORDERS,
            default=_ORDERS[0],
            required=True,
            key=f"{found.key}-members-order",
            help=terms.HELP["sure"],
        )
        doubtful = st.toggle("Doubtful ones only", key=f"{found.key}-doubtful", help=terms.HELP["doubtful"])
    inside = np.arange(len(result)) if group is None else np.flatnonzero(result.labels == group)
    inside = inside[result.doubtful[inside]] if doubtful else inside
    least = order == _ORDERS[1]
    inside = inside[np.argsort(result.sure[inside] if least else -result.sure[inside], kind="stable")]
    if not len(inside):
        st.info("No member fits. Choose another group or switch the filter off.", icon=":material/filter_alt_off:")
        return
    st.caption(f"{words.count(len(inside), 'member')}, {'least' if least else 'most'} sure first.")
    page = _page(found, len(inside))
    part = inside[page * PAGE : (page + 1) * PAGE]
    if found.raw is not None and found.raw.values is not None:
        _pictures(f"all-{found.key}", found, part, 84, named=group is None)
    else:
        table = _table(found, part)
        st.dataframe(
            table, hide_index=True, key=f"members-{found.key}", column_config=looks(), height=height(len(table), 14)
        )


def _group(found: Finding) -> int | None:
    """The group to show; it starts with the one chosen on the map."""
    result, now = found.result, chosen.current(found.result)
    options: list[int | None] = [None, *range(result.k), *([-1] if result.unassigned else [])]

    def spoken(label: int | None) -> str:
        return "All groups" if label is None else "Unassigned" if label < 0 else result.groups[label].called

    key = f"{found.key}-members-group-{now}"
    return st.selectbox("Group", options, options.index(now), format_func=spoken, key=key, width=220)


def _page(found: Finding, n: int) -> int:
    pages = -(-n // PAGE)
    return st.pagination(pages, key=f"{found.key}-members-page-{pages}") - 1 if pages > 1 else 0


def _pictures(key: str, found: Finding, some: np.ndarray, size: int, named: bool = False) -> None:
    """A wall of members, with how sure each is and, where they are `named`, their groups."""
    result = found.result

    def said(i: int) -> str:
        label = int(result.labels[i])
        group = "" if not named else "Unassigned, " if label < 0 else f"{result.groups[label].called}, "
        return f"{group}{words.share(float(result.sure[i]))} sure"

    tiles = [
        wall.Tile(int(i), words=said(int(i)), pictures=((picture, ""),))
        for i in some
        if (picture := found.picture(int(i), size)) is not None
    ]
    wall.show(key, tiles, size=size, wide=result.kind == "series")


def _table(found: Finding, some: np.ndarray, most: int | None = None) -> pd.DataFrame:
    """Members with their group and how sure it is; `most` columns of their own."""
    result, rows = found.result, found.rows(some)
    assert found.raw is not None
    named = [column.name for column in found.raw.columns if column.role == "id"][:1]
    named += [column.name for column in found.raw.columns if column.name not in named and column.role != "ignore"]
    table = rows[named if most is None else named[:most]].reset_index(drop=True)
    table.columns = [_free(name) for name in table.columns]
    table.insert(0, _SURE, 100 * result.sure[some])
    if most is None:
        table.insert(
            0, _GROUP, ["Unassigned" if label < 0 else result.groups[label].called for label in result.labels[some]]
        )
        table.insert(0, _ROW, result.kept[some] + 1)
    return table


_ROW, _GROUP, _SURE = "Row", "Group", "Sure"


def _free(name: str) -> str:
    """A user's column keeps its name unless it is one of ours."""
    return f"{name} (yours)" if name in (_ROW, _GROUP, _SURE) else name


def looks() -> dict[str, object]:
    """How the columns of rows and sureness are written."""
    return {
        _SURE: st.column_config.ProgressColumn(
            _SURE, min_value=0.0, max_value=100.0, format="%.0f %%", width="small", help=terms.HELP["sure"]
        ),
        _ROW: st.column_config.NumberColumn(_ROW, width="small"),
    }


def height(rows: int, most: int) -> int:
    """Pixels for a table of some rows, of which at most `most` are seen at once."""
    return 37 + 35 * min(max(rows, 1), most)


def labeled(found: Finding, some: np.ndarray | None = None) -> pd.DataFrame:
    """The table people take away: row, group, how sure, the runner-up, and their own columns where they may see them."""
    result = found.result
    some = np.arange(len(result)) if some is None else some
    titles = np.array([*(group.title for group in result.groups), "Unassigned"], dtype=object)
    names = np.array([*(group.name for group in result.groups), "Unassigned"], dtype=object)
    table = pd.DataFrame({
        "row": result.kept[some] + 1,
        "group": titles[result.labels[some]],
        "group_name": names[result.labels[some]],
        "sure": result.sure[some].round(4),
        "next_group": np.where(result.second[some] < 0, "", titles[result.second[some]]),
    })  # fmt: skip
    if found.raw is None:
        return table
    own = found.rows(some).reset_index(drop=True)
    own.columns = [f"{name} (yours)" if name in table.columns else name for name in own.columns]
    return pd.concat([table, own], axis=1)


def csv(found: Finding, some: np.ndarray | None = None) -> bytes:
    """The labels as CSV that spreadsheets open with accents intact; no cell can be taken for a formula."""
    table = labeled(found, some)
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            text = table[name].astype("string")
            table[name] = text.where(~text.str.match(r"^[=+\-@\t\r]").fillna(False), "'" + text)
    return table.to_csv(index=False).encode("utf-8-sig")


def parquet(found: Finding) -> bytes:
    """The labels as Parquet."""
    buffer = io.BytesIO()
    labeled(found).to_parquet(buffer, index=False)
    return buffer.getvalue()


def download(key: str, found: Finding, some: np.ndarray) -> None:
    """A button for the CSV of some members."""
    make: Callable[[], bytes] = lambda: csv(found, some)
    st.download_button(
        "Download these members",
        make,
        "selection.csv",
        "text/csv",
        key=f"download-{key}",
        on_click="ignore",
        icon=":material/download:",
    )

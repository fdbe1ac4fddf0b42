"""Members that the method made up for a group."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.results import Group
from pages.parts.app import colors, formatting, glossary
from pages.parts.components import wall
from pages.parts.results import member_table
from pages.parts.results.context import ResultContext, drawn

_SIZE = 56


def show(found: ResultContext, group: Group) -> None:
    """Pictures, series or rows that do not exist; nothing where the method makes none up, or of texts, which are no words yet."""
    made = found.result.explanations.generated
    if made is None or found.result.kind == "text" or not group.size:
        return
    st.markdown("**Made up by the method**", help=glossary.HELP["invented"])
    key = f"madeup-{found.key}-{group.label}"
    if made.values is not None:
        _pictures(key, found, made.values[group.label], group.label)
    elif made.table is not None:
        _rows(key, made.table.iloc[group.label * made.each : (group.label + 1) * made.each], group, _shares(found))


def _pictures(key: str, found: ResultContext, values: np.ndarray, label: int) -> None:
    shade, kind = colors.groups(found.result.k)[label], found.result.kind
    # The first is the prototype, which stands above.
    pictures = [drawn(value, kind, _SIZE, shade) for value in values[1:]]
    tiles = [wall.Tile(i, pictures=((picture, ""),)) for i, picture in enumerate(pictures, 1)]
    wall.show(key, tiles, size=_SIZE, wide=kind == "series")


def _shares(found: ResultContext) -> set[str]:
    """Columns that hold the share of a category."""
    prototypes = found.result.prototypes
    return set() if prototypes is None else set(prototypes.share_columns.values())


def _rows(key: str, rows: pd.DataFrame, group: Group, shares: set[str]) -> None:
    """Columns that set the group apart come first."""
    own = [name for name in rows.columns if name not in shares]
    first = [d.column for d in group.differences if d.column in own]
    table = rows[list(dict.fromkeys([*first, *own]))]
    numbers: dict[Any, Any] = {
        name: formatting.value for name in table.columns if pd.api.types.is_numeric_dtype(table[name])
    }
    st.dataframe(table.style.format(numbers), hide_index=True, key=key, height=member_table.height(len(table), 8))

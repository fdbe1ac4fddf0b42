"""Members of a group that the method generated."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.results import Group
from pages.parts.app import colors, formatting, glossary
from pages.parts.components import wall
from pages.parts.results import member_table
from pages.parts.results.context import ResultContext, picture_uri

_SIZE = 56


def show(context: ResultContext, group: Group) -> None:
    """Draw generated pictures, series or rows of a group; nothing where the method generates none, or for texts, whose features
    cannot be turned back into words.
    """
    generated = context.result.explanations.generated
    if generated is None or context.result.kind == "text" or not group.size:
        return
    st.markdown("**Made up by the method**", help=glossary.HELP["invented"])
    key = f"madeup-{context.key}-{group.label}"
    if generated.values is not None:
        _pictures(key, context, generated.values[group.label], group.label)
    elif generated.table is not None:
        _rows(key, generated.table.iloc[generated.each * group.label :][: generated.each], group, _shares(context))


def _pictures(key: str, context: ResultContext, values: np.ndarray, label: int) -> None:
    shade, kind = colors.groups(context.result.k)[label], context.result.kind
    # The first is the prototype, which the portrait of the group shows already.
    pictures = [picture_uri(value, kind, _SIZE, shade) for value in values[1:]]
    tiles = [wall.Tile(i, pictures=((picture, ""),)) for i, picture in enumerate(pictures, 1)]
    wall.show(key, tiles, size=_SIZE, wide=kind == "series")


def _shares(context: ResultContext) -> set[str]:
    """Columns that hold the share of a category."""
    prototypes = context.result.prototypes
    return set() if prototypes is None else set(prototypes.share_columns.values())


def _rows(key: str, rows: pd.DataFrame, group: Group, shares: set[str]) -> None:
    """A table; the columns in which the group differs most come first."""
    own = [name for name in rows.columns if name not in shares]
    differing = [difference.column for difference in group.differences if difference.column in own]
    table = rows[list(dict.fromkeys([*differing, *own]))]
    formats: dict[Any, Any] = {
        name: formatting.value for name in table.columns if pd.api.types.is_numeric_dtype(table[name])
    }
    st.dataframe(table.style.format(formats), hide_index=True, key=key, height=member_table.height(len(table), 8))

"""What the dots of the map are colored by: group, label, how sure, outlier score, reconstruction error, or any column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts.app import colors, formatting, query_params
from pages.parts.components import map as dots
from pages.parts.results import telling_columns
from pages.parts.results.context import BY_RESULT, ResultContext

_MANY = 60
_SPOKEN = {
    "group": "Color: group",
    "label": "Color: true label",
    "sure": "Color: how sure",
    "odd": "Color: outlier score",
    "misdrawn": "Color: reconstruction",
}


def choose(context: ResultContext) -> str:
    """The picker; what it says is in the address, so that a link opens in the same colors."""
    options = _own(context)
    if context.raw is not None:
        aside = ("id",) if context.result.truth is None else ("id", "label")  # the label has a color of its own
        names = [column.name for column in context.raw.columns if column.role not in aside and column.dtype != "text"]
        options += [f"column:{name}" for name in telling_columns.cut(context.result, names)]
        if (asked := query_params.choice("color", [f"column:{name}" for name in names], "")) not in ("", *options):
            options.append(asked)
    start = query_params.choice("color", options, "group")
    by = st.selectbox(
        "Color by",
        options,
        options.index(start),
        format_func=_option_title,
        key=f"{context.key}-color",
        label_visibility="collapsed",
        width=190,
    )
    query_params.remember("color", by, "group")
    return by


def _own(context: ResultContext) -> list[str]:
    """What this result can be colored by, columns left aside; one that was stored earlier knows less."""
    known = {
        "label": context.result.truth,
        "odd": context.result.outlier_score,
        "misdrawn": context.result.reconstruction_error,
    }
    return [name for name in _SPOKEN if name not in known or known[name] is not None]


def _option_title(option: str) -> str:
    kind, _, name = option.partition(":")
    return name or _SPOKEN[kind]


def color_values(
    context: ResultContext, by: str
) -> tuple[np.ndarray, Sequence[str], Sequence[str], dots.Values | None]:
    """Codes, colors and names to paint by; numbers where the reader colors by a quantity."""
    result = context.result
    if by == "label" and result.truth is not None:
        return result.truth, colors.groups(len(result.class_names)), list(result.class_names), None
    own = result.labels, colors.groups(result.k), [group.display_name for group in result.groups]
    if by == "sure":
        return *own, dots.Values(result.sure, "sure")
    if by == "odd" and result.outlier_score is not None:
        return *own, dots.Values(result.outlier_score, "outlier score (1: the limit)")
    if by == "misdrawn" and result.reconstruction_error is not None:
        return *own, dots.Values(result.reconstruction_error, "reconstruction error")
    kind, _, name = by.partition(":")
    if kind == "column" and context.raw is not None and name in context.raw.rows:
        dtype = context.raw.rows[name].dtype
        if pd.api.types.is_bool_dtype(dtype) or not _countable(dtype):
            codes, called = _categories(context, name)
            return codes, colors.groups(len(called)), called, None
        return *own, dots.Values(_numbers(context, name), name)
    return *own, None


def _countable(dtype: Any) -> bool:
    return pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype)


def _column(context: ResultContext, name: str) -> pd.Series:
    """A column of the raw data, a value per member."""
    assert context.raw is not None
    values: pd.Series = context.raw.rows[name].iloc[context.result.kept]
    return values


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=BY_RESULT)
def _numbers(context: ResultContext, name: str) -> np.ndarray:
    """The numbers of a column, a date as days since 1970, float [n]."""
    column = _column(context, name)
    if pd.api.types.is_datetime64_any_dtype(column):
        days = (column - pd.Timestamp("1970-01-01", tz=column.dt.tz)) / pd.Timedelta(days=1)
        return days.to_numpy(np.float64)
    return column.to_numpy(np.float64, na_value=np.nan)


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=BY_RESULT)
def _categories(context: ResultContext, name: str) -> tuple[np.ndarray, Sequence[str]]:
    """The frequent values of a column as groups, int [n], and their names; the others together, empty cells have no group."""
    codes, values = pd.factorize(_column(context, name).astype("string"))
    frequent = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(values)), kind="stable")[:_MANY]
    groups = np.full(len(values) + 1, len(frequent), dtype=np.int32)
    groups[frequent] = np.arange(len(frequent))
    groups[-1] = -1  # where the code of an empty cell, -1, leads
    names = [formatting.cut(values[i], 40) for i in frequent]
    if len(values) > len(frequent):
        names.append("Other values")
    return groups[codes], names

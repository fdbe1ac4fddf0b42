"""The map of a result: what to color by, two or three dimensions, and what the reader picked on it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from engine.results import Result
from pages.parts import address, chosen, colors, finding, sight, terms, words
from pages.parts import map as dots
from pages.parts.finding import Finding
from pages.parts.map import Selection

HEIGHT = 372
CARD = 570
"""Height of the card and of the one beside it; a legend of many lines scrolls."""
_MANY = 60
_FLAT, _DEEP = "2-D", "3-D"


def show(found: Finding) -> Selection:
    """The card with the map; returns what is picked on it."""
    with st.container(border=True, height=CARD, key="map-card"):
        by, name = _pickers(found)
        picked = _map(found, by, name)
        sight.remember(picked.gaze)
        sight.remember_picked(found.key, picked)
        if chosen.follow(found.key, picked, found.result):
            st.rerun()
    return picked


def _pickers(found: Finding) -> tuple[str, str]:
    """Title and pickers on one line: what to color by, and the name of the map."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Map", anchor=False, help=terms.HELP["map"], width="stretch")
        by = _color_by(found)
        flat = _dimension(found.result)
    return by, best(found.result, flat)


def _color_by(found: Finding) -> str:
    options = ["group", *(["label"] if found.result.truth is not None else []), "sure"]
    if found.raw is not None:
        options += [
            f"column:{column.name}" for column in found.raw.columns if column.role != "id" and column.dtype != "text"
        ]
    start = address.choice("color", options, "group")
    by = st.selectbox(
        "Color by",
        options,
        options.index(start),
        format_func=_spoken,
        key=f"{found.key}-color",
        label_visibility="collapsed",
        width=190,
    )
    address.remember("color", by, "group")
    return by


def _spoken(option: str) -> str:
    kind, _, name = option.partition(":")
    return name or {"group": "Color: group", "label": "Color: true label", "sure": "Color: how sure"}[kind]


def _dimension(result: Result) -> bool:
    """True for the flat map."""
    if not any(name.endswith("3") for name in result.maps):
        return True
    start = address.choice("view", [_FLAT, _DEEP], _FLAT)
    view = st.segmented_control(
        "Dimensions", [_FLAT, _DEEP], default=start, required=True, key="view-dimension", label_visibility="collapsed"
    )
    address.remember("view", view or _FLAT, _FLAT)
    return view != _DEEP


def best(result: Result, flat: bool = True) -> str:
    """The name of the map that keeps neighbors together best: UMAP once it is ready, PCA until then."""
    names = sorted((name for name in result.maps if name.endswith("2" if flat else "3")), reverse=True)
    return names[0] if names else next(iter(result.maps))


def _map(found: Finding, by: str, name: str) -> Selection:
    result = found.result
    selected, clicked = sight.asked(found.key, len(result))
    group = chosen.current(result)
    groups, shades, names, values = _painted(found, by)
    return dots.show(
        f"map-{found.key}",
        positions=result.maps[name],
        groups=groups,
        colors=shades,
        names=names,
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        values=values,
        hover=finding.hover(found),
        focus=None if by != "group" or group is None else [group],
        selected=selected,
        clicked=clicked,
        gaze=sight.gaze(name),
        height=HEIGHT,
        title=f"Map of {len(result):,} members in {result.k} groups",
    )


def _painted(found: Finding, by: str) -> tuple[np.ndarray, Sequence[str], Sequence[str], dots.Values | None]:
    """Codes, colors and names to paint by; numbers where the reader colors by a quantity."""
    result = found.result
    if by == "label" and result.truth is not None:
        return result.truth, colors.groups(len(result.class_names)), list(result.class_names), None
    own = result.labels, colors.groups(result.k), [group.called for group in result.groups]
    if by == "sure":
        return *own, dots.Values(result.sure, "sure")
    kind, _, name = by.partition(":")
    if kind == "column" and found.raw is not None and name in found.raw.rows:
        column = found.raw.rows[name].iloc[result.kept]
        if pd.api.types.is_bool_dtype(column) or not (_countable(column)):
            return _categories(column)
        return *own, dots.Values(_numbers(column), name)
    return *own, None


def _countable(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)


def _numbers(column: pd.Series) -> np.ndarray:
    if pd.api.types.is_datetime64_any_dtype(column):
        days = (column - pd.Timestamp("1970-01-01", tz=column.dt.tz)) / pd.Timedelta(days=1)
        return days.to_numpy(np.float64)
    return column.to_numpy(np.float64, na_value=np.nan)


def _categories(column: pd.Series) -> tuple[np.ndarray, Sequence[str], Sequence[str], None]:
    """The most frequent values as groups of their own, the others together; empty cells have no group."""
    text = column.astype("string")
    frequent = text.value_counts().index[:_MANY].tolist()
    codes = pd.Categorical(text, categories=frequent).codes.astype(np.int64)
    other = (codes < 0) & text.notna().to_numpy()
    names = [words.cut(value, 40) for value in frequent]
    if other.any():
        codes[other] = len(names)
        names.append("Other values")
    return codes, colors.groups(len(names)), names, None

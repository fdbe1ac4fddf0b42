"""The five numbers on top of a result, each beside what it is compared with."""

import streamlit as st

from engine.results import MEASURES, Result
from pages.parts import words


def show(result: Result, seconds: float) -> None:
    """Five cards of one height."""
    with st.container(key="numbers"):
        cells = st.columns(5, gap="small")
    names = ["silhouette", "acc", "nmi"] if "acc" in result.metrics else ["silhouette", "davies_bouldin"]
    with cells[0]:
        unassigned = words.count(result.unassigned, "member") + " in none" if result.unassigned else None
        st.metric(
            "Groups",
            result.k,
            unassigned,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help=_groups(result),
        )
    for cell, name in zip(cells[1:], names, strict=False):
        with cell:
            _against(result, name)
    with cells[len(names) + 1]:
        _plain("doubtful", result, "could be elsewhere")
    if len(names) < 3:
        with cells[4]:
            st.metric(
                "Time",
                words.duration(seconds),
                "to train",
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def _groups(result: Result) -> str:
    return f"Into how many groups the {len(result):,} members were sorted."


def _against(result: Result, name: str) -> None:
    """A number beside that of plain k-means."""
    measure, value = MEASURES[name], result.metrics.get(name)
    other = result.baseline.metrics.get(name) if result.baseline else None
    delta = None if value is None or other is None else value - other
    st.metric(
        measure.label,
        written(name, value),
        None if delta is None else _difference(delta, measure.percent),
        delta_color="off"
        if delta is None or abs(delta) < 0.005
        else "normal"
        if measure.higher_is_better
        else "inverse",
        delta_arrow="off" if delta is not None and abs(delta) < 0.005 else "auto",
        border=True,
        height="stretch",
        help=f"{measure.help} The small number compares with plain k-means on the same data.",
    )


def _plain(name: str, result: Result, note: str) -> None:
    value = result.metrics.get(name, float(result.doubtful.mean()) if name == "doubtful" and len(result) else None)
    measure = MEASURES[name]
    st.metric(
        measure.label,
        written(name, value),
        note,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=measure.help,
    )


def written(name: str, value: float | None) -> str:
    """A metric's value as it is shown everywhere."""
    if value is None:
        return "–"
    return words.share(value) if MEASURES[name].percent else words.short(value)


def _difference(delta: float, percent: bool) -> str:
    if abs(delta) < 0.005:
        return "same as k-means"
    return f"{100 * delta:+.0f} pts vs k-means" if percent else f"{delta:+.2f} vs k-means"

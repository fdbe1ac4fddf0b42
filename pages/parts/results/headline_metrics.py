"""The five numbers on top of a result, each beside what it is compared with."""

import streamlit as st

from engine.results import MEASURES, Result
from pages.parts.app import formatting


def show(result: Result, seconds: float) -> None:
    """Five cards of one height."""
    labeled = "acc" in result.metrics
    with st.grid(5, min_column_width=176, gap="small", key="numbers"):
        _groups(result)
        for name in ("silhouette", "acc", "nmi") if labeled else ("silhouette", "davies_bouldin"):
            _against(result, name)
        doubtful = result.metrics.get("doubtful", float(result.doubtful.mean()) if len(result) else None)
        _card(
            MEASURES["doubtful"].label, written("doubtful", doubtful), "could be elsewhere", MEASURES["doubtful"].help
        )
        if not labeled:
            _card("Time", formatting.duration(seconds), "to train", "How long the training took on this machine.")


def _card(label: str, value: str, note: str | None, help_text: str) -> None:
    """A number with a quiet note below."""
    # A card has no room for "under 0.1 %".
    value = value.replace("under ", "< ")
    st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch", help=help_text)


def _groups(result: Result) -> None:
    note = f"{result.unassigned:,} are in none" if result.unassigned else f"of {len(result):,} members"
    empty = result.k - result.n_nonempty
    left = f" {empty} of the {result.k} groups that were asked for stayed empty." if empty else ""
    note = f"{empty} more stayed empty" if empty and not result.unassigned else note
    _card(
        "Groups", str(result.n_nonempty), note, f"Into how many groups the {len(result):,} members were sorted.{left}"
    )


def _against(result: Result, name: str) -> None:
    """A number beside that of plain k-means; beside nothing where the method is k-means itself."""
    measure, value = MEASURES[name], result.metrics.get(name)
    other = result.baseline.metrics.get(name) if result.baseline and result.method != "kmeans" else None
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


def written(name: str, value: float | None) -> str:
    """A metric's value as it is shown everywhere."""
    if value is None:
        return "–"
    return formatting.share(value) if MEASURES[name].percent else formatting.short(value)


def _difference(delta: float, percent: bool) -> str:
    if abs(delta) < 0.005:
        return "same as k-means"
    return f"{100 * delta:+.0f} pts vs k-means" if percent else f"{delta:+.2f} vs k-means"

"""The picture of a training: the map as it is now, a curve per loss term, how many members still move, group sizes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.runs import Workspace
from engine.runs.records import RunRecord
from pages.parts import bars, colors, curves, terms, words
from pages.parts import map as dots

History = Sequence[Mapping[str, Any]]
_HELP = {
    "reconstruction": "How far the network's redrawing of a member is from the member itself.",
    "hardening": "How far the groups still are from being clear-cut.",
    "compression": "How far members are from the middle of their group.",
    "clustering": "How far members are from the middle of their group.",
    "contrastive": "How well two altered views of the same member are recognized as one.",
}
HEIGHT = 430


def show(key: str, place: Workspace, run: RunRecord, history: History) -> None:
    """Map on the left, curves and sizes on the right."""
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.subheader("Map", anchor=False, help=terms.HELP["map"])
        _map(key, place, run)
    with right, st.container(border=True, height="stretch"):
        st.subheader("How it learns", anchor=False, help=terms.HELP["loss"])
        curves.show(f"curves-{key}", lines(history), marks(history), "round")
        _sizes(key, history)


def _map(key: str, place: Workspace, run: RunRecord) -> None:
    film = place.film(run.id)
    frames = [frame for frame in film.frames if frame.positions is not None]
    if not frames or film.sample is None:
        if run.active:
            st.skeleton(HEIGHT)
            st.caption("The map appears as soon as the method has placed the members.")
        else:
            st.caption("This method places no members while it learns; the map is on the results page.")
        return
    last = frames[-1]
    assert last.positions is not None  # noqa: S101 - narrowed above
    labels = np.full(len(last.positions), -1) if last.labels is None else _shown(last.labels, film.sample)
    k = int(labels.max(initial=-1)) + 1
    dots.show(
        f"live-map-{key}",
        positions=last.positions,
        groups=labels,
        colors=colors.groups(k),
        names=colors.names(k),
        unassigned=colors.unassigned(),
        theme=colors.theme(),
        selection_mode=(),
        legend=last.labels is not None,
        height=HEIGHT,
        title="The members as the method sees them now",
    )


def _shown(labels: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Labels of the sample, whether a frame keeps all members' labels or the sample's own."""
    return labels if len(labels) == len(sample) else labels[sample]


def lines(history: History) -> list[curves.Curve]:
    """One curve per loss term and one for the members that still move, over rounds counted through all stages."""
    places: dict[str, tuple[list[float], list[float]]] = {}
    still: tuple[list[float], list[float]] = ([], [])
    for count, record in _counted(history):
        for name, value in record["terms"].items():
            xs, ys = places.setdefault(name, ([], []))
            xs.append(count)
            ys.append(float(value))
        if record.get("changed") is not None:
            still[0].append(count)
            still[1].append(float(record["changed"]))
    drawn = [curves.Curve(_spoken(name), _HELP.get(name, terms.HELP["loss"]), *xy) for name, xy in places.items()]
    return drawn + ([curves.Curve("Still moving", terms.HELP["changed"], *still, "percent")] if still[0] else [])


def marks(history: History) -> list[curves.Mark]:
    """Where each stage after the first begins."""
    begins: dict[str, float] = {}
    for count, record in _counted(history):
        begins.setdefault(str(record["stage"]), count - 0.5)
    return [curves.Mark(name, at) for name, at in list(begins.items())[1:]]


def _counted(history: History) -> list[tuple[int, Mapping[str, Any]]]:
    """Each record with the number of rounds finished by then."""
    counted, count = [], 0
    for record in history:
        count += bool(record["terms"])
        counted.append((count, record))
    return counted


def _sizes(key: str, history: History) -> None:
    sizes = next((record["sizes"] for record in reversed(history) if record.get("sizes") is not None), None)
    if sizes is None:
        return
    st.markdown("**Group sizes**", help=terms.HELP["groups"])
    with st.container(height=190 if len(sizes) > 6 else "content", border=False):
        bars.show(f"sizes-{key}", sized(sizes))


def sized(sizes: Sequence[int]) -> list[bars.Bar]:
    """Groups as bars, as long as their share of the largest."""
    shades, most = colors.groups(len(sizes)), max(*sizes, 1)
    return [bars.Bar(i, f"Group {i + 1}", size / most, f"{size:,}", shades[i]) for i, size in enumerate(map(int, sizes))]


def _spoken(name: str) -> str:
    return words.plain(name).replace("\\_", " ").replace("\\", "").capitalize()

"""The picture of a training: the map as it is now, a curve per loss term, how many members still move, group sizes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.results.history import moments
from engine.results.record import Moment
from engine.runs import Workspace
from engine.runs.records import RunRecord
from pages.parts import bars, colors, curves, layout, terms
from pages.parts import map as dots

__all__ = ["lines", "marks", "moments", "now", "sampled", "show", "sized"]
Ints = npt.NDArray[np.int64]
_HELP = {
    "reconstruction": "How far the network's redrawing of a member is from the member itself.",
    "hardening": "How far the groups still are from being clear-cut.",
    "compression": "How far members are from the middle of their group.",
    "clustering": "How far members are from the middle of their group.",
    "contrastive": "How well two altered views of the same member are recognized as one.",
}
HEIGHT = 416
CARD = 560


def show(key: str, place: Workspace, run: RunRecord, history: Sequence[Moment]) -> None:
    """Map on the left, curves and sizes on the right."""
    left, right = layout.split(f"moving-split-{key}")
    with left, st.container(border=True, height=CARD):
        st.subheader("Map", anchor=False, help=terms.HELP["map"])
        now(key, place, run)
    with right, st.container(border=True, height=CARD):
        st.subheader("How it learns", anchor=False, help=terms.HELP["loss"])
        curves.show(f"curves-{key}", lines(history), marks(history), least=160, height=104)
        _sizes(key, history)


def now(key: str, place: Workspace, run: RunRecord, height: int = HEIGHT) -> None:
    """The members where the method has them at this moment."""
    film = place.frame(run.id)
    last = film.frames[-1] if film.frames else None
    if last is None or last.positions is None or film.sample is None:
        if run.active:
            st.skeleton(height)
            st.caption("The map appears as soon as the method has placed the members.")
        else:
            st.caption("This method places no members while it learns; the map is on the results page.")
        return
    labels = sampled(last.labels, film.sample, len(last.positions))
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
        legend=False,
        height=height,
        title="The members as the method sees them now",
    )


def sampled(labels: Ints | None, sample: Ints, shown: int) -> Ints:
    """Labels of the members that a frame places; -1 before groups exist."""
    if labels is None:
        return np.full(shown, -1)
    return labels if len(labels) == shown else labels[sample]


def lines(history: Sequence[Moment]) -> list[curves.Curve]:
    """One curve per loss term and one for the members that still move, over rounds counted through all stages."""
    places: dict[str, tuple[list[float], list[float]]] = {}
    still: tuple[list[float], list[float]] = ([], [])
    for count, moment in _counted(history):
        for name, value in moment.terms.items():
            xs, ys = places.setdefault(name, ([], []))
            xs.append(count)
            ys.append(value)
        if moment.changed is not None:
            still[0].append(count)
            still[1].append(moment.changed)
    drawn = [curves.Curve(_spoken(name), _HELP.get(name, terms.HELP["loss"]), *xy) for name, xy in places.items()]
    return drawn + ([curves.Curve("Still moving", terms.HELP["changed"], *still, "percent")] if still[0] else [])


def marks(history: Sequence[Moment]) -> list[curves.Mark]:
    """Where each stage after the first begins."""
    begins: dict[str, float] = {}
    for count, moment in _counted(history):
        begins.setdefault(moment.stage, count - 0.5)
    return [curves.Mark(name, at) for name, at in list(begins.items())[1:]]


def _counted(history: Sequence[Moment]) -> list[tuple[int, Moment]]:
    """Each moment with the number of rounds finished by then."""
    counted, count = [], 0
    for moment in history:
        count += bool(moment.terms)
        counted.append((count, moment))
    return counted


def _sizes(key: str, history: Sequence[Moment]) -> None:
    sizes = next((moment.sizes for moment in reversed(history) if moment.sizes), None)
    if sizes is None:
        return
    st.markdown("**Group sizes**", help=terms.HELP["groups"])
    with st.container(height=150 if len(sizes) > 10 else "content", border=False):
        bars.show(f"sizes-{key}", sized(sizes), columns=2 if len(sizes) > 5 else 1)


def sized(sizes: Sequence[int] | Ints) -> list[bars.Bar]:
    """Groups as bars, as long as their share of the largest."""
    counts = [int(size) for size in sizes]
    shades, most = colors.groups(len(counts)), max(*counts, 1, 1)
    return [bars.Bar(i, f"Group {i + 1}", size / most, f"{size:,}", shades[i]) for i, size in enumerate(counts)]


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()

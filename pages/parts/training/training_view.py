"""The picture of a training: the map as it is now, a curve per loss term, how many members still move, group sizes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.core.card import Card
from engine.results.record.history import moments
from engine.results.record.record import Moment
from engine.runs import Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import colors, glossary, layout
from pages.parts.components import bars, curves
from pages.parts.components import map as dots
from pages.parts.method import catalogue
from pages.parts.training import live_history

__all__ = ["lines", "marks", "moments", "now", "sampled", "show", "sized"]
Ints = npt.NDArray[np.int64]
HEIGHT = 416
CARD = 560


def show(key: str, workspace: Workspace, run: RunRecord, history: Sequence[Moment]) -> None:
    """Map on the left, curves and sizes on the right."""
    left, right = layout.split(f"moving-split-{key}")
    with left, st.container(border=True, height=CARD):
        st.subheader("Map", anchor=False, help=glossary.HELP["map"])
        now(key, workspace, run)
    with right, st.container(border=True, height=CARD):
        st.subheader("How it learns", anchor=False, help=glossary.HELP["loss"])
        curves.show(f"curves-{key}", lines(history, run.method), marks(history), least=160, height=104)
        _sizes(key, history)


def now(key: str, workspace: Workspace, run: RunRecord, height: int = HEIGHT) -> None:
    """The members where the method has them at this moment."""
    recording = live_history.newest_frame(workspace, run.id)
    last = recording.frames[-1] if recording.frames else None
    if last is None or last.positions is None or recording.sample is None:
        if run.active:
            st.skeleton(height)
            st.caption("The map appears as soon as the method has placed the members.")
        else:
            st.caption("This method places no members while it learns; the map is on the results page.")
        return
    labels = sampled(last.labels, recording.sample, len(last.positions))
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


def sampled(labels: Ints | None, sample: Ints, n_shown: int) -> Ints:
    """Labels of the members that a frame places; -1 before groups exist."""
    if labels is None:
        return np.full(n_shown, -1)
    return labels if len(labels) == n_shown else labels[sample]


def lines(history: Sequence[Moment], method: str) -> list[curves.Curve]:
    """A curve per loss term, one per report that is news, one for those that still move; over rounds through all stages."""
    counted, card = _counted(history), catalogue.card(method)
    losses, reports = (_along(counted, part) for part in ("terms", "report"))
    news = {name: xy for name, xy in reports.items() if name not in losses and len(set(xy[1])) > 1}
    charts = [
        curves.Curve(
            term_title(name, card), (card and card.meaning(name)) or glossary.HELP["loss"], *xy, unit(name, card)
        )
        for name, xy in (losses | news).items()
    ]
    still = [(count, moment.changed) for count, moment in counted if moment.changed is not None]
    if still:
        at, share = [count for count, _ in still], [changed for _, changed in still]
        charts.append(curves.Curve("Still moving", glossary.HELP["changed"], at, share, "percent"))
    return charts


def _along(counted: Sequence[tuple[int, Moment]], part: str) -> dict[str, tuple[list[float], list[float]]]:
    """The numbers that moments have under each name, and after how many rounds."""
    series: dict[str, tuple[list[float], list[float]]] = {}
    for count, moment in counted:
        for name, value in getattr(moment, part).items():
            xs, ys = series.setdefault(name, ([], []))
            xs.append(count)
            ys.append(value)
    return series


def marks(history: Sequence[Moment]) -> list[curves.Mark]:
    """Where each stage after the first begins."""
    begins: dict[str, curves.Mark] = {}
    for count, moment in _counted(history):
        begins.setdefault(moment.stage, curves.Mark(moment.stage_title, count - 0.5))
    return list(begins.values())[1:]


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
    st.markdown("**Group sizes**", help=glossary.HELP["groups"])
    with st.container(height=150 if len(sizes) > 10 else "content", border=False):
        bars.show(f"sizes-{key}", sized(sizes), columns=2 if len(sizes) > 5 else 1)


def sized(sizes: Sequence[int] | Ints) -> list[bars.Bar]:
    """Groups as bars, as long as their share of the largest."""
    counts = [int(size) for size in sizes]
    shades, most = colors.groups(len(counts)), max(*counts, 1, 1)
    return [bars.Bar(i, f"Group {i + 1}", size / most, f"{size:,}", shades[i]) for i, size in enumerate(counts)]


def term_title(name: str, card: Card | None) -> str:
    """The title of a term or a report."""
    return card.title(name) if card else name[:1].upper() + name[1:]


def unit(name: str, card: Card | None) -> str:
    """How the values of a term or a report are shown: as a "number" or in "percent"."""
    return card.unit(name) if card else "number"

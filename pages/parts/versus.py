"""Two results side by side: their maps, their numbers with the better one in bold, and who moved where."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine import view
from engine.results import MEASURES, Result
from engine.runs import Workspace
from engine.runs.records import RunRecord
from pages.parts import address, catalogue, charts, colors, layout, numbers, picture, words
from pages.parts import map as dots


def show(key: str, place: Workspace, done: Sequence[RunRecord]) -> None:
    """Pick two, see both."""
    picked = _pick(key, done)
    results = [place.result(run.id) for run in picked]
    for cell, run, result in zip(layout.split(f"{key}-maps", 1, 1, 380), picked, results, strict=True):
        with cell, st.container(border=True, height="stretch"):
            _one(key, run, result)
    left, right = layout.split(f"{key}-split", 2, 3)
    with left, st.container(border=True, height=560):
        st.subheader("Numbers", anchor=False)
        st.markdown(_table(results))
        st.caption("The better number is bold. Labels were never shown to either method.")
    with right, st.container(border=True, height=560):
        _flow(key, picked, results)


def _pick(key: str, done: Sequence[RunRecord]) -> list[RunRecord]:
    """Two pickers whose choices live in the address; at first the two newest runs of one data set."""
    known = {run.id: run for run in done}
    first = next(
        ((a, b) for i, a in enumerate(done) for b in done[i + 1 :] if a.dataset == b.dataset), (done[0], done[1])
    )
    picked = []
    for cell, name, default in zip(layout.split(f"{key}-picks", 1, 1, 300), ("a", "b"), first, strict=True):
        start = address.choice(name, list(known), default.id)
        with cell:
            run = st.selectbox(
                "This run" if name == "a" else "With this run",
                list(known),
                list(known).index(start),
                format_func=lambda run: f"{known[run].name} · {words.ago(known[run].created)}",
                key=f"{key}-{name}",
            )
        st.query_params[name] = run
        picked.append(known[run])
    return picked


def _one(key: str, run: RunRecord, result: Result) -> None:
    st.subheader(words.plain(words.cut(run.name, 60)), anchor=False)
    method, groups = words.plain(catalogue.name(run.method)), words.count(result.k, "group")
    st.caption(f"{method} · {groups} · seed {run.seed} · {words.duration(run.seconds)}")
    dots.show(
        f"{key}-map-{run.id}",
        positions=result.maps[picture.best(result)],
        groups=result.labels,
        colors=colors.groups(result.k),
        names=[group.called for group in result.groups],
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        selection_mode=(),
        legend=False,
        height=280,
        title=f"Map of {run.name}",
    )


def _table(results: Sequence[Result]) -> str:
    """The measures both have, as a Markdown table."""
    lines = ["| | First | Second |", "|:--|--:|--:|"]
    for name, measure in MEASURES.items():
        values = [result.metrics.get(name) for result in results]
        if name == "silhouette_learned" or None in values or (name == "coverage" and min(values) == 1):
            continue
        best = (
            max(values, key=lambda v: v if measure.higher_is_better else -v)
            if len({_rounded(name, v) for v in values}) > 1
            else None
        )
        cells = [f"**{_rounded(name, v)}**" if v == best else _rounded(name, v) for v in values]
        lines.append(f"| {measure.label} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _rounded(name: str, value: float | None) -> str:
    return f"{value:,.0f}" if name == "calinski_harabasz" and value is not None else numbers.written(name, value)


def _flow(key: str, picked: Sequence[RunRecord], results: Sequence[Result]) -> None:
    """How the groups of one are spread over the groups of the other."""
    st.subheader("Who went where", anchor=False, help="A band's width is how many members two groups have in common.")
    a, b = results
    if picked[0].id == picked[1].id:
        st.caption("This is the same run twice. Choose another one above.")
    elif picked[0].dataset != picked[1].dataset or not np.array_equal(a.kept, b.kept):
        st.caption("These runs are about different members, so there is nothing to follow from one to the other.")
    else:
        charts.show(f"{key}-flow", view.flow(a, b, ("First", "Second"), colors.theme()))

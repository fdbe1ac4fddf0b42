"""Results of the same data side by side: linked maps, a leaderboard, who agrees with whom, and who moved where."""

import json
from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine import view
from engine.results import Result
from engine.runs import Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import colors, formatting, layout, query_params
from pages.parts.compare import leaderboard, linked_selection
from pages.parts.components import map as dots
from pages.parts.components import matrix, plotly_chart
from pages.parts.method import catalogue
from pages.parts.results import projection_picker

MOST = 6
"""Runs on one page: more maps would be too small to see anything."""


def show(key: str, workspace: Workspace, done: Sequence[RunRecord]) -> None:
    """Pick some, see all of them."""
    picked = _pick(key, workspace, done)
    if len(picked) < 2:
        st.info("Choose at least two runs above.", icon=":material/compare:")
        return
    results = [workspace.result(run.id) for run in picked]
    _maps(key, picked, results)
    with st.container(border=True):
        leaderboard.show(key, workspace, picked)
    left, right = layout.split(f"{key}-split", 1, 1, 380)
    with left, st.container(border=True, height="stretch"):
        pair = _agreement(key, picked, results)
    with right, st.container(border=True, height="stretch"):
        _flow(key, [picked[i] for i in pair], [results[i] for i in pair])


def _pick(key: str, workspace: Workspace, done: Sequence[RunRecord]) -> list[RunRecord]:
    """The data and the runs; both live in the address. At first the newest runs of the data that has the newest."""
    known = {run.id: run for run in done}
    asked = [known[name] for name in query_params.several("runs") if name in known]
    names = {record.id: record.name for record in workspace.datasets()}
    datasets = list(dict.fromkeys(run.dataset for run in [*asked, *done] if _alike(done, run.dataset) > 1 or asked))
    left, right = layout.split(f"{key}-picks", 1, 3)
    with left:
        dataset = st.selectbox(
            "Data", datasets, format_func=lambda one: names.get(one, "deleted data"), key=f"{key}-data"
        )
    of = [run.id for run in done if run.dataset == dataset]
    start = [run.id for run in asked if run.dataset == dataset][:MOST] or of[:3]
    with right:
        chosen = st.multiselect(
            "Runs",
            of,
            start,
            format_func=_run_labels([known[run] for run in of]).__getitem__,
            max_selections=MOST,
            placeholder="Choose runs",
            key=f"{key}-runs-{dataset}",
        )
    st.query_params["runs"] = ",".join(chosen)
    return [known[run] for run in chosen]


def _run_labels(runs: Sequence[RunRecord]) -> dict[str, str]:
    """What each run is called in the list; all different, since the browser knows them by these words."""
    names: dict[str, str] = {}
    for run in runs:
        groups = run.summary.get("k", run.n_clusters)
        amount = formatting.count(groups, "group") if groups else "no groups"
        name = f"{formatting.cut(run.name, 50)} · {amount} · seed {run.seed}"
        same_name = sum(other.split(" #")[0] == name for other in names.values())
        names[run.id] = f"{name} #{same_name + 1}" if same_name else name
    return names


def _alike(done: Sequence[RunRecord], dataset: str) -> int:
    return sum(run.dataset == dataset for run in done)


def _maps(key: str, picked: Sequence[RunRecord], results: Sequence[Result]) -> None:
    """What is selected on one map is selected on all that show the same members."""
    st.caption("Draw around dots on one map with the lasso: the same members light up on the others.")
    wide = 3 if len(picked) in (3, 5, 6) else 2
    with st.grid(wide, min_column_width=300, gap="small", key=f"{key}-maps"):
        for run, result in zip(picked, results, strict=True):
            with st.container(border=True, height="stretch"):
                _one(key, run, result)
    linked_selection.settle(key)


def _one(key: str, run: RunRecord, result: Result) -> None:
    st.subheader(formatting.plain(formatting.cut(run.name, 60)), anchor=False)
    method, groups = formatting.plain(catalogue.short(run.method)), formatting.count(result.n_nonempty, "group")
    st.caption(f"{method} · {groups} · seed {run.seed} · {formatting.duration(run.seconds)}")
    members = linked_selection.Members(run.id, run.dataset, result.kept)
    event = dots.show(
        f"{key}-map-{run.id}",
        positions=result.maps[projection_picker.best(result)],
        groups=result.labels,
        colors=colors.groups(result.k),
        names=[group.display_name for group in result.groups],
        theme=colors.theme(),
        unassigned=colors.unassigned(),
        selection_mode=("box", "lasso"),
        selected=linked_selection.selected(key, members),
        legend=False,
        height=300,
        title=f"Map of {run.name}",
    )
    linked_selection.note(key, members, event.mask)


def _agreement(key: str, picked: Sequence[RunRecord], results: Sequence[Result]) -> tuple[int, int]:
    """How alike each two groupings are; returns the pair to follow."""
    st.subheader(
        "Who agrees",
        anchor=False,
        help="1 is the same groups, 0 is no more than chance (adjusted Rand index). Pick a cell to see who went where.",
    )
    scores = [
        [_agreed(a, b, x, y) for b, y in zip(picked, results, strict=True)]
        for a, x in zip(picked, results, strict=True)
    ]
    heads = [matrix.Head(formatting.cut(run.name, 24), f"{run.name}, seed {run.seed}") for run in picked]
    figure = matrix.Matrix(
        heads,
        [matrix.Head(str(i + 1), head.more) for i, head in enumerate(heads)],
        [[max(score or 0.0, 0.0) for score in row] for row in scores],
        [[formatting.short(score) for score in row] for row in scores],
        [
            [f"{a.more} and {b.more}: agreement {formatting.short(score)}" for b, score in zip(heads, row, strict=True)]
            for a, row in zip(heads, scores, strict=True)
        ],
    )
    name = f"{key}-pair"
    before = st.session_state.get(name, (0, 1))
    before = before if max(before) < len(picked) else (0, 1)
    cell = matrix.show(f"{key}-agreement", figure, pick=True, chosen=before, alt="Agreement of each two runs")
    if cell is not None and cell != before:
        st.session_state[name] = cell
        st.rerun()
    return before


def _agreed(a: RunRecord, b: RunRecord, x: Result, y: Result) -> float | None:
    """Agreement over the members that both know; None where they are about different data."""
    return _cached_agreement(json.dumps([a.id, b.id]), x, y) if a.dataset == b.dataset else None


@st.cache_data(max_entries=500, show_spinner=False)
def _cached_agreement(pair: str, _x: Result, _y: Result) -> float | None:
    _, ours, theirs = np.intersect1d(_x.kept, _y.kept, assume_unique=True, return_indices=True)
    from engine.results.evaluate.metrics import agreement

    return agreement(_x.labels[ours], _y.labels[theirs]) if len(ours) else None


def _flow(key: str, pair: Sequence[RunRecord], results: Sequence[Result]) -> None:
    """How the groups of one are spread over the groups of the other."""
    st.subheader("Who went where", anchor=False, help="A band's width is how many members two groups have in common.")
    a, b = pair
    if a.id == b.id:
        st.caption("This is one run. Pick a cell beside the diagonal to compare two.")
        return
    st.caption(
        f"From {formatting.plain(formatting.cut(a.name, 40))} (left) to {formatting.plain(formatting.cut(b.name, 40))} (right)."
    )
    figure = view.flow(results[0], results[1], ("", ""), colors.theme())
    plotly_chart.show(f"{key}-flow", figure, alt=f"Members of {a.name} spread over the groups of {b.name}")

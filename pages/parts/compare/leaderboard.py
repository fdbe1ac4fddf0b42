"""The leaderboard: what each setting reaches over its seeds, the best of each column in bold; as a table to take along."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from engine.results import MEASURES
from engine.results.evaluate.leaderboard import SECONDS, Entry, Line, Score, best, board, latex, measures, table
from engine.runs import Settings, Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import formatting
from pages.parts.results import headline_metrics

SEEDS = 3
"""With fewer, a difference may be luck."""


def show(key: str, workspace: Workspace, picked: Sequence[RunRecord]) -> None:
    """The picked settings with all of their finished seeds."""
    of_data = workspace.runs(dataset=picked[0].dataset)
    runs = [run for run in of_data if any(_setting(run) == _setting(one) for one in picked)]
    lines = board(_entry(run) for run in runs if run.state == "done")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Numbers", anchor=False, width="stretch", help="Mean over seeds ± standard deviation.")
        _more_seeds(key, workspace, picked, runs)
        st.download_button(
            "CSV",
            lambda: table(lines).to_csv(index=False).encode(),
            "leaderboard.csv",
            "text/csv",
            **_quiet(key, "csv"),
        )
        st.download_button(
            "LaTeX", lambda: latex(lines).encode(), "leaderboard.tex", "application/x-tex", **_quiet(key, "tex")
        )
    st.markdown(written(lines))
    st.caption("The best of each column is bold. Labels, where there are any, were never shown to a method.")


def _quiet(key: str, what: str) -> dict[str, Any]:
    return {"key": f"{key}-take-{what}", "on_click": "ignore", "type": "tertiary", "icon": ":material/download:"}


def written(lines: Sequence[Line]) -> str:
    """The leaderboard as a Markdown table."""
    metrics = measures(lines)
    winners = {name: best(lines, name) for name in metrics}
    heads = ["Run", "Seeds", *(MEASURES[name].label for name in metrics), "Time"]
    rows = ["| " + " | ".join(heads) + " |", "|:--|--:" + "|--:" * (len(metrics) + 1) + "|"]
    for line in lines:
        cells = [formatting.plain(formatting.cut(line.name, 40)), str(len(line.seeds))]
        cells += [_cell(name, line.scores.get(name), line.setting in winners[name]) for name in metrics]
        rows.append("| " + " | ".join([*cells, formatting.duration(line.scores[SECONDS].mean)]) + " |")
    return "\n".join(rows)


def _cell(name: str, score: Score | None, winner: bool) -> str:
    if score is None:
        return "–"
    mean = headline_metrics.written(name, score.mean)
    spread = "" if score.spread is None else f" ± {_spread(name, score.spread)}"
    return f"**{mean}**{spread}" if winner else f"{mean}{spread}"


def _spread(name: str, spread: float) -> str:
    return f"{100 * spread:.1f}" if MEASURES[name].percent else f"{spread:.3f}"


def _more_seeds(key: str, workspace: Workspace, picked: Sequence[RunRecord], runs: Sequence[RunRecord]) -> None:
    """Queue what is missing to the full number of seeds of each setting."""
    missing = _missing(picked, runs)
    active = sum(run.active for run in runs)
    if active:
        st.caption(f":material/schedule: {formatting.count(active, 'more seed')} on the way")
        _refresh(key, workspace, tuple((run.id, run.state) for run in runs if run.active))
    elif missing and st.button(
        f"Train {formatting.count(len(missing), 'more seed')}",
        icon=":material/casino:",
        key=f"{key}-seeds",
        help=f"Trains each setting until it has {SEEDS} seeds, so that you see what is luck and what is not.",
    ):
        for settings in missing:
            workspace.submit(settings)
        st.rerun()


@st.fragment(run_every=3.0)
def _refresh(key: str, workspace: Workspace, before: tuple[tuple[str, str], ...]) -> None:
    """Draw the page anew when one of the seeds ends."""
    if tuple((run, workspace.run(run).state) for run, _ in before) != before:
        st.rerun(scope="app")


def _missing(picked: Sequence[RunRecord], runs: Sequence[RunRecord]) -> list[Settings]:
    """Settings to train, one per missing seed."""
    wanted: list[Settings] = []
    for run in {_setting(run): run for run in picked}.values():
        had = {
            other.seed for other in runs if _setting(other) == _setting(run) and (other.active or other.state == "done")
        }
        fresh = [seed for seed in range(SEEDS + len(had)) if seed not in had]
        own = Settings(run.dataset, run.method, run.n_clusters, run.preparation, run.knobs, run.seed)
        wanted += [replace(own, seed=seed) for seed in fresh[: max(0, SEEDS - len(had))]]
    return wanted


def _setting(run: RunRecord) -> str:
    """All that decides a result but the seed."""
    return str((run.dataset, run.method, run.n_clusters, sorted(run.knobs.items()), str(run.preparation)))


def _entry(run: RunRecord) -> Entry:
    return Entry(_setting(run), run.name, run.seed, run.summary.get("metrics", {}), run.seconds)

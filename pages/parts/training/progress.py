"""Where a run stands: its stages as steps, the time left, and one sentence on what is happening now."""

from collections.abc import Sequence

import streamlit as st

from engine.portfolio.card import AUTO
from engine.results.record.record import Moment
from engine.runs import Workspace
from engine.runs.db.records import RunRecord
from pages.parts.app import formatting
from pages.parts.components import stepper
from pages.parts.training import search_progress

History = Sequence[Moment]
_ICONS = {"failed": ":material/error:", "stopped": ":material/stop_circle:", "done": ":material/check_circle:"}


def show(key: str, workspace: Workspace, run: RunRecord, history: History) -> None:
    """One card: the steps, and below them what is happening."""
    with st.container(border=True, key=f"card-{key}"):
        stepper.show(key, steps(run, history))
        sentence = now(workspace, run, history)
        if run.state == "failed":
            st.error(formatting.plain(sentence), icon=_ICONS["failed"])
        else:
            st.markdown(f"{_ICONS.get(run.state, ':material/motion_photos_on:')} {formatting.plain(sentence)}")
        for note in history[-1].notes if history else ():
            st.caption(f":material/replay: {formatting.plain(note)}")


def steps(run: RunRecord, history: History) -> list[stepper.StepShown]:
    """The stages seen so far; the results come last."""
    if run.method == AUTO and run.state not in ("queued", "interrupted"):
        return search_progress.steps(run)
    titles = {moment.stage: moment.stage_title for moment in history if moment.stage}
    if run.stage_title and run.stage not in titles and not (run.stage == "" and run.stage_title in titles.values()):
        titles[run.stage or run.stage_title] = run.stage_title
    if not titles:
        opening = "now" if run.active else "stopped"
        waiting = "Waiting" if run.state != "running" else "Preparing"
        return [_step(waiting, opening, "", 0.0), _step("Training", "next"), _step("Results", "next")]
    *before, last = titles
    done = [_step(titles[stage], "done", _rounds(stage, history)) for stage in before]
    return [*done, _last(run, last, titles[last], history), _step("Results", "done" if run.state == "done" else "next")]


def _last(run: RunRecord, stage: str, title: str, history: History) -> stepper.StepShown:
    if run.state == "done":
        return _step(title, "done", _rounds(stage, history))
    if not run.active:
        return _step(title, "stopped", "ended here", run.progress)
    note = f"round {run.epoch} of {run.epochs}" if run.epochs > 1 else "under way"
    if run.eta_seconds is not None:
        note += f" · about {formatting.duration(run.eta_seconds)} left"
    return _step(title, "now", note, run.progress)


def _step(name: str, state: str, note: str = "", part: float = 0.0) -> stepper.StepShown:
    return stepper.StepShown(name[:1].upper() + name[1:], state, note, part)


def _rounds(stage: str, history: History) -> str:
    rounds = sum(1 for moment in history if moment.stage == stage and moment.terms)
    return formatting.count(rounds, "round") if rounds else "done"


def now(workspace: Workspace, run: RunRecord, history: History) -> str:
    """What is happening now, in one sentence."""
    if run.state in ("queued", "interrupted"):
        ahead = workspace.position(run.id)
        if ahead > 0:
            before = formatting.count(ahead, "training")
            return f"Waiting: {before} before this one. It starts by itself; you can close this page."
        return (
            f"{run.sentence} It starts in a moment, by itself." if run.sentence else "It starts in a moment, by itself."
        )
    if run.method == AUTO:
        return search_progress.now(run)
    if run.state == "running" and history:
        changed = next((moment.changed for moment in reversed(history) if moment.changed is not None), None)
        title = history[-1].stage_title
        title = title[:1].upper() + title[1:]
        if changed is not None:
            return f"{title}: {formatting.share(changed)} of the members changed group since the last look."
        return run.sentence or f"{title}: the network learns to describe the data. Groups come after this stage."
    if run.state == "done":
        return f"Done in {formatting.duration(run.seconds)}."
    return run.sentence or "The data is being prepared."

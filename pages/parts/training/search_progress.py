"""Where a search for the best candidate stands, in the steps and the sentence of every training."""

import time
from typing import Any

from engine.runs.db.records import COUNTING, DESCRIBING, ENCODING, SEARCHING, RunRecord
from pages.parts.app import formatting
from pages.parts.components.stepper import StepShown

_NUMBER = "Number of groups"


def steps(run: RunRecord) -> list[StepShown]:
    """Preparing, the number of groups where it is not given, the candidates, the results."""
    names = ["Preparing", *([_NUMBER] if run.n_clusters is None else []), SEARCHING, "Results"]
    here = _step(run)
    at = names.index(here) if here in names else 0
    state = "now" if run.active else "stopped"
    note, part = _stand(run, here)
    shown = [StepShown(name, "done", "done") for name in names[:at]]
    return [*shown, StepShown(here, state, note, part), *(StepShown(name, "next") for name in names[at + 1 :])]


def _step(run: RunRecord) -> str:
    """The name of the step that the run is at."""
    if run.search is not None:
        return "Results" if run.active and run.stage_title == DESCRIBING else SEARCHING
    return _NUMBER if run.n_clusters is None and run.stage_title == COUNTING else "Preparing"


def _stand(run: RunRecord, here: str) -> tuple[str, float]:
    """A few words below a step, and the share of it that is done."""
    if not run.active:
        return "ended here", 0.0
    if here != SEARCHING or run.search is None:
        return "under way", run.progress
    budget, left = float(run.knobs["budget"]), float(run.search.get("ends", 0.0)) - time.time()
    if left <= 0:
        return "coming to an end", 1.0
    return f"about {formatting.duration(left)} left", min(1.0, max(0.0, 1 - left / budget))


def now(run: RunRecord) -> str:
    """What is happening, in one sentence."""
    candidates: list[dict[str, Any]] = (run.search or {}).get("candidates", [])
    tried = sum(one["score"] is not None for one in candidates)
    if run.state == "stopped":
        return f"{run.sentence} What was tried can be opened below." if tried else run.sentence
    if run.state != "running":
        return run.sentence
    if run.stage_title == DESCRIBING:
        return "The search has ended; the groups that were chosen are being described."
    if not candidates:
        looks = run.n_clusters is None and run.stage_title == COUNTING
        return "Several numbers of groups are held against each other." if looks else "The data is being prepared."
    working = next((one["title"] for one in candidates if one["state"] == "running"), None)
    sentence = f"At work: {working}" if working else "The next candidate begins"
    if run.stage_title == ENCODING:
        sentence += f", working out what is compared ({formatting.share(run.progress)})"
    best = next((one["title"] for one in candidates if one["best"] and one["score"] is not None), None)
    so_far = f" {tried} of {len(candidates)} tried; the best so far is {best}." if best else ""
    return f"{sentence}.{so_far}"

"""How long a training will take, learned from the trainings this machine has finished."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.runs.db.records import RunRecord
from pages.parts.app.formatting import duration

_GUESS = 6e-5
"""Seconds per member and round on two processor cores, until this machine has finished a training."""
_START = 3.0
"""Seconds for reading the data and writing the result."""
_LEAST = 0.1
"""Share of a run's time that is training, however short it was."""
_ROUNDS = ("pretrain_epochs", "epochs", "max_iterations", "iterations")


def rounds(knobs: Mapping[str, Any]) -> int:
    """How often the method looks at every member."""
    return max(1, sum(int(knobs[name]) for name in _ROUNDS if isinstance(knobs.get(name), int)))


def sentence(method: str, knobs: Mapping[str, Any], n: int, finished: Iterable[tuple[RunRecord, int]]) -> str:
    """ "About 40 s, going by earlier trainings on this machine."; `finished` pairs a done run with its members."""
    done = [(run, size) for run, size in finished if run.state == "done" and run.method == method]
    looks = sum(size * rounds(run.knobs) for run, size in done)
    if looks:
        # Together, so that a run on a few members, which is all start, says little about thousands.
        seconds = sum(max(run.seconds - _START, _LEAST * run.seconds) for run, _ in done)
        pace = seconds / looks
        return f"About {_coarse(_START + pace * n * rounds(knobs))}, going by earlier trainings on this machine."
    return f"Roughly {_coarse(_START + _GUESS * n * rounds(knobs))}; a better guess comes once it has run here."


def _coarse(seconds: float) -> str:
    """Rounded so that it does not look more exact than it is."""
    if seconds < 10:
        return "10 s"
    return duration(round(seconds / 10) * 10 if seconds < 90 else round(seconds / 60) * 60)

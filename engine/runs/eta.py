"""How long a run takes: before it starts, from earlier runs on this machine; while it trains, from its own pace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.runs.db.records import RunRecord

FINISH = "finish"
"""Name under which the time after the last epoch is stored."""
DEFAULT_PACE = 6e-5
"""Seconds per member and epoch on two processor cores, until a run of the method has finished on this machine."""
OVERHEAD = 3.0
"""Seconds for reading the data and writing the result."""
_MIN_TRAINING_SHARE = 0.1
"""Share of a run's time that counts as training, however short the run was."""
_EPOCHS = ("pretrain_epochs", "epochs")
_ITERATIONS = ("max_iterations", "iterations")


def before_start(knobs: Mapping[str, Any], n: int, finished: Iterable[tuple[RunRecord, int]]) -> tuple[float, bool]:
    """How long a run will take that has not started.

    Parameters
    ----------
    knobs : mapping
        The method's settings by name.
    n : int
        Number of members of the data.
    finished : iterable of (RunRecord, int)
        The finished runs of the same method, each with the number of members of its data.

    Returns
    -------
    seconds : float
        From the start of the worker to the written result.
    measured : bool
        False where no earlier run of the method says anything about this machine's pace.
    """
    done = list(finished)
    passes = sum(size * _passes(run.knobs) for run, size in done)
    # Together, so that a run on a few members, which is all start, says little about thousands.
    seconds = sum(max(run.seconds - OVERHEAD, _MIN_TRAINING_SHARE * run.seconds) for run, _ in done)
    pace = seconds / passes if passes else DEFAULT_PACE
    return OVERHEAD + pace * n * _passes(knobs), bool(passes)


def _passes(knobs: Mapping[str, Any]) -> int:
    """How often the method goes through all members."""
    return max(1, sum(_numbers(knobs, _EPOCHS + _ITERATIONS)))


@dataclass
class Clock:
    """One named stage, as far as it has come."""

    epochs: float = 0.0
    seconds: float = 0.0
    reused: bool = False


@dataclass
class Forecast:
    """Measures the stages of a run and estimates the rest.

    What comes after the stage at work is known from the last finished run of the same method and data with the same
    number of epochs (`prior`), else from the epochs that the method's settings announce, each as long as those now.
    """

    knobs: Mapping[str, Any]
    prior: Mapping[str, Any] | None = None
    stages: dict[str, Clock] = field(default_factory=dict)
    _at: tuple[str, float, float] = ("", 0.0, 0.0)

    def observe(self, stage: str, epoch: float, epochs: int, seconds: float) -> float | None:
        """Seconds left after `epoch` (with its fraction) of a stage's `epochs`, `seconds` into the training."""
        clock = self.stages.setdefault(stage, Clock())
        if self._at[0] == stage:
            clock.seconds += max(0.0, seconds - self._at[2])
            clock.epochs += max(0.0, epoch - self._at[1])
        self._at = (stage, epoch, seconds)
        if clock.epochs <= 0 or clock.seconds <= 0:
            return None
        pace = clock.seconds / clock.epochs
        here = max(0.0, epochs - epoch) * pace
        later = self._known_later(stage)
        if later is None:
            later = self._announced_later(stage, epoch, epochs, pace)
        return None if later is None else here + later

    def timings(self, finish: float) -> dict[str, Any]:
        """What a later run can learn from this one."""
        stages = [[name, clock.epochs, clock.seconds, clock.reused] for name, clock in self.stages.items()]
        return {"stages": stages, FINISH: finish, "announced": _announced(self.knobs)}

    def _known_later(self, stage: str) -> float | None:
        if not self.prior or self.prior.get("announced") != _announced(self.knobs):
            return None
        names = [entry[0] for entry in self.prior["stages"]]
        if stage not in names:
            return None
        rest = self.prior["stages"][names.index(stage) + 1 :]
        if any(reused for *_, reused in rest):
            return None
        return float(sum(seconds for _, _, seconds, _ in rest) + self.prior[FINISH])

    def _announced_later(self, stage: str, epoch: float, epochs: int, pace: float) -> float | None:
        announced = sum(_announced(self.knobs))
        if not announced:
            return None
        before = sum(clock.epochs for name, clock in self.stages.items() if name != stage)
        return max(0.0, announced - before - max(epochs, epoch)) * pace


def _announced(knobs: Mapping[str, Any]) -> list[int]:
    return _numbers(knobs, _EPOCHS)


def _numbers(knobs: Mapping[str, Any], names: Iterable[str]) -> list[int]:
    return [int(knobs[name]) for name in names if isinstance(knobs.get(name), int)]

"""The search: plain methods on a sample first, the most promising and the networks on all rows, the best so far at any time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.core.method import Method
from engine.core.snapshot import Outcome
from engine.inference.outcome import evaluate
from engine.methods import METHODS
from engine.portfolio.candidates import Candidate
from engine.portfolio.judge import expected_agreement
from engine.training.tensor_store import TensorStore
from engine.training.trainer import fit

_log = logging.getLogger("constella.workers")
JUDGED = 1_000
"""Rows on which candidates are compared; of more, as many are drawn."""
QUICKEST = "kmeans"
"""The method that is tried first on each kind of features, so that there is something to compare with soon."""
FINALISTS = 4
"""Plain candidates that are tried on all rows after they were compared on a sample."""
AT_ONCE = 0.05
"""Share of the budget up to which features are made without asking how much they promise."""
GRACE = 0.2
"""Share of the budget that plain methods may take beyond its end on features that are there."""
ON_SAMPLE = 0.4
"""Share of the budget after which no further candidate is begun on a sample."""
BROKEN = (ArithmeticError, AssertionError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""Faults of a candidate, not of the search, nor a wish to stop it."""
Labels = npt.NDArray[np.int64]
State = Literal["waiting", "running", "done", "failed", "unfinished"]


class Source(Protocol):
    """The data, in whatever features they are asked for."""

    @property
    def n(self) -> int:
        """Members."""
        ...

    rows: Labels
    """int64 [m], the members that candidates are compared on."""

    def sample(self, features: str) -> Data:
        """The members `rows` in these features; InputError where they cannot be had."""

    def everything(self, features: str) -> Data:
        """All members in these features; InputError where they cannot be had."""

    def seconds(self, features: str, n: int) -> float:
        """How long these features of n members take, about; 0 where they are there."""


@dataclass(eq=False)
class Trial:
    """One candidate, and what became of it.

    Attributes
    ----------
    candidate : Candidate
        What is tried.
    on_all : bool
        Whether it was trained on all members, and not on the sample.
    state : {"waiting", "running", "done", "failed", "unfinished"}
        Where it stands; "unfinished" where there was no time for it.
    labels : ndarray of shape (m,), int64
        Its groups of the members that candidates are compared on.
    score : float
        The agreement with the true groups that is expected of it, see `engine.portfolio.judge`.
    seconds : float
        Of its training.
    sentence : str
        Why it failed.
    outcome, method
        What it says, and what was trained; of trials on all members alone.
    """

    candidate: Candidate
    on_all: bool = False
    state: State = "waiting"
    labels: Labels | None = None
    score: float = float("nan")
    seconds: float = 0.0
    sentence: str = ""
    outcome: Outcome | None = None
    method: Method | None = None

    @property
    def done(self) -> bool:
        """Whether it has groups to compare."""
        return self.labels is not None


@dataclass(eq=False)
class Search:
    """Tries candidates until the budget is spent.

    Parameters
    ----------
    source
        The data.
    candidates
        What to try, the likeliest first.
    budget
        Seconds; the first candidate on all members is finished in any case.
    seed
        Decides every random choice; a candidate's groups are those of a run with this seed.
    tensor_store
        Holds pretrained networks that candidates share.
    clock
        Seconds that have passed since some moment.
    """

    source: Source
    candidates: Sequence[Candidate]
    budget: float
    seed: int = 0
    tensor_store: TensorStore | None = None
    clock: Callable[[], float] = time.monotonic
    trials: list[Trial] = field(default_factory=list)
    _end: float = 0.0

    def run(self) -> Iterator[Trial]:
        """Try one after another; yields a trial whenever it has come further, so that it can be shown, and stopped.

        Raises
        ------
        InputError
            Where no candidate can be trained, with the reason of the likeliest.
        """
        self._end = self.clock() + self.budget
        whole = len(self.source.rows) == self.source.n
        plain = sorted((one for one in self.candidates if not one.learns), key=self._comes_later)
        networks = [Trial(one, on_all=True) for one in self.candidates if one.learns]
        first = [Trial(one, on_all=whole) for one in plain]
        self.trials = [*first, *networks]
        for trial in first:
            yield from self._attempt(trial)
        if not whole:
            finals = [Trial(one.candidate, on_all=True) for one in self.ranked()[:FINALISTS]]
            self.trials += finals
            networks = [*finals, *networks]  # what is done soon comes before what may not be done at all
        for trial in networks:
            yield from self._attempt(trial)
        for candidate in sorted(plain, key=self._in_any_case):
            if self.best is not None:
                return
            self.trials.append(Trial(candidate, on_all=True))  # an answer is promised
            yield from self._attempt(self.trials[-1], in_any_case=True)
        if self.best is None:
            raise InputError(
                next((trial.sentence for trial in self.trials if trial.sentence), "Nothing could be tried.")
            )

    def ranked(self) -> list[Trial]:
        """The trials that have groups, the best first; those on all members only where one is."""
        done = [trial for trial in self.trials if trial.done]
        some = [trial for trial in done if trial.on_all] or done
        return sorted(some, key=lambda trial: -trial.score)

    @property
    def best(self) -> Trial | None:
        """The best so far of those on all members."""
        return next((trial for trial in self.ranked() if trial.on_all), None)

    @property
    def seconds_left(self) -> float:
        """Of the budget."""
        return max(0.0, self._end - self.clock())

    def _comes_later(self, candidate: Candidate) -> bool:
        """Whether a candidate waits for those that are tried first: the quickest method on features that cost next to nothing."""
        costly = self.source.seconds(candidate.features, len(self.source.rows)) > AT_ONCE * self.budget
        return costly or candidate.method != QUICKEST

    def _expected(self, trial: Trial) -> float:
        """What a trial on all members promises: what it scored on the sample, else what such combinations reached."""
        scores = [other.score for other in self.trials if other.done and other.candidate is trial.candidate]
        return scores[0] if scores else trial.candidate.prior

    def _in_any_case(self, candidate: Candidate) -> tuple[float, float]:
        """The order in which candidates are tried when time is over: features that take at most a budget once more, the best."""
        seconds = self.source.seconds(candidate.features, self.source.n)
        return (seconds if seconds > self.budget else 0.0, -self._expected(Trial(candidate)))

    def _attempt(self, trial: Trial, *, in_any_case: bool = False) -> Iterator[Trial]:
        if not in_any_case and not self._has_time(trial):
            trial.state = "unfinished"
            return
        trial.state = "running"
        yield trial
        began = self.clock()
        try:
            yield from self._train(trial)
        except InputError as fault:
            trial.state, trial.sentence = "failed", str(fault)
        except BROKEN:  # one that breaks must not take all others with it
            _log.exception("%s on %s broke off", trial.candidate.method, trial.candidate.features)
            trial.state, trial.sentence = "failed", "It broke off with an error that is none of yours; the log has it."
        trial.seconds = self.clock() - began
        self._score()
        yield trial

    def _has_time(self, trial: Trial) -> bool:
        """Whether it will be done before the budget is spent, as far as is known."""
        n = self.source.n if trial.on_all else len(self.source.rows)
        left = self._end - self.clock() - (0.0 if trial.on_all else (1 - ON_SAMPLE) * self.budget)
        if n == len(self.source.rows) and not (
            trial.candidate.learns or self.source.seconds(trial.candidate.features, n)
        ):
            left += GRACE * self.budget  # features that took long to make are worth it
        if left <= 0:
            return False
        before = [other for other in self.trials if other.done and other.candidate is trial.candidate]
        growth = n / len(self.source.rows)
        if METHODS[trial.candidate.method].card.memory == "n2":
            growth **= 2
        known = before[0].seconds * growth if before else 0.0
        return self.source.seconds(trial.candidate.features, n) + known <= left

    def _train(self, trial: Trial) -> Iterator[Trial]:
        candidate = trial.candidate
        data = (self.source.everything if trial.on_all else self.source.sample)(candidate.features)
        kind = METHODS[candidate.method]
        knobs, k = check_knobs(kind.card, candidate.knobs), min(candidate.n_clusters, len(data))
        if kind.card.most_rows is not None and len(data) > kind.card.most_rows:
            raise InputError(f"{kind.card.name} takes at most {kind.card.most_rows:,} members.")
        training = fit(lambda data: kind(data, k, knobs), data, seed=self.seed, tensor_store=self.tensor_store)
        must_end = self.best is not None
        while True:
            try:
                next(training)
            except StopIteration as end:
                method: Method = end.value
                break
            yield trial
            if must_end and not self.seconds_left:
                training.close()
                trial.state = "unfinished"
                return
        outcome = evaluate(method, data)
        trial.labels = outcome.labels[self.source.rows] if trial.on_all else outcome.labels
        trial.state = "done"
        if trial.on_all:
            trial.outcome, trial.method = outcome, method

    def _score(self) -> None:
        """Compare all that have groups with each other; a trial on all members stands for the one on the sample."""
        whole = {id(trial.candidate) for trial in self.trials if trial.done and trial.on_all}
        done = [t for t in self.trials if t.done and (t.on_all or id(t.candidate) not in whole)]
        if not done:
            return
        groupings: list[Any] = [trial.labels for trial in done]
        scores = expected_agreement(groupings, [trial.candidate.prior for trial in done])
        for trial, score in zip(done, scores, strict=True):
            trial.score = float(score)

"""A run that is left to decide: candidates are tried within its budget, and it becomes the run of the best."""

import time
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from sqlalchemy.engine import RowMapping

from engine.core.card import check_knobs
from engine.intake import Preparation, Raw
from engine.methods import METHODS
from engine.portfolio.answer import answer, title
from engine.portfolio.candidates import Candidate, portfolio
from engine.portfolio.card import CARD
from engine.portfolio.groups import GroupNumber, number_of_groups
from engine.portfolio.search import Search, Trial
from engine.portfolio.source import PreparedSource
from engine.runs.db import queue
from engine.runs.db.records import COUNTING, ENCODING, SEARCHING, Record
from engine.runs.files.features import ArtifactFeatureStore
from engine.runs.files.tensor_store import ArtifactTensorStore
from engine.runs.workers.job_context import STOP_TIMEOUT, JobContext
from engine.runs.workers.run_logger import RunLogger
from engine.runs.workers.trained import Trained

STOPPED = "The search was stopped before it had tried everything."
SHOWN = 300
"""Members in the small map of a candidate."""
BEST_TIMEOUT = 30.0
"""Seconds that a search with something to show may take to notice a stop: candidates of plain methods cannot be interrupted."""
TELL = 0.5
"""Seconds between two notes of where the search stands."""


def search(context: JobContext, run: RowMapping, raw: Raw, run_logger: RunLogger) -> tuple[Trained, Record]:
    """The best candidate, trained, and the columns of the run that say so.

    Raises
    ------
    JobStopped
        Where the user stopped the search before a candidate was trained on all members; later, the best so far is taken.
    InputError
        Where no candidate can be trained.
    """
    began = time.monotonic()
    knobs = check_knobs(CARD, run["knobs"])
    budget = float(knobs.budget)
    config = context.workspace.config

    def tell(share: float) -> None:
        if context.stop.is_set():
            raise queue.JobStopped(context.job.target)
        run_logger.set_progress(ENCODING, share)

    store = ArtifactFeatureStore(context.artifacts, run["dataset"], config.pretrained)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    preparation = Preparation.from_json(run["preparation"])
    only = preparation.features if knobs.compare == "chosen" else None
    source = PreparedSource(raw, preparation, int(run["seed"]), store, tell, device, only)
    asked = {"k": run["n_clusters"], "preparation": dict(run["preparation"]), "knobs": dict(run["knobs"])}
    number = GroupNumber.given(int(run["n_clusters"])) if run["n_clusters"] is not None else None
    if number is None:
        run_logger.set_stage(COUNTING)
        number = number_of_groups(source, budget / 4, tell=lambda share: _count(context, run_logger, share))
    candidates = portfolio(source.kind, number.k, source.features)
    tensor_store = ArtifactTensorStore(
        context.artifacts, run["id"], run["dataset"], run_logger.flush, config.pretrained
    )
    left = max(1.0, budget - (time.monotonic() - began))
    found = Search(source, candidates, left, int(run["seed"]), NoCheckpoint(tensor_store))
    told = 0.0
    try:
        for trial in found.run():
            context.note_progress()
            if trial.state != "running" or time.monotonic() - told > TELL:
                told = time.monotonic()
                share = 1 - found.seconds_left / left
                state = _record(asked, number, found, source)
                run_logger.flush({"stage": "", "stage_title": SEARCHING, "progress": share, "search": state})
            if found.best is not None:
                context.stop_timeout = BEST_TIMEOUT
            if context.stop.is_set():
                break
    except queue.JobStopped:
        pass
    best = found.best
    if best is None:
        raise queue.JobStopped(context.job.target)
    stopped = context.stop.is_set()
    if stopped:
        _heed_stop(context, run_logger)
    trained, chosen = _conclude(asked, number, found, source, best, preparation)
    if stopped:
        chosen["search"]["answer"].append(STOPPED)
    return trained, chosen


class NoCheckpoint:
    """Pretrained networks are shared with other runs; checkpoints of candidates are not kept.

    A search that was interrupted begins anew: what is lost is less than its budget.
    """

    def __init__(self, inner: ArtifactTensorStore) -> None:
        self._inner = inner

    def get(self, key: str) -> Any:
        """Tensors of any shape [...] by name; None where there are none."""
        return self._inner.get(key) if key.startswith("reuse-") else None

    def put(self, key: str, tensors: Any) -> None:
        """Keep tensors of any shape [...] that runs share."""
        if key.startswith("reuse-"):
            self._inner.put(key, tensors)

    def drop(self, key: str) -> None:
        """Delete what is under the key."""


def _count(context: JobContext, run_logger: RunLogger, share: float) -> None:
    if context.stop.is_set():
        raise queue.JobStopped(context.job.target)
    run_logger.set_progress(COUNTING, share)


def _heed_stop(context: JobContext, run_logger: RunLogger) -> None:
    """The stop has done what it was for; the best so far is described like any other result, which another stop can end."""
    run_logger.flush({"stopping": False})
    context.stop_timeout = STOP_TIMEOUT
    context.stop.clear()


def _conclude(
    asked: Record, number: GroupNumber, found: Search, source: PreparedSource, best: Trial, preparation: Preparation
) -> tuple[Trained, Record]:
    """The best trial as any other training ends, and the settings by which it is made again."""
    assert best.method is not None
    assert best.outcome is not None
    candidate = best.candidate
    features = {"features": candidate.features}
    chosen: Record = {
        "method": candidate.method,
        "n_clusters": min(candidate.n_clusters, source.n),
        "preparation": Preparation.from_json(preparation.to_json() | features).to_json(),
        "knobs": _knobs(candidate),
        "search": _record(asked, number, found, source)
        | {"answer": list(answer(found, number, best, source.base.kind))},
    }
    data = source.everything(candidate.features)
    return Trained(best.method, data, best.outcome, source.prepared(candidate.features), best.seconds), chosen


def _knobs(candidate: Candidate) -> Record:
    return asdict(check_knobs(METHODS[candidate.method].card, candidate.knobs))


def _record(asked: Record, number: GroupNumber, found: Search, source: PreparedSource) -> Record:
    """Where the search stands, as JSON values: what was asked for, the number of groups, and the candidates."""
    best = found.best or next(iter(found.ranked()), None)
    return {
        "asked": asked,
        "k": number.k,
        "likely": list(number.likely),
        "others": list(number.others),
        "ends": time.time() + found.seconds_left,
        "scores": {str(k): round(score, 3) for k, score in number.scores.items()},
        "candidates": [_candidate(trial, source) | {"best": trial is best} for trial in found.trials],
    }


def _candidate(trial: Trial, source: PreparedSource) -> Record:
    """A trial as the page shows it and can submit it as a run of its own."""
    one = trial.candidate
    shown: Record = {
        "title": title(one, source.base.kind),
        "features": one.features,
        "method": one.method,
        "k": one.n_clusters,
        "knobs": dict(one.knobs),
        "on_all": trial.on_all,
        "state": trial.state,
        "score": None if not np.isfinite(trial.score) else round(trial.score, 3),
        "seconds": round(trial.seconds, 1),
        "sentence": trial.sentence,
    }
    if trial.labels is not None:
        shown["labels"] = trial.labels[:SHOWN].tolist()
        shown["positions"] = source.positions(one.features, SHOWN).tolist()
    return shown

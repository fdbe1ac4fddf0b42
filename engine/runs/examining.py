"""The examine lane's work: whether the groups of a finished run can be relied on. What it finds joins the result."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load, save
from sqlalchemy.engine import RowMapping

from engine import intake
from engine.card import check_knobs
from engine.data import Data
from engine.errors import InputError
from engine.methods import METHODS
from engine.reading import to_data
from engine.results import add_check, load_embedding
from engine.results.record import Ints, Result
from engine.results.scanning import numbers, scan
from engine.results.stability import stability
from engine.results.trusted import Stability
from engine.robustness import robustness
from engine.runs import examinations, ledger, models, queue
from engine.runs.worker import Desk
from engine.train import fit

SEEDS, SUBSAMPLES, SHARE = 3, 3, 0.8
"""Repetitions with other seeds and on part of the rows, and how large that part is."""
TELL = 1.0
"""Seconds between two words to the store."""


class Stopped(Exception):
    """Somebody asked to stop."""


@dataclass
class Case:
    """A run that is examined."""

    desk: Desk
    run: RowMapping
    result: Result
    data: Data
    told: float = 0.0
    began: float = 0.0

    def tell(self, stage: str, share: float) -> None:
        """Say how far the part at hand is; raises `Stopped` where that was asked for."""
        if self.desk.stop.is_set():
            raise Stopped
        now = time.monotonic()
        if now - self.told < TELL:
            return
        self.told, spent = now, now - self.began
        left = spent * (1 - share) / share if share > 0.02 and spent > 1 else None
        values = {"stage": stage, "progress": share, "eta": left, "eta_at": time.time()}
        with self.desk.write() as connection:
            examinations.change(connection, self.run["id"], values)

    @property
    def folder(self) -> str:
        """Where finished repetitions wait for the others."""
        return f"runs/{self.run['id']}/examine"


def work(desk: Desk) -> None:
    """Find out what is wanted, one after another, and add each to the result as soon as it is there."""
    try:
        while (part := _next(desk)) is not None:
            case = _open(desk)
            _keep(case, part, WAYS[part](case))
    except Stopped:
        with desk.write() as connection:
            _end(desk, connection, {"state": "stopped", "stopping": False})


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """Say why; what was found before stays."""
    with desk.store.write() as connection:
        _end(desk, connection, {"state": "failed", "sentence": sentence, "stopping": False})


def _next(desk: Desk) -> str | None:
    """The first part that is wanted and missing; where there is none, the job is done in the same transaction."""
    with desk.write() as connection:
        ledger.lock_run(connection, desk.job.target)
        row, result = examinations.find(connection, desk.job.target), desk.workspace.result(desk.job.target)
        for part in row["wanted"] if row else ():
            if getattr(result, part) is None:
                return str(part)
        _end(desk, connection, {"state": "done", "progress": 1.0, "stopping": False})
    return None


def _end(desk: Desk, connection: Any, values: dict[str, Any]) -> None:
    queue.finish(connection, desk.worker, desk.job)
    examinations.change(connection, desk.job.target, values | {"eta": None, "stage": ""})


def _open(desk: Desk) -> Case:
    with desk.store.read() as connection:
        run = ledger.run_row(connection, desk.job.target)
    if run is None:
        raise queue.Lost(desk.job.target)
    raw = desk.workspace.raw(run["dataset"])
    prepared = intake.prepare(raw, intake.Preparation.from_json(run["preparation"]))
    data = to_data(prepared).to("cuda" if torch.cuda.is_available() else "cpu")
    return Case(desk, run, desk.workspace.result(run["id"]), data, began=time.monotonic())


def _keep(case: Case, part: str, found: Any) -> None:
    """Add what was found to the result as it is now, and give the result a new revision."""
    run = case.run["id"]
    with case.desk.write() as connection:
        ledger.lock_run(connection, run)
        add_check(case.desk.workspace.result(run), part, found, case.desk.result_writer())
        ledger.set_run(connection, run, {"result": secrets.token_hex(4)})
    case.desk.artifacts.delete(case.folder)


def _stability(case: Case) -> Stability:
    """The same method and settings with other seeds, then on part of the rows with the run's own."""
    usual, made = float(case.run["seconds"]), []
    for number in range(SEEDS + SUBSAMPLES):
        made.append(_repeated(case, number, usual))
        usual = sum(seconds for _, seconds in made) / len(made)
    labels, seconds = [part for part, _ in made], usual * len(made)
    seed = int(case.run["seed"])
    return stability(case.result.labels, case.result.k, labels, seeds=SEEDS, seconds=seconds, seed=seed)


def _repeated(case: Case, number: int, usual: float) -> tuple[Ints, float]:
    """The labels of all rows after another training, and its seconds; taken from a worker before that died."""
    name, count = f"{case.folder}/{number}.safetensors", SEEDS + SUBSAMPLES
    if case.desk.artifacts.exists(name):
        made = load(case.desk.artifacts.read(name))
        return made["labels"], float(made["seconds"][0])
    began = time.monotonic()

    def tell() -> None:
        within = min(0.97, (time.monotonic() - began) / max(usual, 0.1))
        case.tell(f"Training again, {number + 1} of {count}", (number + within) / count)

    seed, data = int(case.run["seed"]), case.data
    if number < SEEDS:
        labels = _trained(case, seed + 1 + number, data, tell)
    else:
        labels = _trained(case, seed, data.take(_rows(len(data), number)), tell)
    seconds = time.monotonic() - began
    case.desk.artifacts.write(name, save({"labels": labels, "seconds": np.array([seconds])}))
    return labels, seconds


def _rows(n: int, number: int) -> torch.Tensor:
    """80 % of the rows in their order."""
    draw = np.random.default_rng(number).choice(n, max(2, round(SHARE * n)), replace=False)
    return torch.from_numpy(np.sort(draw))


def _trained(case: Case, seed: int, data: Data, tell: Callable[[], None]) -> Ints:
    """A training without a shelf: neither pretraining nor checkpoints are shared with anybody."""
    kind, k = METHODS[case.run["method"]], case.run["n_clusters"]
    knobs = check_knobs(kind.card, case.run["knobs"])
    if k is not None and k > len(data):
        raise InputError(f"80 % of the rows are fewer than {k} groups, so this run cannot be trained on part of them.")
    training = fit(lambda given: kind(given, k, knobs), data, seed=seed, watch=False)
    while True:
        tell()
        try:
            next(training)
        except StopIteration as end:
            with torch.no_grad():
                return np.ascontiguousarray(end.value.labels(case.data).cpu().numpy(), np.int64)


def _scan(case: Case) -> Any:
    """k-means for many numbers of groups, in the prepared columns and in what the method learned."""
    desk, run, columns = case.desk, case.run["id"], case.data.x.flatten(1).cpu().numpy()
    # A separation as learned is only measured where something was learned.
    deep = "silhouette_learned" in case.result.metrics
    learned = (
        load_embedding(case.result, lambda name: desk.artifacts.read(f"runs/{run}/result/{name}")) if deep else None
    )
    ks, seed = numbers(len(columns), case.result.k), int(case.run["seed"])
    return scan(columns, learned, ks, seed=seed, tell=partial(case.tell, "Trying other numbers of groups"))


def _robustness(case: Case) -> Any:
    """Shifts of the members that aim at another group, beside random ones."""
    method = models.trained(case.desk.artifacts, case.run["id"]).to(case.data.device)
    labels, k, seed = case.result.labels, case.result.k, int(case.run["seed"])
    tell = partial(case.tell, "Shifting members a little")
    return robustness(method, case.data, labels, k, seed=seed, tell=tell)


WAYS: dict[str, Callable[[Case], Any]] = {"stability": _stability, "scan": _scan, "robustness": _robustness}

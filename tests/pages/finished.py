"""A home with finished runs, trained inside the test: nothing needs to be waited for."""

import contextlib
import os
import signal
from pathlib import Path

from engine.api.catalogue import card
from engine.core.card import preset
from engine.runs import Settings, Workspace
from engine.runs.db.schema import workers
from engine.runs.workers.worker import Worker


def home(folder: Path, sample: str, k: int) -> tuple[Workspace, str]:
    """A home with one finished run: k-means on a sample."""
    place = Workspace.open({"CONSTELLA_HOME": str(folder)})
    return place, train(place, arrive(place, sample), "kmeans", k)


def end_workers(place: Workspace) -> None:
    """Kill the workers that a server started for this home; they outlive it on purpose."""
    with place.store.read() as connection:
        pids = [row.pid for row in connection.execute(workers.select()) if row.pid not in (0, os.getpid())]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def arrive(place: Workspace, sample: str) -> str:
    """The id of a sample's dataset, brought in."""
    item, light = place.add(sample).id, Worker(place, "light")
    while place.importing(item).state in ("queued", "running"):
        light.once()
    light._leave()  # or else a server would count on it
    dataset = place.importing(item).dataset
    assert dataset is not None, place.importing(item).sentence
    return dataset


def train(place: Workspace, dataset: str, method: str, k: int, seed: int = 0) -> str:
    """The id of a run with the Quick preset, finished."""
    knobs = preset(card(method).knobs, "quick")
    run = place.submit(Settings(dataset=dataset, method=method, n_clusters=k, knobs=knobs, seed=seed)).id
    worker = Worker(place, "train")
    while worker.once():
        continue
    worker._leave()
    assert place.run(run).state == "done", place.run(run).sentence
    return run

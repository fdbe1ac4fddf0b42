"""A home with finished runs, trained inside the test: nothing needs to be waited for."""

from engine.card import preset
from engine.cards import card
from engine.runs import Settings, Workspace
from engine.runs.worker import Worker


def arrive(place: Workspace, sample: str) -> str:
    """The id of a sample's dataset, brought in."""
    item, light = place.add(sample).id, Worker(place, "light")
    while place.importing(item).state in ("queued", "running"):
        light.once()
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
    assert place.run(run).state == "done", place.run(run).sentence
    return run

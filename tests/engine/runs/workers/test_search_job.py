"""A run that is left to decide becomes the run of what it chose; a run on features shares them with others."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.features.texture import Texture
from engine.intake import inspect
from engine.portfolio.search import Search, Trial
from engine.results import Result
from engine.results.build import build
from engine.runs import Settings, Workspace
from engine.runs.db import queue, repository
from engine.runs.db.validation import completed
from engine.runs.files import models
from engine.runs.workers import search_job, train_job
from engine.runs.workers.job_context import STOP_TIMEOUT, JobContext
from engine.runs.workers.worker import Worker, do
from tests.engine.intake.test_feature_recipe import stripes


def brought(space: Workspace, folder: Path, values: np.ndarray, name: str) -> str:
    folder.mkdir(exist_ok=True)
    path = folder / name
    if name.endswith(".npy"):
        np.save(path, values)
    else:
        np.savetxt(path, values, delimiter=",", header=",".join(f"v{i}" for i in range(values.shape[1])), comments="")
    space.add(path)
    assert Worker(space, "light").once()
    return space.datasets()[0].id


def finished(space: Workspace, settings: Settings) -> str:
    run = space.submit(settings).id
    assert Worker(space, "train").once()
    assert space.run(run).state == "done", space.run(run).sentence
    return run


@pytest.fixture
def pictures(workspace: Workspace, tmp_path: Path) -> str:
    return brought(workspace, tmp_path / "up", stripes(48), "stripes.npy")


def test_features_are_made_once_for_all_runs_of_a_dataset(workspace: Workspace, pictures: str) -> None:
    chosen = {"features": "texture"}
    first = finished(workspace, Settings(pictures, "kmeans", 3, chosen))
    folder = f"datasets/{pictures}/features"
    (key,) = workspace.artifacts.folders(folder)
    second = finished(workspace, Settings(pictures, "gmm", 3, chosen))
    assert workspace.artifacts.folders(folder) == [key]
    result = workspace.result(first)
    assert result.kind == "image"
    assert result.prototypes is None, "averages of pictures are not what was compared"
    assert result.groups[0].nearest is not None
    assert workspace.result(second).metrics["silhouette"] > 0.1
    assignment = models.predict(workspace, workspace.run(first), inspect(stripes(12)))
    assert len(set(zip(assignment.labels.tolist(), (np.arange(12) % 3).tolist(), strict=True))) == 3
    for run in (first, second):
        workspace.delete(run)
    workspace.delete_dataset(pictures)
    assert workspace.artifacts.folders(folder) == []


def test_groups_by_content_are_not_called_after_their_colors(
    workspace: Workspace, pictures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(seed: int) -> Result:
        return workspace.result(finished(workspace, Settings(pictures, "kmeans", 3, {"features": "texture"}, {}, seed)))

    by_look = made(0)
    assert any("bright" in group.name or "contrast" in group.name for group in by_look.groups)
    assert by_look.explanations.surrogate is not None
    monkeypatch.setattr(Texture, "card", replace(Texture.card, trained_on="many photographs"))
    by_content = made(1)
    assert [group.heading for group in by_content.groups] == ["Group 1", "Group 2", "Group 3"]
    assert by_content.explanations.surrogate is None
    assert by_content.explanations.distributions is None


def test_a_method_for_pictures_alone_does_not_take_features(workspace: Workspace, pictures: str) -> None:
    record = workspace.dataset(pictures)
    with pytest.raises(InputError, match=r"compares series, and stripes\.npy holds pictures"):
        completed(Settings(pictures, "kmeans", 3, {"features": "patterns"}), record)


def test_it_becomes_the_run_of_what_it_chose(workspace: Workspace, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    centers = np.array([[0.0, 0, 0], [9, 0, 0], [0, 9, 0]])
    rows = draw.normal(size=(90, 3)) + centers[np.arange(90) % 3]
    dataset = brought(workspace, tmp_path / "up", rows, "blobs.csv")
    settings = Settings(dataset, "auto", None, knobs={"budget": 60})
    run = finished(workspace, settings)
    record = workspace.run(run)
    assert record.method != "auto"
    assert record.n_clusters == 3
    assert record.search is not None
    assert record.search["answer"]
    assert record.search["asked"]["k"] is None
    best = [one for one in record.search["candidates"] if one["best"]]
    assert [one["method"] for one in best] == [record.method]
    assert len(best[0]["labels"]) == len(best[0]["positions"]) == 90
    assert workspace.submit(settings).id == run, "the same question has the same answer"
    assert workspace.is_current(record)
    plain = finished(workspace, Settings(dataset, record.method, 3, record.preparation, record.knobs))
    assert plain != run
    np.testing.assert_array_equal(workspace.result(plain).labels, workspace.result(run).labels)


@pytest.fixture
def searching(workspace: Workspace, tmp_path: Path) -> JobContext:
    """A search on 60 rows that a worker has begun."""
    rows = np.random.default_rng(0).normal(size=(60, 3)) + 9 * np.eye(3)[np.arange(60) % 3]
    dataset = brought(workspace, tmp_path / "up", rows, "blobs.csv")
    workspace.submit(Settings(dataset, "auto", 3, knobs={"budget": 60}))
    worker = Worker(workspace, "train")
    with workspace.store.write() as connection:
        job = queue.claim(connection, worker.id, "train")
    assert job is not None
    return JobContext(job, workspace, worker.id)


def test_a_stopped_search_takes_the_best_so_far(searching: JobContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker ends itself where a stop stays unheard, so the request must be gone before the groups are described."""
    space, run, whole, seen = searching.workspace, searching.job.target, Search.run, {}

    def stopped_after_the_first(self: Search) -> Iterator[Trial]:
        for trial in whole(self):
            yield trial
            if self.best is not None:
                seen["patience"] = searching.stop_timeout
                space.stop(run)
                searching.stop.set()

    def described(*given: Any, **named: Any) -> Any:
        with space.store.read() as connection:
            seen["asked"] = queue.is_stop_requested(connection, searching.job)
        return build(*given, **named)

    monkeypatch.setattr(Search, "run", stopped_after_the_first)
    monkeypatch.setattr(train_job, "build", described)
    do(searching)
    record = space.run(run)
    assert record.state == "done", record.sentence
    assert seen == {"patience": search_job.BEST_TIMEOUT, "asked": False}
    assert searching.stop_timeout == STOP_TIMEOUT
    assert record.search is not None
    assert [one["state"] for one in record.search["candidates"]].count("done") == 1
    assert record.search["answer"][-1] == search_job.STOPPED


def test_a_search_whose_worker_died_says_that_it_begins_anew(searching: JobContext) -> None:
    space, run = searching.workspace, searching.job.target
    space.store.change(lambda connection: repository.set_run(connection, run, {"search": {"candidates": []}}))
    space.store.change(lambda connection: queue.release_worker(connection, searching.worker, "was killed"))
    assert space.run(run).state == "interrupted"
    assert space.run(run).sentence == "The worker that trained this run was killed; another one begins the search anew."
    assert space.run(run).search is None


def test_a_budget_out_of_range_is_refused(workspace: Workspace, pictures: str) -> None:
    with pytest.raises(InputError, match="Budget cannot be 0"):
        workspace.submit(Settings(pictures, "auto", 3, knobs={"budget": 0}))

"""An examination from the question to the result, and everything that can go wrong on the way."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save
from sqlalchemy import select

from engine.core.errors import InputError
from engine.runs import Settings, Workspace
from engine.runs.db import queue
from engine.runs.db.records import Request
from engine.runs.db.schema import jobs, requests
from engine.runs.executors.local import entry
from engine.runs.workers import evaluate_job
from engine.runs.workers.worker import Worker

SMALL = {"layers": "32-16", "pretrain_epochs": 2, "epochs": 2, "tolerance": 0.0}


def _jobs(space: Workspace) -> list[str]:
    with space.store.read() as connection:
        return [row.kind for row in connection.execute(select(jobs)).all() if row.kind == "evaluate"]


def _told(space: Workspace, run: str, part: str = "stability") -> Request:
    found = space.evaluations.find(run, part)
    assert found is not None
    return found


def test_stability_joins_the_result(digits: Workspace, run: str) -> None:
    assert digits.evaluations.find(run, "stability") is None
    digits.evaluations.ask(run, "stability")
    asked = _told(digits, run)
    assert (asked.state, asked.name, asked.eta_seconds) == ("queued", "stability", None)
    assert digits.result(run).stability is None
    assert Worker(digits, "evaluate").once()
    told, found = _told(digits, run), digits.result(run).stability
    assert (told.state, told.progress, told.active) == ("done", 1.0, False)
    assert found is not None
    assert found.agreement.shape == (7, 7)
    assert found.overlap.shape == (6, 10)
    assert (found.seeds, len(found.left), found.consensus.shape) == (3, 1797, (400, 400))
    assert found.agreement[0, 1:].min() > 0.5
    assert found.agreement[0, 1:].max() < 1
    assert not digits.artifacts.exists(f"runs/{run}/requests/stability")
    digits.evaluations.ask(run, "stability")
    assert _jobs(digits) == [], "nothing is computed twice"


def test_asked_anew_the_old_answer_stays_until_the_new_one_is_there(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, seeds = evaluate_job._trained, []

    def note(case: Any, seed: int, *args: Any) -> Any:
        seeds.append(seed)
        assert (digits.result(run).stability is not None) == (len(seeds) > 6)
        return trained(case, seed, *args)

    monkeypatch.setattr(evaluate_job, "_trained", note)
    digits.evaluations.ask(run, "stability")
    worker = Worker(digits, "evaluate")
    assert worker.once()
    first = digits.result(run).stability
    digits.evaluations.ask(run, "stability", 5, anew=True)
    assert _told(digits, run).source == {"repetitions": 5, "draw": 1}
    assert worker.once()
    second = digits.result(run).stability
    assert first is not None
    assert second is not None
    assert (first.seeds, second.seeds, second.agreement.shape) == (3, 5, (11, 11))
    assert len(set(seeds) - {0}) == 8, "no start is taken twice"
    assert not np.array_equal(first.agreement, second.agreement[:7, :7])
    again = Workspace(digits.config)
    assert np.array_equal(again.result(run).stability.agreement, second.agreement)  # type: ignore[union-attr]
    again.close()
    digits.evaluations.ask(run, "stability")
    assert _jobs(digits) == []


def test_an_old_answer_survives_a_failure_to_find_a_new_one(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_job, "numbers", lambda n, own, most: np.arange(1, 5))
    digits.evaluations.ask(run, "scan")
    worker = Worker(digits, "evaluate")
    assert worker.once()
    before = digits.result(run).scan
    monkeypatch.setitem(evaluate_job.WAYS, "scan", lambda case: 1 / 0)
    digits.evaluations.ask(run, "scan", 40, anew=True)
    assert worker.once()
    assert _told(digits, run, "scan").state == "failed"
    assert digits.result(run).scan is before
    digits.evaluations.ask(run, "scan", 40, anew=True)
    assert _told(digits, run, "scan").source == {"most": 40, "draw": 1}, "it goes on from where it failed"


def test_parts_are_asked_for_one_by_one_and_stopped_one_by_one(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_job, "numbers", lambda n, own, most: np.arange(1, 5))
    for part in ("stability", "scan"):
        digits.evaluations.ask(run, part)
    assert [digits.evaluations.position(f"{run}.{part}") for part in ("stability", "scan")] == [0, 1]
    digits.evaluations.stop(f"{run}.stability")
    assert Worker(digits, "evaluate").once()
    result = digits.result(run)
    assert result.stability is None
    assert result.scan is not None
    assert result.scan.ks.tolist() == [1, 2, 3, 4]
    assert result.scan.learned is None
    assert _jobs(digits) == []


def test_a_deep_run_is_trained_again_without_its_pretraining_and_shaken(digits: Workspace) -> None:
    run = digits.submit(Settings(digits.datasets()[0].id, "idec", 5, knobs=SMALL)).id
    assert Worker(digits, "train").once()
    shared = digits.artifacts.names("reuse")
    digits.evaluations.ask(run, "stability")
    digits.evaluations.ask(run, "robustness")
    worker = Worker(digits, "evaluate")
    assert worker.once()
    assert worker.once()
    assert digits.artifacts.names("reuse") == shared, "no pretraining is left for others, and none was taken"
    result = digits.result(run)
    assert result.stability is not None
    assert result.robustness is not None
    aimed, random = result.robustness.aimed, result.robustness.random
    assert (aimed >= random - 0.02).all(), "an aimed shift moves more members than a random one"
    assert aimed[-1] > random[-1]
    assert aimed[-1] > aimed[0]
    assert result.robustness.groups.shape == (5,)


def test_a_map_and_an_examination_at_once_lose_nothing(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.runs.workers import umap_job

    def slow(embedding: Any, labels: Any) -> Any:
        digits.evaluations.ask(run, "stability")
        assert Worker(digits, "evaluate").once()
        return np.zeros((len(labels), 2), np.float32)

    monkeypatch.setattr(umap_job, "umap2", slow)
    assert Worker(digits, "map").once()
    assert digits.result(run).stability is not None
    assert "umap2" in digits.result(run).maps


def test_stopped_while_it_waits_and_while_it_works(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits.evaluations.ask(run, "stability")
    digits.evaluations.stop(f"{run}.stability")
    assert _told(digits, run).state == "stopped"
    assert _jobs(digits) == []
    worker = Worker(digits, "evaluate")

    def stop(case: Any) -> Any:
        digits.evaluations.stop(f"{run}.stability")
        assert _told(digits, run).state == "stopping"
        worker._check_stop(0.0)
        case.tell("Training again", 0.5)

    digits.evaluations.ask(run, "stability")
    monkeypatch.setitem(evaluate_job.WAYS, "stability", stop)
    assert worker.once()
    told = _told(digits, run)
    assert (told.state, told.active) == ("stopped", False)
    assert digits.result(run).stability is None
    assert _jobs(digits) == []


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, calls = evaluate_job._trained, []

    def dies(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return trained(*args)

    monkeypatch.setattr(evaluate_job, "_trained", dies)
    digits.evaluations.ask(run, "stability")
    first = Worker(digits, "evaluate")
    with pytest.raises(KeyboardInterrupt):
        first.once()
    with digits.store.write() as connection:
        queue.release_worker(connection, first.id, "was killed by signal 9 (SIGKILL)")
    assert _told(digits, run).state == "queued"
    assert Worker(digits, "evaluate").once()
    assert digits.result(run).stability is not None
    assert len(calls) == 3 + 4, "the two repetitions that were finished are not made again"


def test_a_damaged_repetition_is_discarded_and_made_anew(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = save({"labels": digits.result(run).labels, "seconds": np.array([1.0])})
    names = [f"runs/{run}/requests/stability/{name}.safetensors" for name in ("start-1", "start-2", "start-3")]
    for name in names:
        digits.artifacts.write(name, made)
    changed = Path(digits.config.artifacts) / names[0]
    changed.write_bytes(changed.read_bytes().replace(b"labels", b"lapels"))
    digits.artifacts.write(names[1], b"sealed, but no labels")
    calls = []

    def count(*args: Any) -> Any:
        calls.append(args)
        return digits.result(run).labels

    monkeypatch.setattr(evaluate_job, "_trained", count)
    digits.evaluations.ask(run, "stability")
    assert Worker(digits, "evaluate").once()
    assert _told(digits, run).state == "done"
    assert len(calls) == 5, "the sound repetition is taken, the damaged ones are made again"
    assert [name for name in names if f"{name} is damaged" in caplog.text] == names[:2]


def test_a_second_death_ends_it_in_a_sentence(digits: Workspace, run: str) -> None:
    digits.evaluations.ask(run, "scan")
    for name in ("one", "two"):
        with digits.store.write() as connection:
            queue.register(connection, entry(name, "evaluate", 7, pid=os.getpid()))
            assert queue.claim(connection, name, "evaluate") is not None
        with digits.store.write() as connection:
            queue.release_worker(connection, name, "ran out of memory and was killed by the system")
    told = _told(digits, run, "scan")
    assert told.state == "failed"
    assert "ran out of memory" in told.sentence
    assert digits.run(run).state == "done", "the run itself is as good as before"


def test_a_deleted_run_takes_its_examination_along(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(digits, "evaluate")

    def delete(case: Any) -> Any:
        digits.delete(run)
        worker._check_stop(0.0)
        case.context.artifacts.write(f"{case.folder}/0.safetensors", b"late")
        case.tell("Training again", 0.5)

    monkeypatch.setitem(evaluate_job.WAYS, "stability", delete)
    digits.evaluations.ask(run, "stability")
    assert worker.once()
    assert digits.evaluations.find(run, "stability") is None
    assert not digits.artifacts.exists(f"runs/{run}")
    with digits.store.read() as connection:
        assert connection.execute(select(requests)).all() == []


def test_it_keeps_no_training_and_no_import_waiting(digits: Workspace, run: str) -> None:
    digits.evaluations.ask(run, "stability")
    digits.submit(Settings(digits.datasets()[0].id, "kmeans", 3, knobs={"restarts": 2}))
    with digits.store.read() as connection:
        assert {"evaluate", "train"} <= queue.waiting_lanes(connection)
    assert queue.LANE_OF["evaluate"] not in queue.WARM_LANES
    with digits.store.write() as connection:
        job = queue.claim(connection, "trainer", "train")
    assert job is not None
    assert job.kind == "train"


def test_what_cannot_be_asked_is_refused(digits: Workspace, run: str) -> None:
    with pytest.raises(InputError, match="Choose one of stability"):
        digits.evaluations.ask(run, "nonsense")
    with pytest.raises(InputError, match="repetitions is 4; it can be 3, 5, 10"):
        digits.evaluations.ask(run, "stability", 4)
    waiting = digits.submit(Settings(digits.datasets()[0].id, "kmeans", 4, knobs={"restarts": 2})).id
    with pytest.raises(InputError, match="no result yet"):
        digits.evaluations.ask(waiting, "stability")

"""An examination from the question to the result, and everything that can go wrong on the way."""

import os
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from engine.errors import InputError
from engine.runs import Settings, Workspace, examining, queue
from engine.runs.executors.local import entry
from engine.runs.store import examinations, jobs
from engine.runs.worker import Worker

SMALL = {"layers": "32-16", "pretrain_epochs": 2, "epochs": 2, "tolerance": 0.0}


@pytest.fixture
def run(digits: Workspace) -> str:
    settings = Settings(digits.datasets()[0].id, "kmeans", 10, knobs={"restarts": 2})
    made = digits.submit(settings).id
    assert Worker(digits, "train").once()
    return made


def _jobs(space: Workspace) -> list[str]:
    with space.store.read() as connection:
        return [row.kind for row in connection.execute(select(jobs)).all() if row.kind == "examine"]


def test_stability_joins_the_result(digits: Workspace, run: str) -> None:
    assert digits.examination(run) is None
    digits.examine(run, "stability")
    asked = digits.examination(run)
    assert asked is not None
    assert (asked.state, asked.wanted) == ("queued", ("stability",))
    assert digits.result(run).stability is None
    assert Worker(digits, "examine").once()
    told, found = digits.examination(run), digits.result(run).stability
    assert told is not None
    assert (told.state, told.progress, told.active) == ("done", 1.0, False)
    assert found is not None
    assert found.agreement.shape == (7, 7)
    assert found.overlap.shape == (6, 10)
    assert (found.seeds, len(found.left), found.consensus.shape) == (3, 1797, (400, 400))
    assert found.agreement[0, 1:].min() > 0.5
    assert found.agreement[0, 1:].max() < 1
    assert digits.artifacts.names(f"runs/{run}/examine") == []
    digits.examine(run, "stability")
    assert _jobs(digits) == [], "nothing is computed twice"


def test_what_is_wanted_later_is_taken_up_by_the_same_worker(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def also(case: Any) -> Any:
        digits.examine(run, "scan")
        return stability(case)

    stability = examining.WAYS["stability"]
    monkeypatch.setattr(examining, "numbers", lambda n, own: np.arange(1, 5))
    monkeypatch.setitem(examining.WAYS, "stability", also)
    digits.examine(run, "stability")
    assert Worker(digits, "examine").once()
    result = digits.result(run)
    assert result.stability is not None
    assert result.scan is not None
    assert result.scan.ks.tolist() == [1, 2, 3, 4]
    assert result.scan.learned is None
    assert _jobs(digits) == []


def test_a_deep_run_is_trained_again_without_its_pretraining_and_shaken(digits: Workspace) -> None:
    run = digits.submit(Settings(digits.datasets()[0].id, "idec", 5, knobs=SMALL)).id
    assert Worker(digits, "train").once()
    shared = digits.artifacts.names("reuse")
    digits.examine(run, "stability")
    digits.examine(run, "robustness")
    assert Worker(digits, "examine").once()
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
    from engine.runs import projecting

    def slow(embedding: Any, labels: Any) -> Any:
        digits.examine(run, "stability")
        assert Worker(digits, "examine").once()
        return np.zeros((len(labels), 2), np.float32)

    monkeypatch.setattr(projecting, "umap2", slow)
    assert Worker(digits, "map").once()
    assert digits.result(run).stability is not None
    assert "umap2" in digits.result(run).maps


def test_stopped_while_it_waits_and_while_it_works(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits.examine(run, "stability")
    digits.stop_examination(run)
    assert digits.examination(run).state == "stopped"  # type: ignore[union-attr]
    assert _jobs(digits) == []
    worker = Worker(digits, "examine")

    def stop(case: Any) -> Any:
        digits.stop_examination(run)
        assert digits.examination(run).stopping  # type: ignore[union-attr]
        worker._listen(0.0)
        case.tell("Training again", 0.5)

    digits.examine(run, "stability")
    monkeypatch.setitem(examining.WAYS, "stability", stop)
    assert worker.once()
    told = digits.examination(run)
    assert told is not None
    assert (told.state, told.stopping) == ("stopped", False)
    assert digits.result(run).stability is None
    assert _jobs(digits) == []


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, calls = examining._trained, []

    def dies(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return trained(*args)

    monkeypatch.setattr(examining, "_trained", dies)
    digits.examine(run, "stability")
    first = Worker(digits, "examine")
    with pytest.raises(KeyboardInterrupt):
        first.once()
    with digits.store.write() as connection:
        queue.bury(connection, first.id, "was killed by signal 9 (SIGKILL)")
    assert digits.examination(run).state == "queued"  # type: ignore[union-attr]
    assert Worker(digits, "examine").once()
    assert digits.result(run).stability is not None
    assert len(calls) == 3 + 4, "the two repetitions that were finished are not made again"


def test_a_second_death_ends_it_in_a_sentence(digits: Workspace, run: str) -> None:
    digits.examine(run, "scan")
    for name in ("one", "two"):
        with digits.store.write() as connection:
            queue.register(connection, entry(name, "examine", 7, pid=os.getpid()))
            assert queue.claim(connection, name, "examine") is not None
        with digits.store.write() as connection:
            queue.bury(connection, name, "ran out of memory and was killed by the system")
    told = digits.examination(run)
    assert told is not None
    assert told.state == "failed"
    assert "ran out of memory" in told.sentence
    assert digits.run(run).state == "done", "the run itself is as good as before"


def test_a_deleted_run_takes_its_examination_along(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(digits, "examine")

    def delete(case: Any) -> Any:
        digits.delete(run)
        worker._listen(0.0)
        case.desk.artifacts.write(f"{case.folder}/0.safetensors", b"late")
        case.tell("Training again", 0.5)

    monkeypatch.setitem(examining.WAYS, "stability", delete)
    digits.examine(run, "stability")
    assert worker.once()
    assert digits.examination(run) is None
    assert not digits.artifacts.exists(f"runs/{run}")
    with digits.store.read() as connection:
        assert connection.execute(select(examinations)).all() == []


def test_it_keeps_no_training_and_no_import_waiting(digits: Workspace, run: str) -> None:
    digits.examine(run, "stability")
    digits.submit(Settings(digits.datasets()[0].id, "kmeans", 3, knobs={"restarts": 2}))
    with digits.store.read() as connection:
        assert {"examine", "train"} <= queue.waiting(connection)
    assert queue.LANE_OF["examine"] not in queue.WARM
    with digits.store.write() as connection:
        job = queue.claim(connection, "trainer", "train")
    assert job is not None
    assert job.kind == "train"


def test_what_cannot_be_asked_is_refused(digits: Workspace, run: str) -> None:
    with pytest.raises(InputError, match="Choose one of stability"):
        digits.examine(run, "nonsense")
    waiting = digits.submit(Settings(digits.datasets()[0].id, "kmeans", 4, knobs={"restarts": 2})).id
    with pytest.raises(InputError, match="no result yet"):
        digits.examine(waiting, "stability")

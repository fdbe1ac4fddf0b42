"""Jobs and workers: each job to one worker, back once when it dies, failed the second time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from engine.runs import DatasetRecord, Settings, Workspace
from engine.runs.db import queue, repository
from engine.runs.db.clock import now
from engine.runs.db.schema import jobs
from engine.runs.executors import local
from engine.runs.executors.local import entry, threads


def _submit(workspace: Workspace, seed: int = 0) -> str:
    with workspace.store.write() as connection:
        settings = Settings("d" * 20, "kmeans", 3, {"scale": "standard"}, {"restarts": 10}, seed)
        return repository.open_run(connection, settings, "k-means on customers")


def _hire(workspace: Workspace, name: str, slot: int = 0) -> None:
    with workspace.store.write() as connection:
        queue.register(connection, entry(name, "train", slot, pid=os.getpid()))


def _claim(workspace: Workspace, worker: str) -> queue.Job | None:
    with workspace.store.write() as connection:
        return queue.claim(connection, worker, "train")


def _bury(workspace: Workspace, worker: str) -> None:
    with workspace.store.write() as connection:
        queue.release_worker(connection, worker, "was killed by signal 9 (SIGKILL)")


def test_every_job_goes_to_one_worker(workspace: Workspace) -> None:
    expected = {_submit(workspace, seed) for seed in range(20)}
    names = [f"worker{i}" for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda i: _claim(workspace, names[i % 4]), range(30)))
    assert sorted(job.target for job in claimed if job) == sorted(expected)
    assert claimed.count(None) == 10


def test_the_oldest_goes_first_and_positions_count_those_before(workspace: Workspace) -> None:
    first, second, third = (_submit(workspace, seed) for seed in range(3))
    assert [workspace.position(run) for run in (first, second, third)] == [0, 1, 2]
    job = _claim(workspace, "worker")
    assert job is not None
    assert job.target == first
    assert [workspace.position(run) for run in (first, second, third)] == [0, 1, 2]
    assert workspace.run(first).state == "running"


def test_the_same_settings_are_the_same_run(workspace: Workspace) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = set(pool.map(lambda _: _submit(workspace), range(16)))
    assert len(runs) == len(workspace.runs()) == 1
    with workspace.store.read() as connection:
        assert len(connection.execute(select(jobs)).all()) == 1


def test_a_dead_worker_gives_its_run_back_once(workspace: Workspace) -> None:
    run = _submit(workspace)
    for name, state in (("one", "interrupted"), ("two", "failed")):
        _hire(workspace, name)
        assert _claim(workspace, name) is not None
        _bury(workspace, name)
        assert workspace.run(run).state == state
        assert "killed by signal 9" in workspace.run(run).sentence
    assert workspace.run(run).fault == "ours"
    assert _claim(workspace, "three") is None


def test_a_failed_run_starts_with_a_clean_slate(workspace: Workspace) -> None:
    run = _submit(workspace)
    for name in ("one", "two"):
        _claim(workspace, name)
        _bury(workspace, name)
    assert workspace.retry(run).state == "queued"
    assert workspace.run(run).sentence == ""
    _claim(workspace, "three")
    _bury(workspace, "three")
    assert workspace.run(run).state == "interrupted"


def test_a_worker_that_was_given_up_can_write_no_more(workspace: Workspace) -> None:
    _submit(workspace)
    job = _claim(workspace, "one")
    assert job is not None
    _bury(workspace, "one")
    with pytest.raises(queue.JobLost), workspace.store.write() as connection:
        queue.finish(connection, "one", job)
    again = _claim(workspace, "two")
    assert again is not None
    assert again.crashes == 1


def test_jobs_of_unknown_workers_are_found(workspace: Workspace) -> None:
    _submit(workspace)
    _claim(workspace, "ghost")
    with workspace.store.read() as connection:
        assert queue.unregistered_workers(connection) == ["ghost"]


def test_one_worker_for_each_post(workspace: Workspace) -> None:
    _hire(workspace, "one")
    with pytest.raises(Exception, match="UNIQUE"):
        _hire(workspace, "two")
    _hire(workspace, "two", slot=1)


def test_nobody_leaves_while_work_waits(workspace: Workspace) -> None:
    _hire(workspace, "one")
    _submit(workspace)
    with workspace.store.write() as connection:
        assert not queue.deregister(connection, "one", "train")
    _claim(workspace, "one")
    with workspace.store.write() as connection:
        assert queue.deregister(connection, "one", "train")
        assert not queue.record_heartbeat(connection, "one")


def test_a_waiting_run_stops_at_once_and_starts_again(workspace: Workspace) -> None:
    run = _submit(workspace)
    workspace.stop(run)
    assert workspace.run(run).state == "stopped"
    assert _claim(workspace, "one") is None
    assert workspace.retry(run).state == "queued"
    assert _claim(workspace, "one") is not None


def test_a_run_that_was_told_to_stop_is_stopped_by_its_worker_s_death(workspace: Workspace) -> None:
    run = _submit(workspace)
    _claim(workspace, "one")
    workspace.stop(run)
    assert workspace.run(run).state == "running"
    assert workspace.run(run).stopping
    _bury(workspace, "one")
    assert workspace.run(run).state == "stopped"


def test_calls_cost_the_same_with_many_runs_and_a_long_history(workspace: Workspace, table: DatasetRecord) -> None:
    runs = [_submit(workspace, 0)]
    calls: list[Callable[[], object]] = [
        lambda: workspace.run(runs[0]),
        lambda: workspace.position(runs[-1]),
        lambda: workspace.history(runs[0], since=990),
        lambda: workspace.datasets(),
        lambda: workspace.recording(runs[0]),
        lambda: workspace.links.of_run(runs[0]),
    ]
    before = [_cost(call) for call in calls]
    runs += [_submit(workspace, seed) for seed in range(1, 200)]
    with workspace.store.write() as connection:
        repository.add_history(
            connection, runs[0], ({"seq": i, "terms": {"reconstruction": 1.0}} for i in range(1, 991))
        )
    assert [_cost(call) for call in calls] == before


def _cost(call: Callable[[], object]) -> tuple[int, int]:
    """How many queries a call makes, and how many of them read a whole table although they ask for a part."""
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        found = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        plans.append(f"{statement} {found}")

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        call()
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    return len(plans), sum("WHERE" in plan and "SCAN" in plan for plan in plans)


def test_heartbeats_and_ages_are_measured_by_the_database_s_clock(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hosts whose clocks are an hour apart: neither takes the other's worker for dead."""
    far = entry("far", "train", 0, pid=os.getpid()) | {"host": "another"}
    real = time.time
    for skew in (-3600.0, 3600.0):
        monkeypatch.setattr(time, "time", lambda skew=skew: real() + skew)
        with workspace.store.write() as connection:
            queue.register(connection, far | {"id": f"far{skew}", "slot": int(skew)})
            assert queue.record_heartbeat(connection, f"far{skew}")
    monkeypatch.undo()
    with workspace.store.read() as connection:
        rows = queue.list_workers(connection)
    assert [0 <= row["silence"] < 5 and 0 <= row["age"] < 5 for row in rows] == [True, True]
    assert [local._end_of(row) for row in rows] == ["", ""]


def test_the_database_s_clock_runs_as_fast_as_ours(workspace: Workspace) -> None:
    with workspace.store.read() as connection:
        before, here = connection.execute(select(now())).scalar_one(), time.time()
        assert before == pytest.approx(here, abs=2)
        time.sleep(0.05)
        assert 0.04 < connection.execute(select(now())).scalar_one() - before < 2


def test_a_worker_far_away_is_missed_by_its_heartbeat(workspace: Workspace) -> None:
    run = _submit(workspace)
    with workspace.store.write() as connection:
        queue.register(
            connection, entry("far", "train", 0, pid=os.getpid()) | {"host": "another", "heartbeat": now() - 9}
        )
    _claim(workspace, "far")
    with workspace.store.write() as connection:  # a fresh one on the same far host is left alone
        queue.register(connection, entry("near", "light", 0, pid=os.getpid()) | {"host": "another"})
        queue.register(connection, entry("here", "train", 0, pid=0))
    workspace.ensure_workers(warm=False)
    assert workspace.run(run).state == "interrupted"
    assert "another was not heard of any more" in workspace.run(run).sentence
    with workspace.store.read() as connection:
        assert {row["id"] for row in queue.list_workers(connection)} == {"near", "here"}


def test_a_process_that_lives_but_was_silent_for_hours_is_ended(workspace: Workspace) -> None:
    """Not even the thread that sends heartbeats runs: a library has not come back."""
    run = _submit(workspace)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as child:
        row = entry("stuck", "train", 0, pid=child.pid) | {"heartbeat": now() - local.HANG_TIMEOUT - 60}
        with workspace.store.write() as connection:
            queue.register(connection, row)
            queue.register(connection, entry("next", "train", 1, pid=0))
        _claim(workspace, "stuck")
        executor = local.Local(workspace.config, workspace.store)
        executor._starts["train"].earliest = float("inf")  # none is started
        executor.ensure(warm=False)
        assert child.wait(10) == -signal.SIGKILL
    assert workspace.run(run).state == "interrupted"
    assert "did not respond for 6 hours" in workspace.run(run).sentence


def test_children_that_have_left_are_forgotten(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    children = {}
    for name in ("left", "died", "lives"):
        code = "import time; time.sleep(600)" if name == "lives" else "raise SystemExit(3)"
        children[name] = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    monkeypatch.setattr(local, "_CHILDREN", dict(children))
    with workspace.store.write() as connection:
        for slot, name in enumerate(("died", "lives")):
            queue.register(connection, entry(name, "train", slot, pid=children[name].pid))
    children["left"].wait(60)
    children["died"].wait(60)
    local._reap({"died", "lives"})
    assert set(local._CHILDREN) == {"died", "lives"}, "how one ended is still asked for while its entry is there"
    workspace.ensure_workers(warm=False)
    assert set(local._CHILDREN) == {"lives"}
    children["lives"].kill()
    children["lives"].wait(60)


def test_workers_leave_a_core_to_the_page_and_take_all_without_one(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert threads(8, served=True) == {"OMP_NUM_THREADS": "7", "OMP_WAIT_POLICY": "PASSIVE"}
    assert threads(1, served=True)["OMP_NUM_THREADS"] == "1"
    assert threads(8, served=False) == {}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert "OMP_NUM_THREADS" not in threads(8, served=True), "what the user has set stays"


def test_what_is_asked_of_a_finished_run_comes_back_once_when_its_worker_dies(workspace: Workspace) -> None:
    run = _submit(workspace)
    with workspace.store.write() as connection:
        queue.register(connection, entry("light", "light", 0, pid=os.getpid()))
        repository.set_run(connection, run, {"state": "done"})
    request = workspace.exports.ask(run, "onnx")
    for state in ("queued", "failed"):
        with workspace.store.write() as connection:
            job = queue.claim(connection, "light", "light")
        assert job is not None
        assert (job.kind, job.target) == ("export", request.id)
        assert workspace.exports.get(request.id).state == "running"
        _bury(workspace, "light")
        assert workspace.exports.get(request.id).state == state
    assert "was killed by signal 9" in workspace.exports.get(request.id).sentence
    assert workspace.exports.ask(run, "onnx").state == "queued", "asked for again, it is tried again"


def test_a_second_worker_helps_where_quick_jobs_wait_for_a_long_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, int]] = []
    monkeypatch.setattr(local.Local, "_start", lambda self, lane, slot: started.append((lane, slot)))
    executor = local.Local(workspace.config, workspace.store)
    with workspace.store.write() as connection:
        queue.register(connection, entry("first", "light", 0, pid=os.getpid()))
    workspace.add(b"a,b\n1,2\n3,4\n", "a.csv")
    executor.ensure(warm=False)
    assert started == [], "a worker that has nothing to do takes it"
    with workspace.store.write() as connection:
        assert queue.claim(connection, "first", "light") is not None
    executor.ensure(warm=False)
    assert started == [], "nothing waits"
    workspace.add(b"a,b\n5,2\n3,4\n", "b.csv")
    executor.ensure(warm=False)
    assert started == [("light", 1)]

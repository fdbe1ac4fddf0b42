"""What must survive: real workers, killed for real, on real digits."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from sqlalchemy import select

from engine.api.catalogue import card
from engine.runs import Settings, Workspace, processes
from engine.runs.db.schema import workers
from engine.runs.workers.worker import JOB_MODULES, Worker, main

PATIENCE = 240.0
"""Seconds that anything may take on a busy machine; what must be fast is measured by itself."""
SMALL = {"layers": "64-32", "batch": 128, "tolerance": 0.0}


def settings(space: Workspace, method: str = "idec", seed: int = 0, **knobs: object) -> Settings:
    chosen = {} if method == "kmeans" else SMALL | knobs
    return Settings(space.datasets()[0].id, method, 10, knobs=chosen, seed=seed)


def endless(space: Workspace, layers: str = "500-500-2000") -> str:
    """A run that takes far longer than its test; hours with the layers of the papers."""
    return space.submit(settings(space, layers=layers, pretrain_epochs=2000, epochs=5000)).id


def until(true: Callable[[], object], tend: Callable[[], None] = lambda: None) -> float:
    """Seconds until something is true; `tend` is what a server does meanwhile."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < PATIENCE, "waited in vain"
        tend()
        time.sleep(0.05)
    return time.monotonic() - began


def tending(space: Workspace) -> Callable[[], None]:
    return lambda: space.ensure_workers(warm=False)


def train_worker(space: Workspace) -> int:
    """The process of the one train worker; 0 while there is none."""
    with space.store.read() as connection:
        return int(connection.execute(select(workers.c.pid).where(workers.c.lane == "train")).scalar() or 0)


def kill(pid: int) -> None:
    assert pid > 1
    os.kill(pid, signal.SIGKILL)


def trained(space: Workspace, run: str) -> bool:
    return space.run(run).epoch > 0


def _serve_until_the_eighth_checkpoint(environment: dict[str, str]) -> None:
    """Serve, keep a checkpoint of every epoch slowly enough for progress to be stored, and stand still after the eighth."""
    os.environ |= environment
    from engine.runs.workers.run_logger import FLUSH
    from engine.training import trainer
    from engine.training.checkpoint import Checkpoint

    trainer.CHECKPOINT_EVERY, trainer.CHECKPOINT_SHARE = 0.0, 1e9
    save = Checkpoint.save

    def save_slowly(store: object, method: object, optimizers: object, note: dict[str, object]) -> None:
        save(store, method, optimizers, note)
        time.sleep(PATIENCE if note["epoch"] == 8 else FLUSH)

    Checkpoint.save = save_slowly
    main("train", None)


def _serve_deaf(environment: dict[str, str]) -> None:
    os.environ |= environment
    JOB_MODULES["train"] = "tests_deaf"
    sys.modules["tests_deaf"] = sys.modules[__name__]
    main("train", None)


def work(context: object) -> None:
    """The work of a method that is deep in a library and hears nothing."""
    time.sleep(PATIENCE)


def spawned(target: Callable[[dict[str, str]], None], space: Workspace) -> multiprocessing.process.BaseProcess:
    environment = {"CONSTELLA_HOME": str(space.config.home)}
    process = multiprocessing.get_context("spawn").Process(target=target, args=(environment,), daemon=True)
    process.start()
    return process


def test_a_killed_training_goes_on_and_ends_as_if_nothing_had_been(
    digits: Workspace, read_once: Path, tmp_path: Path
) -> None:
    wanted = settings(digits, pretrain_epochs=20, epochs=10, tolerance=0.0)
    run = digits.submit(wanted).id
    victim = spawned(_serve_until_the_eighth_checkpoint, digits)
    place = f"runs/{run}/checkpoint.safetensors"
    until(lambda: digits.artifacts.exists(place) and digits.run(run).epoch >= 5)
    assert victim.pid is not None
    kill(victim.pid)
    victim.join()
    before = digits.history(run)
    until(lambda: digits.run(run).state == "interrupted", tending_the_dead(digits))
    assert "goes on from the last finished epoch" in digits.run(run).sentence

    assert Worker(digits, "train").once()
    assert digits.run(run).state == "done"
    after = digits.history(run)
    assert after[:4] == before[:4], "what was learned before the kill was thrown away"
    epochs = [(record["stage"], record["epoch"]) for record in after]
    assert len(epochs) == len(set(epochs)) == 31
    stages = ["pretrain", "cluster", "final"]
    assert epochs == sorted(epochs, key=lambda item: (stages.index(item[0]), item[1]))
    assert not digits.artifacts.exists(place)

    shutil.copytree(read_once, tmp_path / "calm")
    calm = Workspace.open({"CONSTELLA_HOME": str(tmp_path / "calm")})
    undisturbed = calm.submit(wanted).id
    assert Worker(calm, "train").once()
    np.testing.assert_array_equal(calm.result(undisturbed).labels, digits.result(run).labels)
    calm.close()


def tending_the_dead(space: Workspace) -> Callable[[], None]:
    """Notice crashes as a server does, but start nobody."""

    def tend() -> None:
        from engine.runs.executors.local import Local

        executor = Local(space.config, space.store)
        for starts in executor._starts.values():
            starts.earliest = float("inf")
        executor.ensure(warm=False)

    return tend


def test_a_worker_outlives_its_server_and_a_new_server_outlives_its_worker(digits: Workspace) -> None:
    run = endless(digits, layers="64-32")
    server = subprocess.Popen(
        [sys.executable, "-c", "import time\nfrom engine.runs import Workspace\nspace = Workspace.open()\n"
         "while True:\n    space.ensure_workers(warm=False)\n    time.sleep(0.2)"],
        env=digits.config.environment(),
    )  # fmt: skip
    try:
        until(lambda: trained(digits, run))
    finally:
        server.kill()
        server.wait()
    worker, at = train_worker(digits), digits.run(run).epoch
    until(lambda: digits.run(run).epoch > at + 2)
    assert train_worker(digits) == worker
    assert processes.lives(worker, "")

    kill(worker)
    noticed = until(lambda: digits.run(run).state != "running", tending(digits))
    assert noticed < 10
    assert digits.run(run).state == "interrupted"
    assert "vanished" in digits.run(run).sentence
    until(lambda: digits.run(run).state == "running" and train_worker(digits) not in (0, worker), tending(digits))

    kill(train_worker(digits))
    until(lambda: digits.run(run).state == "failed", tending(digits))
    assert "died twice" in digits.run(run).sentence
    assert "killed by signal 9 (SIGKILL)" in digits.run(run).sentence
    assert digits.run(run).fault == "ours"


def test_a_stop_is_heard_within_two_seconds_and_the_run_starts_again(digits: Workspace) -> None:
    run = endless(digits)
    until(lambda: trained(digits, run), tending(digits))
    worker = train_worker(digits)
    digits.stop(run)
    assert until(lambda: digits.run(run).state == "stopped") < 2
    told = len(digits.history(run))
    digits.retry(run)
    until(lambda: digits.run(run).state == "running" and len(digits.history(run)) not in (0, told), tending(digits))
    digits.delete(run)
    until(lambda: not digits.artifacts.exists(f"runs/{run}"))
    assert train_worker(digits) == worker, "the warm worker was lost"


def test_a_stop_ends_even_work_that_does_not_listen(digits: Workspace) -> None:
    run = endless(digits)
    worker = spawned(_serve_deaf, digits)
    until(lambda: digits.run(run).state == "running")
    digits.stop(run)
    assert until(lambda: digits.run(run).state == "stopped") < 3
    worker.join(10)
    assert worker.exitcode == 0
    with digits.store.read() as connection:
        assert connection.execute(select(workers)).all() == []


def _submit(environment: dict[str, str], seed: int) -> None:
    space = Workspace.open(environment)
    space.submit(settings(space, "kmeans", seed=seed))


def test_processes_that_submit_the_same_get_one_run(digits: Workspace) -> None:
    environment = {"CONSTELLA_HOME": str(digits.config.home)}
    context = multiprocessing.get_context("spawn")
    crowd = [context.Process(target=_submit, args=(environment, i % 2)) for i in range(4)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(PATIENCE)
    assert [process.exitcode for process in crowd] == [0] * 4
    assert sorted(run.seed for run in digits.runs()) == [0, 1]
    assert [digits.position(run.id) for run in reversed(digits.runs())] == [0, 1]


def test_the_same_settings_again_train_nothing(digits: Workspace) -> None:
    run = digits.submit(settings(digits, "kmeans"))
    train = Worker(digits, "train")
    assert train.once()
    spelled_out = replace(
        settings(digits, "kmeans"), knobs=asdict(card("kmeans").knobs()), preparation=digits.datasets()[0].preparation
    )
    assert digits.submit(spelled_out).state == "done"
    assert digits.submit(spelled_out).id == run.id
    assert not train.once()
    assert digits.submit(replace(spelled_out, seed=1)).state == "queued"

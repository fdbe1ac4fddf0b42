"""What is asked about a finished run, whatever it is: stopped, taken away while a worker is at it, and as it was before."""

import time
from typing import Any

import pytest
from sqlalchemy import select, text

from engine.core.errors import InputError
from engine.runs import Settings, Workspace
from engine.runs.db.schema import jobs
from engine.runs.workers import job_status
from engine.runs.workers.worker import Worker

OLD_TABLE = """CREATE TABLE examinations (run VARCHAR(32) PRIMARY KEY, wanted JSON NOT NULL, state VARCHAR(16) NOT NULL,
stopping BOOLEAN NOT NULL, stage TEXT NOT NULL, progress FLOAT NOT NULL, eta FLOAT, eta_at FLOAT, sentence TEXT NOT NULL,
created FLOAT NOT NULL)"""


@pytest.fixture
def run(digits: Workspace) -> str:
    made = digits.submit(Settings(digits.datasets()[0].id, "kmeans", 10, knobs={"restarts": 2})).id
    assert Worker(digits, "train").once()
    return made


def _jobs(space: Workspace) -> list[str]:
    with space.store.read() as connection:
        return [row.kind for row in connection.execute(select(jobs)).all() if row.kind != "project"]


@pytest.mark.parametrize("what", ["stop", "forget"])
def test_a_file_in_the_making_is_stopped_or_forgotten(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    errand, worker = digits.exports.ask(run, "copy"), Worker(digits, "light")
    held = job_status.held

    def meanwhile(context: Any) -> Any:
        found = held(context)
        digits.artifacts.write(f"runs/{run}/errands/copy/half", b"made")
        getattr(digits.exports, what)(errand.id)
        worker._listen(0.0)
        assert context.stop.is_set()
        return found

    monkeypatch.setattr(job_status, "held", meanwhile)
    assert worker.once()
    assert _jobs(digits) == []
    if what == "stop":
        assert digits.exports.get(errand.id).state == "stopped"
        with pytest.raises(InputError, match="not ready"):
            digits.exports.read(errand.id)
        monkeypatch.setattr(job_status, "held", held)
        assert digits.exports.ask(run, "copy").state == "queued"
        assert worker.once()
        assert len(digits.exports.read(errand.id)) > 1000
    else:
        assert digits.exports.find(run, "copy") is None
        assert not digits.artifacts.exists(f"runs/{run}/errands/copy")
    assert digits.run(run).state == "done"


def test_what_has_ended_cannot_be_stopped(digits: Workspace, run: str) -> None:
    errand = digits.exports.ask(run, "copy")
    assert Worker(digits, "light").once()
    digits.exports.stop(errand.id)
    assert digits.exports.get(errand.id).state == "done"
    digits.exports.stop("nobody.knows")


def test_an_examination_of_a_store_of_before_is_dropped_and_nothing_else(digits: Workspace, run: str) -> None:
    """Then examinations had a table of their own, and a job's target was the run."""
    errand = digits.exports.ask(run, "copy")
    assert Worker(digits, "light").once()
    row = {"run": run, "now": time.time()}
    with digits.store.write() as connection:
        connection.execute(text(OLD_TABLE))
        connection.execute(
            text("INSERT INTO examinations VALUES (:run, '[\"scan\"]', 'queued', 0, '', 0, NULL, NULL, '', :now)"), row
        )
        connection.execute(
            text(
                "INSERT INTO jobs (lane, kind, target, state, deaths, created) "
                "VALUES ('examine', 'examine', :run, 'queued', 0, :now)"
            ),
            row,
        )
    digits.close()
    again = Workspace(digits.config)
    assert again.evaluations.find(run, "scan") is None
    assert Worker(again, "examine").once()
    assert _jobs(again) == []
    assert len(again.exports.read(errand.id)) > 1000
    again.evaluations.ask(run, "scan")
    assert again.evaluations.get(f"{run}.scan").state == "queued"
    again.delete(run)
    assert _jobs(again) == []
    again.close()

"""What is asked about a finished run, whatever it is: stopped, and taken away while a worker is at it."""

from typing import Any

import pytest
from sqlalchemy import select

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.schema import jobs
from engine.runs.workers import job_status
from engine.runs.workers.worker import Worker


def _jobs(space: Workspace) -> list[str]:
    with space.store.read() as connection:
        return [row.kind for row in connection.execute(select(jobs)).all() if row.kind != "umap"]


@pytest.mark.parametrize("what", ["stop", "forget"])
def test_a_file_in_the_making_is_stopped_or_forgotten(
    digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    request, worker = digits.exports.ask(run, "copy"), Worker(digits, "light")
    held = job_status.current_request

    def meanwhile(context: Any) -> Any:
        found = held(context)
        digits.artifacts.write(f"runs/{run}/requests/copy/half", b"made")
        getattr(digits.exports, what)(request.id)
        worker._check_stop(0.0)
        assert context.stop.is_set()
        return found

    monkeypatch.setattr(job_status, "current_request", meanwhile)
    assert worker.once()
    assert _jobs(digits) == []
    if what == "stop":
        assert digits.exports.get(request.id).state == "stopped"
        with pytest.raises(InputError, match="not ready"):
            digits.exports.read(request.id)
        monkeypatch.setattr(job_status, "current_request", held)
        assert digits.exports.ask(run, "copy").state == "queued"
        assert worker.once()
        assert len(digits.exports.read(request.id)) > 1000
    else:
        assert digits.exports.find(run, "copy") is None
        assert not digits.artifacts.exists(f"runs/{run}/requests/copy")
    assert digits.run(run).state == "done"


def test_what_has_ended_cannot_be_stopped(digits: Workspace, run: str) -> None:
    request = digits.exports.ask(run, "copy")
    assert Worker(digits, "light").once()
    digits.exports.stop(request.id)
    assert digits.exports.get(request.id).state == "done"
    digits.exports.stop("nobody.knows")

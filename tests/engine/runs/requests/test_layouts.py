"""A layout of the map from the question to the result, beside what else is done for the run."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sqlalchemy import delete

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.schema import jobs
from engine.runs.workers import tsne_job
from engine.runs.workers.worker import Worker


@pytest.fixture
def run(digits: Workspace, run: str) -> str:
    """A finished run whose UMAP nobody makes."""
    with digits.store.write() as connection:
        connection.execute(delete(jobs).where(jobs.c.kind == "umap"))
    return run


def test_tsne_is_made_on_request_and_kept_with_the_result(digits: Workspace, run: str, home) -> None:
    assert not Worker(digits, "map").once(), "nobody asked"
    digits.layouts.ask(run, "tsne2")
    digits.layouts.ask(run, "tsne2")
    assert digits.layouts.find(run, "tsne2").state == "queued"
    worker = Worker(digits, "map")
    assert worker.once()
    assert not worker.once(), "it was asked for twice and is made once"
    told = digits.layouts.find(run, "tsne2")
    assert (told.state, told.progress, told.active) == ("done", 1.0, False)
    other = Workspace.open({"CONSTELLA_HOME": str(home)})
    result = other.result(run)
    assert result.maps["tsne2"].shape == (1797, 2)
    assert trustworthiness(other.embedding(run), result.maps["tsne2"]) > 0.95
    assert {"pca2", "pca3"} < set(result.maps)
    other.layouts.ask(run, "tsne2")
    assert not worker.once(), "the result has it"
    other.close()


def test_it_can_be_stopped_and_asked_for_again(digits: Workspace, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    digits.layouts.ask(run, "tsne2")
    worker = Worker(digits, "map")

    def stopped(embedding, labels, tell):
        digits.layouts.stop(f"{run}.tsne2")
        worker._check_stop(0.0)
        tell(0.5)

    def quick(embedding, labels, tell):
        tell(0.5)
        return np.ascontiguousarray(embedding[:, :2])

    monkeypatch.setattr(tsne_job, "tsne2", stopped)
    assert worker.once()
    assert digits.layouts.find(run, "tsne2").state == "stopped"
    assert "tsne2" not in digits.result(run).maps
    monkeypatch.setattr(tsne_job, "tsne2", quick)
    digits.layouts.ask(run, "tsne2")
    assert worker.once()
    assert "tsne2" in digits.result(run).maps


def test_unknown_layouts_and_runs_are_refused_in_a_sentence(digits: Workspace, run: str) -> None:
    with pytest.raises(InputError, match="There is no layout 'sphere'"):
        digits.layouts.ask(run, "sphere")
    with pytest.raises(InputError, match="does not exist"):
        digits.layouts.ask("nobody", "tsne2")


def test_it_goes_with_its_run(digits: Workspace, run: str) -> None:
    digits.layouts.ask(run, "tsne2")
    digits.delete(run)
    assert digits.layouts.find(run, "tsne2") is None
    assert not Worker(digits, "map").once()

"""Stages that minimize nothing: their epochs end, are watched, and may be plotted."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch

from engine.core.card import check_knobs
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Terms
from engine.methods import METHODS
from engine.training.trainer import FINAL, fit
from tests.engine.small import short
from tests.engine.trained import followed


class Counter(Method):
    """Counts the samples it sees."""

    def __init__(self, data: Data, told: bool) -> None:
        super().__init__(data, 1, SimpleNamespace())
        self.register_buffer("count", torch.zeros(()))
        self.told = told

    def plan(self, data: Data) -> Iterator[Stage]:
        yield Stage("counting", "Counting", (), epochs=3, batch=4, after_step=self.add)
        yield Stage("thinking", "Thinking", (), batch=None)

    def add(self, batch: Batch) -> Terms | None:
        self.count += len(batch)
        return {"last row": batch.index.max().float()} if self.told else None

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def labels(self, data: Data) -> torch.Tensor:
        return torch.zeros(len(data), dtype=torch.int64)

    def report(self) -> dict[str, float]:
        return {"count": float(self.count)}


def run(told: bool):
    seen = list(fit(lambda data: Counter(data, told), Data(torch.randn(10, 2))))
    assert seen.pop().stage == FINAL
    return seen


def test_epochs_end_with_a_report_and_a_look():
    seen = run(told=False)
    assert [(one.stage, one.epoch, one.progress) for one in seen] == [
        ("counting", 1, 1 / 3),
        ("counting", 2, 2 / 3),
        ("counting", 3, 1.0),
        ("thinking", 1, 1.0),
    ]
    assert [one.report["count"] for one in seen] == [10, 20, 30, 30]
    assert all(one.terms == {} for one in seen)
    assert seen[2].labels is not None
    assert seen[3].positions is not None


def test_what_after_step_returns_is_plotted_as_a_mean_over_samples():
    seen = run(told=True)
    assert all(set(one.terms) == {"last row"} and 5 < one.terms["last row"] <= 9 for one in seen[:3])
    assert seen[3].terms == {}


@pytest.mark.parametrize("name", ["agglomerative", "gmm", "xmeans", "spectral", "kmedoids", "nrkmeans", "skinnydip"])
def test_no_samples_are_brought_where_none_are_looked_at(name, digits, monkeypatch):
    def refuse(batch: Batch) -> torch.Tensor:
        raise AssertionError("the samples of a batch were asked for")

    monkeypatch.setattr(Batch, "x", property(refuse))
    kind = METHODS[name]
    knobs = check_knobs(kind.card, short(kind.card))
    method, _ = followed(fit(lambda data: kind(data, 3, knobs), Data(torch.from_numpy(digits[0][:100]))))
    assert method is not None


def test_a_stage_that_sees_no_batch_makes_none(monkeypatch):
    asked = []
    batches = Data.batches
    monkeypatch.setattr(Data, "batches", lambda self, size: asked.append(size) or batches(self, size))
    run(told=False)
    assert asked == [4, 4, 4], "those of the stage that counts"

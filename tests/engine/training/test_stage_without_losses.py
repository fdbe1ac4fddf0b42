"""Stages that minimize nothing: their epochs end, are watched, and may be plotted."""

from collections.abc import Iterator
from types import SimpleNamespace

import torch

from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Terms
from engine.training.trainer import FINAL, fit


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

"""Collapse: seen at the end of epochs, undone, and trained again with a smaller rate."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import engine.training.trainer
from engine.core.data import Data
from engine.core.method import Method, Stage, Step
from engine.training.collapse import CollapseError, CollapseMonitor, Health, effective_number, find_collapse
from engine.training.trainer import fit
from tests.engine.small import Memory
from tests.engine.trained import followed


class Shifted(Method):
    """Two groups, the numbers below and above zero, as long as the shift it learns stays small.

    Under 10 (shift - 0.05)^2, gradient descent at a rate r multiplies the distance from 0.05 by 1 - 20 r.
    """

    def __init__(self, data: Data, k: int | None = 2, *, lr: float = 3.0, epochs: int = 6, stages: int = 1) -> None:
        super().__init__(data, k, SimpleNamespace())
        self.shift, self.early = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
        self.lr, self.epochs, self.stages = lr, epochs, stages

    def plan(self, data):
        if self.stages == 2:
            first = Step(lambda batch: {"error": (self.early - 1).square()}, [self.early], 0.1, optimizer="sgd")
            yield Stage("early", "Beginning", [first], 3, None)
        step = Step(self.loss, [self.shift], self.lr, optimizer="sgd", momentum=0.0)
        for _ in range(self.epochs):
            yield Stage("shift", "Shifting", [step], 1, None)
            if self.converged(data, 0.01):
                break

    def loss(self, batch):
        return {"error": 10 * (self.shift - 0.05).square()}

    def encode(self, x):
        return x + self.shift

    def labels(self, data):
        return self.map_batches(data, lambda x: (self.encode(x).flatten() > 0).long())


class Drifting(Shifted):
    """Loses a group at every rate."""

    def loss(self, batch):
        return {"error": -1e3 * self.shift}


@pytest.fixture
def data() -> Data:
    return Data(torch.tensor([[-1.0], [-1.1], [-0.9], [1.0], [1.1], [0.9]]))


@pytest.fixture
def always_saved(monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)


NOTES = (
    "The groups ran together at a rate of 3; training went back and on with 0.3.",
    "The groups ran together at a rate of 0.3; training went back and on with 0.03.",
)


def test_effective_number_by_hand():
    assert effective_number([7, 7]) == 2
    assert effective_number([4, 0, 0]) == 1
    # sizes 1/2, 1/4, 1/4 have an entropy of 1.5 log 2
    assert effective_number([2, 1, 1]) == pytest.approx(2**1.5)


@pytest.mark.parametrize(
    ("start", "now", "fault"),
    [
        (Health(3.0, 3), Health(2.9, 3), None),
        (Health(3.0, 3), Health(2.4, 3), None),  # uneven, but all there
        (Health(3.0, 3), Health(1.9, 2), "groups"),
        (Health(8.0, 8), Health(6.7, 7), "groups"),
        (Health(20.0, 20), Health(18.7, 19), None),  # one of twenty
        (Health(3.0, 3, 1.0), Health(3.0, 3, 0.002), None),
        (Health(3.0, 3, 1.0), Health(3.0, 3, 0.0009), "code"),
        (Health(spread=2.0), Health(spread=0.0), "code"),
        (Health(3.0, 3, 1.0, 0.1), Health(3.0, 3, 1.0, 0.9), None),  # worse, but it explains something
        (Health(3.0, 3, 1.0, 0.1), Health(3.0, 3, 1.0, 1.1), "reconstruction"),
        (Health(3.0, 3, 1.0, 0.9), Health(3.0, 3, 1.0, 1.5), None),
        (Health(), Health(1.0, 1, 0.0, 9.0), None),
    ],
)
def test_what_is_a_collapse(start, now, fault):
    assert find_collapse(start, now) == fault


class Scripted(CollapseMonitor):
    """A monitor that is told what it sees."""

    def __init__(self, data, course):
        super().__init__(data)
        self.course = iter([Health(groups, round(groups)) for groups in course])

    def measure(self, method, stage):
        return next(self.course)


def epochs_until_collapse(data, course):
    """Epochs that pass until the monitor sees a collapse in a course of effective numbers of groups; None: it sees none."""
    watch, stage = Scripted(data, course), Stage("any", "Any", [Step(lambda batch: {}, [], 0.1)])
    watch.enter(None, stage, first=True)
    for epoch in range(1, len(course)):
        try:
            watch.end_epoch(None, stage)
        except CollapseError:
            return epoch
    return None


def test_two_looks_in_a_row_make_a_collapse(data):
    assert epochs_until_collapse(data, [3.0, 3.0, 1.0, 1.0, 1.0]) == 3
    assert epochs_until_collapse(data, [3.0, 3.0, 1.0, 3.0, 1.0, 3.0, 3.0]) is None
    assert epochs_until_collapse(data, [1.0, 2.0, 3.0, 1.9, 1.9]) == 4, "what counts is the most there were"


def test_the_end_of_a_stage_needs_one_look(data):
    stage = Stage("any", "Any", [Step(lambda batch: {}, [], 0.1)])
    watch = Scripted(data, [3.0, 1.0, 1.0])
    watch.enter(None, stage, first=True)
    watch.end_epoch(None, stage)
    with pytest.raises(CollapseError) as collapse:
        watch.leave(None, stage)
    assert (collapse.value.id, collapse.value.rate, collapse.value.fault) == ("any", 0.1, "groups")


def test_looks_become_rare(data):
    watch, stage = Scripted(data, [3.0] * 101), Stage("any", "Any", [Step(lambda batch: {}, [], 0.1)])
    watch.enter(None, stage, first=True)
    for _ in range(100):
        watch.end_epoch(None, stage)
    looks = 100 - len(list(watch.course))
    assert 10 <= looks <= 25


def test_training_goes_back_until_a_rate_is_small_enough(data):
    method, seen = followed(fit(lambda d: Shifted(d), data))
    assert method.labels(data).tolist() == [0, 0, 0, 1, 1, 1]
    assert seen[-1].notes == NOTES
    # Two epochs at a rate of 0.03, which multiply the distance by 0.4 each; then nothing changes group.
    assert float(method.shift.detach()) == pytest.approx(0.05 * (1 - 0.4**2))


def test_a_healthy_training_has_no_notes(data):
    _, seen = followed(fit(lambda d: Shifted(d, lr=0.03), data))
    assert all(moment.notes == () for moment in seen)


def test_a_standstill_after_a_collapse_is_no_end(data):
    method, seen = followed(fit(lambda d: Shifted(d, lr=3.0, epochs=1), data))
    assert method.labels(data).tolist() == [0, 0, 0, 1, 1, 1]
    assert seen[-1].notes == NOTES[:1]


def test_fewer_groups_are_no_collapse_where_the_method_finds_their_number(data):
    method, seen = followed(fit(lambda d: Shifted(d, None, epochs=2), data))
    assert method.labels(data).unique().numel() == 1
    assert seen[-1].notes == ()


def test_a_stage_that_collapses_at_every_rate_is_left_out(data):
    method, seen = followed(fit(lambda d: Drifting(d, stages=2), data))
    assert float(method.shift.detach()) == 0
    assert float(method.early.detach()) > 0.2
    assert [note.partition(";")[0] for note in seen[-1].notes] == [
        "The groups ran together at a rate of 3",
        "The groups ran together at a rate of 0.3",
        "The groups ran together at every rate down to 0.03",
    ]
    assert seen[-1].notes[-1].endswith("; what the training had found before that stage was kept.")


def test_the_first_stage_is_never_left_out(data):
    method, seen = followed(fit(lambda d: Drifting(d), data))
    assert float(method.shift.detach()) > 0
    assert len(seen[-1].notes) == 2


def test_a_code_that_shrinks_to_a_point(data):
    class Shrinking(Shifted):
        def __init__(self, data):
            super().__init__(data, None, lr=0.5, epochs=2)

        def loss(self, batch):
            return {"error": (1 + self.shift).square()}

        def encode(self, x):
            return x * (1 + self.shift)

    method, seen = followed(fit(Shrinking, data))
    assert seen[-1].notes == (
        "The code of all members became the same at a rate of 0.5; training went back and on with 0.05.",
    )
    assert float(method.shift.detach()) == pytest.approx(0.9**2 - 1)


def test_reconstructions_that_fall_apart(data):
    class Scaled(Shifted):
        def __init__(self, data):
            super().__init__(data, lr=3.0, epochs=1)

        def encode(self, x):
            return x

        def reconstruct(self, x):
            return x + self.shift

    # The first epoch shifts every sample by 3, which is worse than their mean.
    _, seen = followed(fit(Scaled, data))
    assert [note.partition(" at")[0] for note in seen[-1].notes] == ["The reconstructions fell apart"]


def test_what_is_watched_needs_no_monitor(data):
    watched, _ = followed(fit(lambda d: Shifted(d), data))
    alone, seen = followed(fit(lambda d: Shifted(d), data, monitor=False))
    assert torch.equal(watched.shift, alone.shift)
    assert seen[-1].notes == NOTES


@pytest.mark.parametrize("stop", range(1, 5))
def test_an_interrupted_training_takes_the_same_turns(data, stop, always_saved):
    whole, seen = followed(fit(lambda d: Shifted(d, stages=2), data))
    store = Memory()
    followed(fit(lambda d: Shifted(d, stages=2), data, tensor_store=store), stop)
    resumed, rest = followed(fit(lambda d: Shifted(d, stages=2), data, tensor_store=store))
    assert torch.equal(resumed.shift, whole.shift)
    assert rest[-1].notes == seen[-1].notes == NOTES


def test_pretraining_is_not_repeated_when_training_goes_back(data):
    learned = []

    class Pretrained(Shifted):
        def plan(self, data):
            step = Step(self.early_loss, [self.early], 0.1)
            yield Stage("pretrain", "Learning", [step], 3, None, pretrained=("early",), groups=False)
            yield from super().plan(data)

        def early_loss(self, batch):
            learned.append(1)
            return {"error": (self.early - 1).square()}

    _, seen = followed(fit(lambda d: Pretrained(d), data))
    assert seen[-1].notes == NOTES
    assert len(learned) == 3


def test_large_data_are_judged_by_a_sample():
    x = torch.cat([torch.full((4000, 1), -1.0), torch.full((4000, 1), 1.0)])
    watch = CollapseMonitor(Data(x))
    health = watch.measure(Shifted(Data(x)), Stage("any", "Any", [Step(lambda batch: {}, [], 0.1)]))
    assert health.groups == pytest.approx(2, abs=0.01)
    assert health.populated == 2
    assert health.spread == pytest.approx(1, abs=0.01)
    assert np.isscalar(watch.state()["rate"])

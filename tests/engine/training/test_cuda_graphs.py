"""Recorded steps. What a GPU does is played on the processor: a recording that runs its step again on the still batch."""

from collections import Counter
from functools import partial

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import engine.training.trainer
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.methods import METHODS
from engine.training.cuda_graphs import WARM_UP, CudaGraphRunner
from engine.training.optimizers import Optimizers
from engine.training.rng import RngScope
from engine.training.step import StepRunner
from engine.training.trainer import fit
from tests.engine.small import short
from tests.engine.trained import followed

LOOKS = {"aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::equal", "aten::unique_dim"}
"""What makes the processor wait for a value: none of it can be recorded."""


def places(method):
    """Where everything that a method has learned lies in memory."""
    return {key: tensor.data_ptr() for key, tensor in method.state_dict(keep_vars=True).items()}


class Watched(TorchDispatchMode):
    """Counts the operations that look at a value."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func._schema.name in LOOKS:
            self.seen[func._schema.name] += 1
        return func(*args, **(kwargs or {}))


@pytest.fixture
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


def fitting(name, data) -> Data:
    """The rows, or pictures made of them for a method that takes nothing else."""
    return data if "table" in METHODS[name].card.data else Data(data.x.view(-1, 1, 8, 8), "image")


def build(name, **more):
    method = METHODS[name]
    knobs = check_knobs(method.card, short(method.card, **more))
    return lambda data: method(data, 5, knobs)


def replayable(name, data, **more):
    """The stages of a short training that may be recorded, each with its method as the trainer has it then."""
    with RngScope(0, "build"):
        method = build(name, **more)(data)
    for stage in method.plan(data):
        if stage.cuda_graphs:
            yield method, stage
        step_runner, optimizers = StepRunner(method, None), Optimizers()
        optimizers.follow(stage)
        step_runner.enter(stage, optimizers.of(stage))
        for count, batch in enumerate(data.batches(stage.batch)):
            step_runner.step(batch, count, 0.5)


PARTS = [
    {"clustering": "hardening", "update": "alternating"},
    {"clustering": "balanced assignments", "non_clustering": "self-augmentation"},
    {"clustering": "locality-preserving"},
    {"clustering": "group sparsity"},
    {"clustering": "cluster classification", "update": "alternating"},
    {"clustering": "agglomerative", "update": "alternating", "combination": "schedule"},
    {"network": "variational", "clustering": "k-means", "update": "alternating"},
]


@pytest.mark.parametrize(
    ("name", "more"), [*((name, {}) for name in METHODS), *(("composed", parts) for parts in PARTS)]
)
def test_steps_that_may_be_recorded_change_in_place_and_look_at_nothing(name, more, data):
    known, data = {}, fitting(name, data)
    for method, stage in replayable(name, data, **more):
        optimizers = Optimizers()
        optimizers.follow(stage)
        step_runner = StepRunner(method, None)
        step_runner.enter(stage, optimizers.of(stage))
        batches = list(data.batches(stage.batch))
        step_runner.step(batches[0], 0, 0.0)
        before = places(method)
        with Watched() as watched:
            step_runner.step(batches[1], 0, 0.0)
        assert watched.seen == {}, f"{stage.id} waits for a value"
        assert places(method) == before
        assert known.setdefault(stage.id, before) == before, "stages that continue one another read the same tensors"


def test_looking_at_a_value_is_seen():
    with Watched() as watched:
        float(torch.ones(2).sum())
        torch.ones(2).nonzero()
    assert sum(watched.seen.values()) == 2


def test_a_recording_follows_the_warm_up_of_each_length_and_turn():
    seen, recordings = [], []

    def step(batch, turns):
        seen.append((batch.index.tolist(), turns))

    def record(run):
        recordings.append(run)
        return run

    replay, data = partial(CudaGraphRunner(record), step), Data(torch.arange(6.0).view(6, 1))
    for _ in range(WARM_UP + 2):
        replay(data.batch(torch.tensor([0, 1])), (True, False))
    assert len(recordings) == 1
    replay(data.batch(torch.tensor([4, 5])), (True, False))
    assert seen[-1] == ([4, 5], (True, False)), "the recording plays on what was copied into its batch"
    replay(data.batch(torch.tensor([2, 3, 4])), (True, False))
    replay(data.batch(torch.tensor([0, 1])), (True, True))
    assert len(recordings) == 1, "other lengths and turns warm up first"
    assert len(seen) == WARM_UP + 5


def test_a_step_that_cannot_be_recorded_runs_as_it_is(caplog):
    seen = []

    def refuse(run):
        raise RuntimeError("operation not permitted when stream is capturing")

    replay, data = (
        partial(CudaGraphRunner(refuse), lambda batch, turns: seen.append(len(batch))),
        Data(torch.zeros(4, 1)),
    )
    for _ in range(WARM_UP + 4):
        replay(data.batch(torch.tensor([0, 1])), (True,))
    assert seen == [2] * (WARM_UP + 4)
    assert caplog.text.count("could not be recorded") == 1


@pytest.mark.parametrize(
    "name", ["ae_kmeans", "dec", "idec", "vade", "dcn", "dkm", "dynae", "composed", "simclr", "clustergan"]
)
def test_recorded_training_is_the_same_training(name, data, monkeypatch):
    plain, _ = followed(fit(build(name, batch=40), data, monitor=False))
    plays = []

    def recorder(device):
        def record(run):
            def play():
                plays.append(1)
                run()

            return play

        return record

    monkeypatch.setattr(engine.training.trainer, "recorder", recorder)
    again, _ = followed(fit(build(name, batch=40), data, monitor=False))
    assert len(plays) > 3
    for (key, one), other in zip(plain.state_dict().items(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other), key
    _, off = followed(fit(build(name, batch=40), data, monitor=False, cuda_graphs=False))
    assert off


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", ["ae_kmeans", "dec", "idec", "vade", "dcn", "dkm", "simclr", "clustergan"])
def test_graphs_change_only_the_speed(name, digits):
    data = Data(torch.from_numpy(digits[0])).to("cuda")
    with_graphs, _ = followed(fit(build(name), data, monitor=False, precision="float32"))
    without, _ = followed(fit(build(name), data, monitor=False, precision="float32", cuda_graphs=False))
    same = (with_graphs.labels(data) == without.labels(data)).float().mean()
    assert float(same) > 0.98

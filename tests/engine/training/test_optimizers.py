"""Optimizers are torch's own, without what only its compiler needs."""

import sys

import pytest
import torch
from torch import nn

from engine.core.method import Stage, Step
from engine.training.optimizers import Optimizers
from engine.training.rng import RngScope

TORCHS = {
    "adam": lambda parameters: torch.optim.Adam(parameters, 0.01, fused=True),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, 0.01, weight_decay=0.1, fused=True),
    "sgd": lambda parameters: torch.optim.SGD(parameters, 0.01, momentum=0.9, fused=True),
}


def _trained(parameter, optimizer):
    for _ in range(5):
        optimizer.zero_grad()
        (parameter**2).sum().backward()
        optimizer.step()
    return parameter.detach()


@pytest.mark.parametrize("name", TORCHS)
def test_steps_are_torchs_and_do_not_load_its_compiler(name, monkeypatch):
    theirs = nn.Parameter(torch.arange(3.0) + 1)
    wanted = _trained(theirs, TORCHS[name]([theirs]))
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # an import of it fails from here on
    ours, optimizers = nn.Parameter(torch.arange(3.0) + 1), Optimizers()
    decay = 0.1 if name == "adamw" else 0.0
    step = Step(lambda batch: {}, [ours], lr=0.01, optimizer=name, weight_decay=decay)
    stage = Stage("only", "Only", [step])
    optimizers.follow(stage)
    torch.testing.assert_close(_trained(ours, optimizers.of(stage)[0]), wanted, rtol=0, atol=0)


def test_a_scope_seeds_as_torch_does_and_leaves_nothing_behind():
    waiting = len(torch.cuda._queued_calls)
    with RngScope(7, "epoch", 1):
        first = torch.rand(3)
    with RngScope(7, "epoch", 1):
        again = torch.rand(3)
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert len(torch.cuda._queued_calls) == waiting or torch.cuda.is_available()

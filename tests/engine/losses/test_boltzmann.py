"""Restricted Boltzmann machines against sums over all states, and contrastive divergence against its own formula."""

from itertools import product

import pytest
import torch
from torch import nn

from engine.losses import BoltzmannMachine, contrastive_divergence


@pytest.fixture
def parts() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    return tuple(torch.randn(shape, generator=random, dtype=torch.float64) for shape in ((3, 4), (3,), (4,)))


def energy(v, h, weight, hidden, visible, real):
    own = ((v - visible) ** 2).sum() / 2 if real else -v @ visible
    return own - h @ hidden - h @ weight @ v


@pytest.mark.parametrize("real", [False, True])
def test_free_energy_is_the_sum_over_all_hidden_states(parts, real):
    weight, hidden, visible = parts
    machine = BoltzmannMachine(weight, hidden, visible, real=real, code=False)
    v = torch.tensor([[0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]], dtype=torch.float64)
    for row, found in zip(v, machine.free_energy(v), strict=True):
        states = [torch.tensor(state, dtype=torch.float64) for state in product((0.0, 1.0), repeat=3)]
        total = sum(torch.exp(-energy(row, h, weight, hidden, visible, real)) for h in states)
        torch.testing.assert_close(found, -torch.log(total))


def test_free_energy_of_a_gaussian_code_is_the_integral(parts):
    weight, hidden, visible = (part[:1] if part.shape[0] == 3 else part for part in parts)
    machine = BoltzmannMachine(weight, hidden, visible, real=False, code=True)
    v = torch.tensor([[0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]], dtype=torch.float64)
    h = torch.linspace(-30, 30, 200_001, dtype=torch.float64)
    area = [torch.trapezoid(torch.exp(row @ visible - (h - hidden) ** 2 / 2 + h * (weight @ row)), h) for row in v]
    found = machine.free_energy(v)
    torch.testing.assert_close(found[0] - found[1], torch.log(area[1]) - torch.log(area[0]))


def test_hidden_averages_are_the_slope_of_the_free_energy(parts):
    weight, hidden, visible = parts
    for code in (False, True):
        bias = hidden.clone().requires_grad_()
        v = torch.rand(5, 4, dtype=torch.float64)
        machine = BoltzmannMachine(weight, bias, visible, real=True, code=code)
        machine.free_energy(v).sum().backward()
        torch.testing.assert_close(-bias.grad, (machine.inside(v) - (hidden if code else 0)).sum(0))


@pytest.mark.parametrize("real", [False, True])
def test_gradient_is_that_of_contrastive_divergence(parts, real):
    weight, hidden, visible = (nn.Parameter(part) for part in parts)
    machine = BoltzmannMachine(weight, hidden, visible, real=real, code=False)
    v = (torch.rand(6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64) > 0.5).double()
    torch.manual_seed(2)
    loss, redrawn = contrastive_divergence(machine, v)
    loss.backward()
    inside, again = machine.inside(v).detach(), machine.inside(redrawn).detach()
    torch.testing.assert_close(-weight.grad, (inside.T @ v - again.T @ redrawn) / len(v))
    torch.testing.assert_close(-hidden.grad, (inside - again).mean(0))
    torch.testing.assert_close(-visible.grad, (v - redrawn).mean(0))


def test_a_machine_learns_what_it_sees():
    torch.manual_seed(0)
    kinds = torch.eye(4).repeat_interleave(3, 1)
    v = kinds[torch.randint(4, (400,))]
    weight = nn.Parameter(0.01 * torch.randn(6, 12))
    hidden, visible = nn.Parameter(torch.zeros(6)), nn.Parameter(torch.zeros(12))
    machine = BoltzmannMachine(weight, hidden, visible, real=False, code=False)
    optimizer = torch.optim.SGD([weight, hidden, visible], 0.1, momentum=0.9)

    def error() -> float:
        return float((machine.outside(machine.inside(v)) - v).square().sum(1).mean().detach())

    before = error()
    for _ in range(300):
        optimizer.zero_grad()
        contrastive_divergence(machine, v)[0].backward()
        optimizer.step()
    assert error() < 0.2 * before

"""The recurrent autoencoder reads and redraws series of any length."""

import pytest
import torch

from engine.nets import VariationalAutoencoder
from engine.nets.recurrent import STEPS, WAVES, RecurrentAutoencoder, position_encoding
from tests.engine.nets.series import left_after, sines

SHAPES = [(1, 8), (3, 9), (2, 50), (1, 128), (1, 129), (2, 1001)]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("shape", SHAPES)
def test_series_come_back_in_their_size(shape, cell):
    net = RecurrentAutoencoder(shape, 6, cell)
    x = torch.randn(4, *shape)
    z = net.encode(x)
    assert z.shape == (4, 6)
    assert net.decode(z).shape == x.shape
    assert net.steps <= STEPS
    torch.testing.assert_close(net.code(net.hidden(x)), z)
    assert net.hidden(x).shape == (4, net.code.in_features)
    assert net.opening.in_features == 6


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_weight_learns_and_every_value_counts(cell):
    torch.manual_seed(0)
    net = RecurrentAutoencoder((2, 150), 5, cell)
    x = torch.randn(3, 2, 150, requires_grad=True)
    net.decode(net.encode(x)).square().sum().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    assert x.grad.ne(0).all()


def test_a_code_does_not_depend_on_its_neighbors():
    torch.manual_seed(0)
    net, x = RecurrentAutoencoder((1, 40), 5), torch.randn(7, 1, 40)
    z = net.encode(x)
    torch.testing.assert_close(net.encode(x[2:3]), z[2:3])
    torch.testing.assert_close(net.decode(z)[2:3], net.decode(z[2:3]))


def test_order_of_the_steps_counts():
    torch.manual_seed(0)
    net, x = RecurrentAutoencoder((1, 20), 5), torch.randn(4, 1, 20)
    assert (net.encode(x) - net.encode(x.flip(2))).abs().min() > 1e-5


@pytest.mark.parametrize(("shape", "steps"), [((1, 12), 60), ((1, 160), 12)])
def test_sines_are_redrawn(shape, steps):
    torch.manual_seed(0)
    assert left_after(RecurrentAutoencoder(shape, 8), sines(24, *shape), steps) < 0.8


def test_every_step_is_told_another_place():
    found = position_encoding(STEPS)
    assert found.shape == (STEPS, 2 * WAVES)
    assert torch.pdist(found).min() > 1e-3
    torch.testing.assert_close(
        position_encoding(4)[2, :2], torch.tensor([1.0, 0.0]), atol=1e-6, rtol=0
    )  # half way: sin and sin of pi


def test_another_basis_of_the_code_redraws_the_same():
    torch.manual_seed(0)
    net = VariationalAutoencoder(RecurrentAutoencoder((1, 12), 3))
    x, basis = torch.randn(5, 1, 12), torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, 1.0], [1.0, 0.0, 1.0]])
    before = net.decode(net.posterior(x)[0])
    net.rotate(basis)
    torch.testing.assert_close(net.decode(net.encode(x)), before, atol=1e-5, rtol=1e-5)


def test_half_precision_learns_too():
    net, x = RecurrentAutoencoder((1, 24), 4), torch.randn(3, 1, 24)
    with torch.autocast("cpu", torch.bfloat16):
        net.decode(net.encode(x)).float().square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in net.parameters())

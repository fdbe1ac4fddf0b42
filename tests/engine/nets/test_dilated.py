"""The dilated autoencoder sees and redraws series of any length."""

import pytest
import torch

from engine.nets import VariationalAutoencoder
from engine.nets.dilated import FILTERS, STEPS, DilatedAutoencoder, DilatedBlock, StretchMax, dilations
from tests.engine.nets.series import left_after, sines

SHAPES = [(1, 8), (3, 9), (2, 50), (1, 512), (1, 513), (2, 2001)]


@pytest.mark.parametrize("shape", SHAPES)
def test_series_come_back_in_their_size(shape):
    net = DilatedAutoencoder(shape, 6)
    x = torch.randn(4, *shape)
    z = net.encode(x)
    assert z.shape == (4, 6)
    assert net.decode(z).shape == x.shape
    assert net.encoder[:2](x).shape[2] <= STEPS
    torch.testing.assert_close(net.code(net.hidden(x)), z)
    assert net.hidden(x).shape == (4, net.code.in_features)
    assert net.opening.in_features == 6


@pytest.mark.parametrize("shape", [(2, 100), (1, 600)])
def test_every_weight_learns_and_every_value_counts(shape):
    torch.manual_seed(0)
    net = DilatedAutoencoder(shape, 5)
    x = torch.randn(3, *shape, requires_grad=True)
    net.decode(net.encode(x)).square().sum().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    assert x.grad.ne(0).float().mean() > 0.95


def test_dilations_double_until_they_see_the_whole_series():
    assert dilations(8) == (1, 2)
    assert dilations(13) == (1, 2)
    assert dilations(14) == (1, 2, 4)
    assert dilations(512) == (1, 2, 4, 8, 16, 32, 64, 128)


@pytest.mark.parametrize("steps", [13, 29])
def test_the_middle_sees_both_ends_and_no_farther(steps):
    torch.manual_seed(0)
    x = torch.randn(1, FILTERS, steps + 2, requires_grad=True)
    y = x
    for reach in dilations(steps):
        y = DilatedBlock(reach)(y)
    y[0, :, (steps + 2) // 2].sum().backward()
    seen = x.grad.abs().sum(1)[0] > 0
    assert seen[1:-1].all()
    assert not seen[0]
    assert not seen[-1]


def test_the_largest_value_of_each_stretch():
    x = torch.zeros(1, 2, 16)
    x[0, 0, 3], x[0, 1, 15], x[0, 1, 14] = 5.0, 2.0, 1.0
    found = StretchMax()(x).view(2, 8)
    assert found[0].tolist() == [0, 5, 0, 0, 0, 0, 0, 0]
    assert found[1].tolist() == [0, 0, 0, 0, 0, 0, 0, 2]


def test_a_code_does_not_depend_on_its_neighbors():
    torch.manual_seed(0)
    net, x = DilatedAutoencoder((1, 40), 5), torch.randn(7, 1, 40)
    z = net.encode(x)
    torch.testing.assert_close(net.encode(x[2:3]), z[2:3])
    torch.testing.assert_close(net.decode(z)[2:3], net.decode(z[2:3]), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("shape", "steps"), [((1, 16), 50), ((2, 100), 25)])
def test_sines_are_redrawn(shape, steps):
    torch.manual_seed(0)
    assert left_after(DilatedAutoencoder(shape, 8), sines(32, *shape), steps) < 0.7


def test_another_basis_of_the_code_redraws_the_same():
    torch.manual_seed(0)
    net = VariationalAutoencoder(DilatedAutoencoder((1, 12), 3))
    x, basis = torch.randn(5, 1, 12), torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, 1.0], [1.0, 0.0, 1.0]])
    before = net.decode(net.posterior(x)[0])
    net.rotate(basis)
    torch.testing.assert_close(net.decode(net.encode(x)), before, atol=1e-5, rtol=1e-5)


def test_half_precision_learns_too():
    net, x = DilatedAutoencoder((1, 24), 4), torch.randn(3, 1, 24)
    with torch.autocast("cpu", torch.bfloat16):
        net.decode(net.encode(x)).float().square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in net.parameters())

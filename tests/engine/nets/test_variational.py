"""The second head of an autoencoder, and another basis of its code."""

import pytest
import torch

from engine.nets import VariationalAutoencoder, autoencoder, clamp_log_variance, reparameterize

SHAPES = {"dense": (12,), "convolutional": (1, 9, 8)}


@pytest.fixture(params=SHAPES)
def net(request) -> VariationalAutoencoder:
    torch.manual_seed(0)
    return VariationalAutoencoder(autoencoder(SHAPES[request.param], 3, "16-8", request.param))


@pytest.fixture
def x(net) -> torch.Tensor:
    return torch.randn(5, *net.plain.shape)


def test_mean_is_the_code_of_the_plain_network_and_clouds_begin_equally_narrow(net, x):
    mean, log_variance = net.posterior(x)
    torch.testing.assert_close(mean, net.plain.encode(x))
    assert mean.shape == log_variance.shape == (5, 3)
    assert log_variance.eq(-4).all()
    assert net.decode(mean).shape == x.shape


def test_another_basis_redraws_the_same(net, x):
    basis = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, 1.0], [1.0, 0.0, 1.0]])
    before, drawn = net.encode(x), net.decode(net.encode(x))
    net.rotate(basis)
    torch.testing.assert_close(net.encode(x), before @ basis)
    torch.testing.assert_close(net.decode(net.encode(x)), drawn, atol=1e-5, rtol=1e-5)


def test_both_heads_learn(net, x):
    mean, log_variance = net.posterior(x)
    (net.decode(reparameterize(mean, log_variance)) - x).square().sum().backward()
    for head in (net.plain.code, net.log_variance):
        assert head.weight.grad.abs().sum() > 0


def test_drawn_codes_have_mean_and_variance():
    torch.manual_seed(0)
    z = reparameterize(torch.tensor([1.0, -2.0]).expand(20000, 2), torch.tensor([0.0, -2.0]).expand(20000, 2))
    torch.testing.assert_close(z.mean(0), torch.tensor([1.0, -2.0]), atol=0.03, rtol=0)
    torch.testing.assert_close(z.var(0).log(), torch.tensor([0.0, -2.0]), atol=0.05, rtol=0)


def test_log_variances_stay_safe_to_exponentiate():
    wild = clamp_log_variance(torch.tensor([-1e9, 0.5, 1e9]))
    assert wild[1] == 0.5
    assert torch.isfinite(wild.exp()).all()
    assert torch.isfinite((-wild).exp()).all()

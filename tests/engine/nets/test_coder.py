"""What every autoencoder can do: its code moves to another place and basis, and what is redrawn stays."""

import pytest
import torch

from engine.nets import autoencoder
from engine.nets.coder import Coder

SHAPES = {"dense": (12,), "belief": (12,), "convolutional": (1, 9, 8), "dilated": (1, 12), "recurrent": (1, 12)}
BASIS = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, 1.0], [1.0, 0.0, 1.0]])
HERE, THERE = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([0.0, 3.0, 1.0])


@pytest.fixture(params=SHAPES)
def net(request) -> Coder:
    torch.manual_seed(0)
    return autoencoder(SHAPES[request.param], 3, "16-8", request.param)


@torch.no_grad()
def test_moved_codes_are_an_affine_map_and_redraw_the_same(net):
    x = torch.randn(5, *net.shape)
    before, drawn = net.encode(x), net.decode(net.encode(x))
    net.move(BASIS, HERE, THERE)
    torch.testing.assert_close(net.encode(x), (before - HERE) @ BASIS + THERE, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(net.decode(net.encode(x)), drawn, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_basis_alone_keeps_the_origin(net):
    x = torch.randn(5, *net.shape)
    before, bias = net.encode(x), net.opening.bias.clone()
    net.move(BASIS)
    torch.testing.assert_close(net.encode(x), before @ BASIS, atol=1e-5, rtol=1e-5)
    assert torch.equal(net.opening.bias, bias)


def test_parameters_stay_the_same_tensors(net):
    before = {name: value.data_ptr() for name, value in net.named_parameters()}
    net.move(BASIS, HERE, THERE)
    assert {name: value.data_ptr() for name, value in net.named_parameters()} == before
    assert all(value.requires_grad for value in net.parameters())

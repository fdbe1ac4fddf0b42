"""The convolutional autoencoder takes pictures of any size."""

import pytest
import torch

from engine.nets import ConvolutionalAutoencoder


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (1, 17, 30)])
def test_pictures_come_back_in_their_size(shape):
    net = ConvolutionalAutoencoder(shape, 6)
    x = torch.rand(4, *shape)
    z = net.encode(x)
    assert z.shape == (4, 6)
    assert net.decode(z).shape == x.shape


def test_every_pixel_counts_and_is_drawn():
    net = ConvolutionalAutoencoder((1, 11, 13), 5)
    x = torch.rand(2, 1, 11, 13, requires_grad=True)
    drawn = net.decode(net.encode(x))
    drawn.sum().backward()
    assert (x.grad != 0).any(0).float().mean() > 0.95


def test_code_is_linear():
    torch.manual_seed(0)
    z = ConvolutionalAutoencoder((1, 16, 16), 8).encode(torch.rand(64, 1, 16, 16))
    assert (z < 0).any()
    assert (z > 0).any()

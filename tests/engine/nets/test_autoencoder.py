"""The dense autoencoder of the literature, and the choice of a network."""

import pytest
import torch
from torch import nn

from engine.core.errors import InputError
from engine.nets import Autoencoder, ConvolutionalAutoencoder, autoencoder, widths


def test_size_of_the_literature_network():
    net = Autoencoder((784,), 10)
    halves = (784 * 500 + 500 * 500 + 500 * 2000 + 2000 * 10) * 2
    biases = 500 + 500 + 2000 + 10 + 2000 + 500 + 500 + 784
    assert sum(p.numel() for p in net.parameters()) == halves + biases


@pytest.mark.parametrize("shape", [(7,), (3, 20), (1, 8, 8)])
def test_code_and_drawing_have_their_shapes(shape):
    net = Autoencoder(shape, 4, (16, 8))
    z = net.encode(torch.randn(5, *shape))
    assert z.shape == (5, 4)
    assert net.decode(z).shape == (5, *shape)


def test_both_ends_are_linear():
    torch.manual_seed(0)
    net = Autoencoder((6,), 3, (8,))
    assert isinstance(net.encoder[-1], nn.Linear)
    assert isinstance(net.decoder[-1], nn.Linear)
    z = net.encode(torch.randn(200, 6))
    assert (z < 0).any(0).all()


def test_codes_of_standardized_input_begin_at_unit_scale():
    torch.manual_seed(0)
    z = Autoencoder((64,), 10).encode(torch.randn(500, 64))
    assert 0.3 < float(z.detach().std()) < 3


def test_hidden_layers_as_wide_as_the_last_keep_the_gain_of_hidden_layers():
    torch.manual_seed(0)
    hidden = Autoencoder((300,), 7, (300, 300)).decoder[2].weight  # 300 -> 300, followed by ReLU
    assert float(hidden.detach().abs().max()) == pytest.approx((6 / 300) ** 0.5, rel=0.01)  # He et al. 2015
    last = Autoencoder((300,), 7, (300, 300)).decoder[4].weight
    assert float(last.detach().abs().max()) == pytest.approx((3 / 300) ** 0.5, rel=0.01)


@pytest.mark.parametrize(("written", "sizes"), [("500-500-2000", (500, 500, 2000)), ("32,16", (32, 16)), (" 8 ", (8,))])
def test_layers_as_written(written, sizes):
    assert widths(written) == sizes


@pytest.mark.parametrize("written", ["", "-", "five", "10-0", "99999999", "3.5"])
def test_layers_that_cannot_be(written):
    with pytest.raises(InputError, match="Layers cannot be"):
        widths(written)


def test_network_that_suits_the_sample():
    assert isinstance(autoencoder((1, 16, 20), 10, "8", "auto"), ConvolutionalAutoencoder)
    assert isinstance(autoencoder((1, 15, 20), 10, "8", "auto"), Autoencoder)
    assert isinstance(autoencoder((30,), 10, "8", "auto"), Autoencoder)
    assert isinstance(autoencoder((1, 8, 8), 10, "8", "convolutional"), ConvolutionalAutoencoder)
    for shape in ((30,), (3, 50), (1, 4, 40)):
        with pytest.raises(InputError, match="needs pictures"):
            autoencoder(shape, 10, "8", "convolutional")

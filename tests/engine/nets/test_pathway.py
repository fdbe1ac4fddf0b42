"""The clean and the noisy way through an autoencoder."""

import pytest
import torch
from torch import nn

from engine.nets import autoencoder, pathway

SHAPES = {"dense": (12,), "convolutional": (2, 9, 10), "belief": (3, 4)}


@pytest.fixture(params=SHAPES)
def net(request) -> nn.Module:
    torch.manual_seed(0)
    return autoencoder(SHAPES[request.param], 3, "16-8-7", request.param)


@pytest.fixture
def x(net) -> torch.Tensor:
    return torch.randn(5, *net.shape)


def test_clean_way_ends_at_the_code_and_has_every_layer(net, x):
    said = pathway.clean_activations(net, x)
    assert len(said) == 5  # three hidden layers between the samples and the code
    assert said[0] is x
    torch.testing.assert_close(said[-1], net.encode(x))
    torch.testing.assert_close(said[-2].flatten(1), net.hidden(x).flatten(1))
    assert all((value >= 0).all() for value in said[1:-1])


def test_without_noise_the_noisy_way_is_the_network(net, x):
    drawn, code = pathway.corrupted_pass(net, x, 0.0)
    torch.testing.assert_close(code, net.encode(x))
    torch.testing.assert_close(drawn[0], net.decode(code))
    for said, again in zip(pathway.clean_activations(net, x), drawn, strict=False):
        assert said.flatten(1).shape == again.flatten(1).shape


def test_noise_leaves_out_a_share_of_all_but_the_last_hidden_layer_and_the_code(net, x, monkeypatch):
    left_out = []
    monkeypatch.setattr(pathway.F, "dropout", lambda values, share: left_out.append((values, share)) or values)
    pathway.corrupted_pass(net, x, 0.3)
    assert [share for _, share in left_out] == [0.3, 0.3, 0.3]
    for (values, _), said in zip(left_out, pathway.clean_activations(net, x), strict=False):
        torch.testing.assert_close(values, said)


def test_noise_differs_each_time_and_changes_the_code(net, x):
    codes = [pathway.corrupted_pass(net, x, 0.5)[1] for _ in range(2)]
    assert not torch.equal(codes[0], codes[1])


def test_every_weight_feels_both_ways(net, x):
    drawn, code = pathway.corrupted_pass(net, x, 0.1)
    sum(value.square().sum() for value in [*drawn, code]).backward()
    assert all(weight.grad.abs().sum() > 0 for name, weight in net.named_parameters() if name.endswith("weight"))

"""Learning one layer after the other."""

import pytest
import torch
from torch import nn

from engine.nets import Autoencoder
from engine.nets.layerwise import layer_input, layer_reconstruction, pairs, unroll


@pytest.fixture
def net() -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder((2, 6), 3, (8, 5))


def test_every_layer_stands_opposite_the_one_that_undoes_it(net):
    sizes = [(inwards.in_features, inwards.out_features) for inwards, _ in pairs(net)]
    assert sizes == [(12, 8), (8, 5), (5, 3)]
    for inwards, outwards in pairs(net):
        assert (outwards.in_features, outwards.out_features) == (inwards.out_features, inwards.in_features)


def test_a_layer_sees_what_those_below_say(net):
    x = torch.randn(4, 2, 6)
    assert torch.equal(layer_input(net, x, 0), x.flatten(1))
    first, second = (inwards for inwards, _ in pairs(net)[:2])
    expected = torch.relu(second(torch.relu(first(x.flatten(1)))))
    torch.testing.assert_close(layer_input(net, x, 2), expected)
    assert not layer_input(net, x, 2).requires_grad


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_layer_learns_alone_to_repair_what_it_sees(net, level):
    x = torch.randn(200, 2, 6)
    values = layer_input(net, x, level)
    mine = [p for layer in pairs(net)[level] for p in layer.parameters()]
    others = [p.clone() for p in net.parameters() if all(p is not one for one in mine)]
    optimizer = torch.optim.Adam(mine, 1e-2)
    errors = []
    for _ in range(200):
        error = (layer_reconstruction(net, values, level) - values).square().sum(1).mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(float(error.detach()))
    assert sum(errors[-20:]) < 0.9 * sum(errors[:20])
    left = [p for p in net.parameters() if all(p is not one for one in mine)]
    assert all(torch.equal(a, b) for a, b in zip(others, left, strict=True))


def test_samples_and_code_are_never_left_out(net):
    x = torch.randn(300, 2, 6)
    inwards, outwards = pairs(net)[2]
    torch.manual_seed(1)
    kept = nn.functional.dropout(layer_input(net, x, 2), 0.2)
    torch.manual_seed(1)
    torch.testing.assert_close(
        layer_reconstruction(net, layer_input(net, x, 2), 2), torch.relu(outwards(inwards(kept)))
    )


def test_unrolled_layers_are_turned_over(net):
    unroll(net)
    for inwards, outwards in pairs(net):
        assert torch.equal(outwards.weight, inwards.weight.T)

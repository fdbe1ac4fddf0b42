"""DKM: the annealing list and the loss by hand, both variants."""

import pytest
import torch

from engine.core.data import Data
from engine.methods.dkm import DKM, Knobs, annealing
from tests.engine.small import short
from tests.engine.trained import trained

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
M = torch.tensor([[0.0, 0.0], [4.0, 0.0]])


def on_codes(**knobs) -> tuple[DKM, Data]:
    """DKM whose network is the identity."""
    data = Data(Z)
    method = DKM(data, 2, Knobs(layers="4", latent=2, **knobs))
    method.encode = lambda x: x
    method.centers.data = M.clone()
    return method, data


def test_annealing_list():
    values = annealing()
    assert len(values) == 40
    assert values[:6] == pytest.approx([0.1, 0.423, 0.752, 1.078, 1.409, 1.748], abs=6e-4)
    assert values[-1] == pytest.approx(28.133, abs=1e-3)


@pytest.mark.parametrize(("alpha", "total"), [(0.1, 13.335820), (1.0, 3.005369), (1000.0, 3.0)])
def test_loss_by_hand(alpha, total):
    method, data = on_codes(alpha=alpha, weight=2.0)
    terms = method.cluster(data.batch(torch.arange(4)))
    assert 4 * float(terms["soft k-means"].detach()) == pytest.approx(2 * total, abs=1e-4)


def test_gradient_reaches_centers_and_codes():
    method, data = on_codes(alpha=1.0, weight=1.0)
    method.cluster(data.batch(torch.arange(4)))["soft k-means"].backward()
    # At alpha = 1 nearly each sample pulls its own center alone: 2 (r - z) summed over its members, over 4 samples.
    torch.testing.assert_close(method.centers.grad, torch.tensor([[-0.5, 0.0], [0.5, -0.5]]), atol=0.02, rtol=0)


def test_soft_labels_are_the_softmin_of_distances():
    method, data = on_codes(alpha=0.1)
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft[0], torch.tensor([0.0, -1.6]).softmax(0))
    torch.testing.assert_close(soft.sum(1), torch.ones(4))
    assert torch.equal(soft.argmax(1), method.labels(data))


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


def test_annealed_variant_walks_the_list_without_pretraining(data):
    method, seen = trained("dkm", data, 5, **short(DKM.card, variant="annealed", epochs=40, batch=256))
    assert {one.stage for one in seen} == {"cluster"}
    walked = [one.report["sharpness"] for one in seen if one.terms]
    assert walked == pytest.approx(annealing(), rel=1e-5)
    assert float(method.sharpness) == pytest.approx(28.133, abs=1e-3)


def test_annealed_variant_learns_at_the_rate_of_redrawing(data):
    method = DKM(data, 3, Knobs(layers="8", latent=2, variant="annealed", lr=0.02))
    assert next(method.plan(data)).steps[0].lr == 0.02


def test_pretrained_variant_keeps_one_sharpness(data):
    _, seen = trained("dkm", data, 5, **short(DKM.card, alpha=50.0))
    assert [one.stage for one in seen if one.terms] == ["pretrain"] * 2 + ["cluster"] * 2
    assert seen[-1].report["sharpness"] == 50

"""Parts by themselves: what they refresh between passes, what they remember, and what codes should look like."""

import pytest
import torch
from torch import nn

from engine.core.data import Data
from engine.losses import sharpen, student_t
from engine.nets import Autoencoder
from engine.objectives.base import ClusteringObjective, Seen
from engine.objectives.classifying import Classifying
from engine.objectives.merging import Merging
from engine.objectives.mutual_information import Informing
from engine.objectives.prior import Clouded, Judged, Prior
from engine.objectives.sharpening import Sharpening, weighted_means
from engine.objectives.subspaces import SubspaceClusters

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])


def centers() -> nn.Parameter:
    return nn.Parameter(torch.tensor([[0.0, 0.0], [4.0, 0.0]]))


def ask(function):
    return function(Z)


def seen(z=Z, index=(0, 1, 2, 3)) -> Seen:
    data, rows = Data(Z), torch.tensor(index)
    return Seen(z, rows, data.batch(rows), lambda x: x)


def test_no_loss_still_says_who_belongs_where():
    part = ClusteringObjective()
    assert part.loss(seen(), centers()) is None
    assert part.between(ask, centers()).tolist() == [0, 0, 1, 1]
    assert torch.equal(part.soft(Z, centers()).argmax(1), part.labels(Z, centers()))


def test_alternating_centers_are_the_means_weighted_by_the_last_target():
    part, own = Sharpening(joint=False), centers()
    part.between(ask, own)
    assert own.tolist() == [[0, 0], [4, 0]], "at first there is no target to weigh by"
    target = sharpen(student_t(Z, own))
    torch.testing.assert_close(part.target, target)
    part.between(ask, own)
    expected = torch.stack([(target[:, j : j + 1] * Z).sum(0) / target[:, j].sum() for j in range(2)])
    torch.testing.assert_close(own.data, expected)
    assert not part.trained(own)
    assert not part.loss(seen(), own).requires_grad


def test_joint_centers_learn_by_gradient():
    for part in (Sharpening(joint=True), Informing(joint=True)):
        own = centers()
        part.between(ask, own)
        part.loss(seen(), own).backward()
        assert part.trained(own) == [own]
        assert float(own.grad.abs().sum()) > 0


def test_a_center_without_any_weight_stays():
    own, weights = centers(), torch.tensor([[1.0, 0.0]] * 4)
    weighted_means(ask, weights, own)
    assert own.tolist() == [[2.0, 0.25], [4.0, 0.0]]


def test_classes_keep_their_numbers_from_pass_to_pass():
    part, own = Classifying(2, 2), centers()
    part.start(Data(Z), own, torch.tensor([0, 0, 1, 1]))
    assert part.labels(Z, own).tolist() == [0, 0, 1, 1]
    first = part.between(ask, own).clone()
    torch.testing.assert_close(own.data, torch.tensor([[0.5, 0.0], [3.5, 0.5]]))
    assert part.between(ask, own).tolist() == first.tolist() == [0, 0, 1, 1]


def test_joining_never_lets_training_rest_before_it_is_done():
    torch.manual_seed(0)
    z, own, part = torch.randn(200, 2), centers(), Merging(2)
    numbers, before = [], None
    for _ in range(30):
        labels = part.between(lambda function: function(z), own)
        if before is not None and len(own) < numbers[-1]:
            assert (labels != before).all()
        numbers.append(len(own))
        before = labels
    assert numbers[0] == 20
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 2
    part.finish(lambda function: function(z), own)
    assert own.shape == (2, 2)
    assert len(part.assigned) == 0


def test_a_cloud_like_the_prior_costs_nothing():
    prior, net = Clouded(), Clouded().net(Autoencoder((3,), 2, (4,)))
    with torch.no_grad():
        for layer in (net.plain.code, net.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
    mean, drawn, terms = prior.look(net, torch.randn(50, 3))
    assert float(terms["cloud"].detach()) == pytest.approx(0, abs=1e-6)
    assert float(mean.detach().abs().max()) == 0
    assert 0.5 < float(drawn.detach().std()) < 1.5
    net.plain.code.bias.data.fill_(2.0)
    assert float(prior.look(net, torch.randn(50, 3))[2]["cloud"].detach()) == pytest.approx(2 * 2**2 / 2)


def test_the_critic_learns_to_tell_codes_from_draws():
    torch.manual_seed(0)
    prior = Judged(2, 10)
    z, tune = 3 + 0.1 * torch.randn(256, 2), torch.optim.Adam(prior.parameters(), 1e-2)
    first = float(prior.judge(z)["critic"].detach())
    for _ in range(40):
        tune.zero_grad()
        sum(prior.judge(z).values()).backward()
        tune.step()
    assert float(prior.judge(z)["critic"].detach()) < first - 1
    assert Prior().judge(z) == {}


def test_a_drifted_rotation_is_put_back_and_takes_the_centers_along():
    torch.manual_seed(0)
    sharing = SubspaceClusters((3, 1), 5)
    drift = torch.linalg.qr(torch.randn(5, 5))[0] @ torch.diag(torch.tensor([0.7, 0.9, 1.0, 1.2, 1.4]))
    z = torch.randn(40, 5)
    sharing.begin(drift, torch.full((2, 5), 0.5), torch.zeros(4, 5))
    turned = sharing.turned(z)
    sharing.means.copy_(torch.stack([turned[:10].mean(0), turned[10:20].mean(0), turned[20:].mean(0), turned.mean(0)]))
    sharing.straighten()
    torch.testing.assert_close(sharing.rotation @ sharing.rotation.T, torch.eye(5))
    torch.testing.assert_close(sharing.back(sharing.turned(z)), z)
    torch.testing.assert_close(sharing.means[1], sharing.turned(z)[10:20].mean(0))
    # No other rotation is nearer.
    for _ in range(20):
        other = torch.linalg.qr(torch.randn(5, 5))[0]
        assert (other - drift).norm() > (sharing.rotation - drift).norm()

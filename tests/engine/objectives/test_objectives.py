"""Objectives by themselves: what they refresh between passes, what they hold, and how codes should be distributed."""

import pytest
import torch
from torch import nn

from engine.core.data import Data
from engine.losses import sharpen, student_t
from engine.nets import Autoencoder
from engine.objectives.base import ClusteringObjective, EncodedBatch
from engine.objectives.classifying import ClusterClassification
from engine.objectives.merging import AgglomerativeObjective
from engine.objectives.mutual_information import MutualInformation
from engine.objectives.prior import AdversarialPrior, Prior, VariationalPrior
from engine.objectives.sharpening import AssignmentHardening, move_to_weighted_means
from engine.objectives.subspaces import SubspaceClusters

Z = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [4.0, 1.0]])


def centers() -> nn.Parameter:
    return nn.Parameter(torch.tensor([[0.0, 0.0], [4.0, 0.0]]))


def map_codes(function):
    return function(Z)


def encoded(z=Z, index=(0, 1, 2, 3)) -> EncodedBatch:
    data, rows = Data(Z), torch.tensor(index)
    return EncodedBatch(z, rows, data.batch(rows), lambda x: x)


def test_no_loss_still_says_who_belongs_where():
    objective = ClusteringObjective()
    assert objective.loss(encoded(), centers()) is None
    assert objective.refresh(map_codes, centers()).tolist() == [0, 0, 1, 1]
    assert torch.equal(objective.soft_labels(Z, centers()).argmax(1), objective.labels(Z, centers()))


def test_alternating_centers_are_the_means_weighted_by_the_last_target():
    objective, own = AssignmentHardening(joint=False), centers()
    objective.refresh(map_codes, own)
    assert own.tolist() == [[0, 0], [4, 0]], "at first there is no target to weigh by"
    target = sharpen(student_t(Z, own))
    torch.testing.assert_close(objective.target, target)
    objective.refresh(map_codes, own)
    expected = torch.stack([(target[:, j : j + 1] * Z).sum(0) / target[:, j].sum() for j in range(2)])
    torch.testing.assert_close(own.data, expected)
    assert not objective.trainable(own)
    assert not objective.loss(encoded(), own).requires_grad


def test_joint_centers_learn_by_gradient():
    for objective in (AssignmentHardening(joint=True), MutualInformation(joint=True)):
        own = centers()
        objective.refresh(map_codes, own)
        objective.loss(encoded(), own).backward()
        assert objective.trainable(own) == [own]
        assert float(own.grad.abs().sum()) > 0


def test_a_center_without_any_weight_stays():
    own, weights = centers(), torch.tensor([[1.0, 0.0]] * 4)
    move_to_weighted_means(map_codes, weights, own)
    assert own.tolist() == [[2.0, 0.25], [4.0, 0.0]]


def test_classes_keep_their_numbers_from_pass_to_pass():
    objective, own = ClusterClassification(2, 2), centers()
    objective.initialize(Data(Z), own, torch.tensor([0, 0, 1, 1]))
    assert objective.labels(Z, own).tolist() == [0, 0, 1, 1]
    first = objective.refresh(map_codes, own).clone()
    torch.testing.assert_close(own.data, torch.tensor([[0.5, 0.0], [3.5, 0.5]]))
    assert objective.refresh(map_codes, own).tolist() == first.tolist() == [0, 0, 1, 1]


def test_joining_never_lets_training_rest_before_it_is_done():
    torch.manual_seed(0)
    z, own, objective = torch.randn(200, 2), centers(), AgglomerativeObjective(2)
    numbers, before = [], None
    for _ in range(30):
        labels = objective.refresh(lambda function: function(z), own)
        if before is not None and len(own) < numbers[-1]:
            assert (labels != before).all()
        numbers.append(len(own))
        before = labels
    assert numbers[0] == 20
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 2
    objective.finish(lambda function: function(z), own)
    assert own.shape == (2, 2)
    assert len(objective.assigned) == 0


def test_a_cloud_like_the_prior_costs_nothing():
    prior, net = VariationalPrior(), VariationalPrior().wrap(Autoencoder((3,), 2, (4,)))
    with torch.no_grad():
        for layer in (net.plain.code, net.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
    mean, sampled, terms = prior.encode(net, torch.randn(50, 3))
    assert float(terms["cloud"].detach()) == pytest.approx(0, abs=1e-6)
    assert float(mean.detach().abs().max()) == 0
    assert 0.5 < float(sampled.detach().std()) < 1.5
    net.plain.code.bias.data.fill_(2.0)
    assert float(prior.encode(net, torch.randn(50, 3))[2]["cloud"].detach()) == pytest.approx(2 * 2**2 / 2)


def test_the_critic_learns_to_tell_codes_from_draws():
    torch.manual_seed(0)
    prior = AdversarialPrior(2, 10)
    z, tune = 3 + 0.1 * torch.randn(256, 2), torch.optim.Adam(prior.parameters(), 1e-2)
    first = float(prior.critic_loss(z)["critic"].detach())
    for _ in range(40):
        tune.zero_grad()
        sum(prior.critic_loss(z).values()).backward()
        tune.step()
    assert float(prior.critic_loss(z)["critic"].detach()) < first - 1
    assert Prior().critic_loss(z) == {}


def test_a_drifted_rotation_is_put_back_and_takes_the_centers_along():
    torch.manual_seed(0)
    subspaces = SubspaceClusters((3, 1), 5)
    drift = torch.linalg.qr(torch.randn(5, 5))[0] @ torch.diag(torch.tensor([0.7, 0.9, 1.0, 1.2, 1.4]))
    z = torch.randn(40, 5)
    subspaces.initialize(drift, torch.full((2, 5), 0.5), torch.zeros(4, 5))
    turned = subspaces.rotate(z)
    subspaces.means.copy_(
        torch.stack([turned[:10].mean(0), turned[10:20].mean(0), turned[20:].mean(0), turned.mean(0)])
    )
    subspaces.orthogonalize()
    torch.testing.assert_close(subspaces.rotation @ subspaces.rotation.T, torch.eye(5))
    torch.testing.assert_close(subspaces.rotate_back(subspaces.rotate(z)), z)
    torch.testing.assert_close(subspaces.means[1], subspaces.rotate(z)[10:20].mean(0))
    # No other rotation is nearer.
    for _ in range(20):
        other = torch.linalg.qr(torch.randn(5, 5))[0]
        assert (other - drift).norm() > (subspaces.rotation - drift).norm()

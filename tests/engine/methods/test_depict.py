"""DEPICT: its two ways, its goals, its start, and a short training."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters import kmeans
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.losses import balanced_target, sharpen
from engine.methods import depict
from engine.methods.depict import DEPICT, HIDDEN, Knobs
from engine.nets import pathway
from engine.training.trainer import FINAL, fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed

SMALL = {"layers": "32-16", "latent": 4, "batch": 64}


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


@pytest.fixture
def method(data) -> DEPICT:
    torch.manual_seed(0)
    return DEPICT(data, 5, Knobs(**SMALL))


def trained(data, k, **knobs):
    knobs = check_knobs(DEPICT.card, knobs)
    method, seen = followed(fit(lambda d: DEPICT(d, k, knobs), data, tensor_store=Memory()))
    return method, [one for one in seen if one.stage != FINAL]


def test_terms_by_hand(method, data, monkeypatch):
    monkeypatch.setattr(pathway.F, "dropout", lambda values, share: 0.9 * values)
    method.knobs = Knobs(**SMALL, weight=2.0)
    method.target = torch.rand(300, 5).softmax(1)
    batch = data.batch(torch.arange(10, 74))
    terms = method.cluster(batch)
    x = method.standard(batch.x)
    first = torch.relu(method.net.encoder[0](x))
    second = torch.relu(method.net.encoder[2](first))
    blurred = torch.relu(method.net.encoder[2](0.9 * torch.relu(method.net.encoder[0](0.9 * x))))
    code = method.net.encoder[4](blurred)  # the last hidden layer is heard whole
    wide = torch.relu(method.net.decoder[0](code))
    wider = torch.relu(method.net.decoder[2](wide))
    hidden = (first - wider).square().mean() + (second - wide).square().mean()
    guess = -(method.target[10:74] * method.head(code).log_softmax(1)).sum() / 64
    torch.testing.assert_close(terms["reconstruction"], (x - method.net.decoder[4](wider)).square().sum() / 64)
    torch.testing.assert_close(terms["hidden layers"], HIDDEN * 64 * hidden)
    torch.testing.assert_close(terms["guess"], 2.0 * 64 * guess)


def test_everything_learns_but_the_centers(method, data):
    method.target = torch.full((300, 5), 0.2)
    step = method.clustering_stage("any", "Any", 1, 1).steps[0]
    sum(step.loss(data.batch(torch.arange(64))).values()).backward()
    learning = {id(parameter) for parameter in step.parameters()}
    for name, parameter in method.named_parameters():
        assert (id(parameter) in learning) == (name != "centers"), name
        assert name == "centers" or parameter.grad.abs().sum() > 0, name


def test_network_sees_views_of_pictures_and_redraws_them_as_they_were(data, monkeypatch):
    pictures = Data(data.x.view(-1, 1, 8, 8), "image")
    method = DEPICT(pictures, 5, Knobs(**SMALL, augment="undone"))
    ways = {}
    for name in ("clean_activations", "corrupted_pass"):
        way = getattr(pathway, name)
        monkeypatch.setattr(pathway, name, lambda net, x, *more, n=name, w=way: ways.update({n: x}) or w(net, x, *more))
    batch = pictures.batch(torch.arange(64))
    method.reconstruct_loss(batch)
    assert torch.equal(ways["clean_activations"], method.standard(batch.x))
    assert not torch.equal(ways["corrupted_pass"], ways["clean_activations"])


def test_start_guesses_by_the_distance_to_the_centers_of_k_means(method, data):
    torch.manual_seed(1)
    labels = method.start(data)
    torch.manual_seed(1)
    z = method.embed(data)
    centers, same = kmeans(z, 5, 40)
    assert torch.equal(labels, same)
    assert torch.equal(labels, method.labels(data))
    away = torch.cdist(z, centers).square()
    width = away.amin(1).mean()
    torch.testing.assert_close(method.soft_labels(data), torch.softmax(-away / (2 * width), 1), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("goal", ["balanced", "sharper"])
def test_goals_of_the_passes(data, goal, monkeypatch):
    method = DEPICT(data, 5, Knobs(**SMALL, pretrain_epochs=0, start_epochs=1, epochs=2, target=goal, tolerance=0.0))
    found = []
    monkeypatch.setattr(depict, "kmeans", lambda *given: found.append(kmeans(*given)) or found[0])
    rule = {"balanced": balanced_target, "sharper": sharpen}[goal]
    stages = [stage for stage in method.plan(data) if stage.id != "pretrain" and seen(method, stage, data, rule, found)]
    assert [stage.id for stage in stages] == [
        "initial-groups",
        "cluster",
        "cluster",
    ]
    assert len(method.target) == 0


def seen(method, stage, data, rule, found) -> bool:
    """Whether the goal is what it should be in this stage."""
    if stage.id == "initial-groups":
        return torch.equal(method.target, F.one_hot(found[0][1], 5).float())
    return torch.allclose(method.target, rule(method.soft_labels(data)))


def test_centers_are_the_mean_codes_of_soft_members(method, data):
    p, z = method.soft_labels(data), method.embed(data)
    by_hand = torch.stack([sum(p[i, k] * z[i] for i in range(300)) / sum(p[:, k]) for k in range(5)])
    torch.testing.assert_close(method.centroids(data), by_hand)


def test_pretraining_is_shared_with_itself_alone(data):
    plain = DEPICT(data, 5, Knobs(**SMALL))
    other = DEPICT(data, 5, Knobs(**SMALL | {"noise": 0.2}))
    keys = [next(iter(one.pretraining())).pretrained for one in (plain, other)]
    assert keys[0] != keys[1]
    assert all(key[0] == "all layers" for key in keys)


def test_stops_when_no_member_changes_group(data):
    values = short(DEPICT.card, epochs=20, start_epochs=20, tolerance=0.05, cluster_lr=1e-6)
    _, shown = trained(data, 3, **values)
    ended = [one.stage for one in shown if one.terms]
    assert ended.count("cluster") == 1
    assert ended.count("initial-groups") <= 2


def test_training_of_digits(digits):
    x, y = digits
    data = Data(torch.from_numpy(x[:600]))
    values = {
        "layers": "64-32",
        "pretrain_epochs": 15,
        "epochs": 4,
        "start_epochs": 6,
        "cluster_lr": 1e-3,
        "tolerance": 0.0,
    }
    method, shown = trained(data, 10, **values)
    labels = method.labels(data)
    assert nmi(y[:600], labels) > 0.6
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft.sum(1), torch.ones(600))
    assert torch.equal(soft.argmax(1), labels)
    assert np.bincount(labels, minlength=10).min() > 20
    course = [one.terms["guess"] for one in shown if one.stage == "initial-groups" and one.terms]
    assert course[-1] < course[0]
    assert method.prototypes().shape == (10, 64)
    torch.testing.assert_close(method.group_centers(), method.centroids(data))


def test_convolutional_layers_are_redrawn_too(data):
    pictures = Data(data.x.view(-1, 1, 8, 8), "image")
    method, shown = trained(
        pictures, 4, **short(DEPICT.card, network="convolutional", start_epochs=2, pretrain_epochs=15)
    )
    assert method.prototypes().shape == (4, 1, 8, 8)
    assert method.labels(pictures).unique().numel() > 1
    assert all(np.isfinite(value) for one in shown for value in one.terms.values())


def test_one_group_and_a_group_for_every_row(data):
    few = data.take(torch.arange(6))
    for k in (1, 6):
        method, _ = trained(few, k, **short(DEPICT.card))
        assert method.labels(few).max() < k

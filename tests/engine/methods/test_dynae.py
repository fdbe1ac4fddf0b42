"""DynAE: its critic, its goals, its thresholds, and short trainings."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine.training.trainer
from engine.clusters import kmeans
from engine.clusters.conflict import nearest_samples
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.losses import student_t
from engine.methods import dynae
from engine.methods.ae_kmeans import AEKMeans
from engine.methods.dynae import REAL, DynAE, Knobs
from engine.training.trainer import FINAL, fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed

SMALL = {"layers": "32-16", "latent": 4, "batch": 64}


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


@pytest.fixture(scope="module")
def pictures(data) -> Data:
    return Data(data.x.view(-1, 1, 8, 8), "image")


@pytest.fixture
def method(data) -> DynAE:
    torch.manual_seed(0)
    return DynAE(data, 5, Knobs(**SMALL, blending=2.0, weight=0.5))


def apart(method) -> DynAE:
    """The method with codes ten times as far apart, of which some are clear without any training."""
    with torch.no_grad():
        method.net.encoder[-1].weight.mul_(10)
    return method


def trained(data, k, tensor_store=None, stop=None, **knobs):
    knobs = check_knobs(DynAE.card, knobs)
    method, seen = followed(fit(lambda d: DynAE(d, k, knobs), data, tensor_store=tensor_store), stop)
    return method, [one for one in seen if one.stage != FINAL]


def test_terms_of_redrawing_and_of_the_critic_by_hand(method, data, monkeypatch):
    share = torch.linspace(0, 0.5, 20).unsqueeze(1)
    monkeypatch.setattr(dynae, "interpolation_weights", lambda n, device: share[:n])
    batch = data.batch(torch.arange(10, 30))
    terms, critic = method.reconstruct_loss(batch), method.critic_loss(batch)
    x = method.standard(batch.x)
    z = method.net.encode(x)
    drawn, said, error = method.net.decode(z), 0.0, 0.0
    for i in range(20):
        between = method.net.decode((share[i] * z[i - 1] + (1 - share[i]) * z[i]).unsqueeze(0))
        sees = method.critic(between).item()
        said += sees**2 / 20
        error += (sees - share[i].item()) ** 2 / 20
        error += method.critic(REAL * x[i : i + 1] + (1 - REAL) * drawn[i : i + 1]).item() ** 2 / 20
    torch.testing.assert_close(terms["reconstruction"], (x - drawn).square().sum() / 20)
    assert terms["blends"].item() == pytest.approx(2.0 * 64 * said, rel=1e-4)
    assert critic["critic"].item() == pytest.approx(error, rel=1e-4)


def test_each_player_trains_only_itself(method, data):
    stage = next(method.pretraining())
    network, critic = ({id(p) for p in step.parameters()} for step in stage.steps)
    assert network == {id(p) for p in method.net.parameters()}
    assert critic == {id(p) for p in method.critic.parameters()}
    batch = data.batch(torch.arange(64))
    method.reconstruct_loss(batch)["blends"].backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in method.net.parameters())
    method.zero_grad(set_to_none=True)
    method.critic_loss(batch)["critic"].backward()
    assert all(p.grad is None for p in method.net.parameters())


def test_critic_learns_to_tell_shares_and_the_network_to_hide_them(data):
    told = {}
    for blending in (1e-6, 5.0):
        values = {"layers": "64-64", "latent": 4, "batch": 64, "pretrain_epochs": 20, "epochs": 1, "tolerance": 0.0}
        _, seen = trained(data, 3, **values, blending=blending)
        told[blending] = [one.terms["critic"] for one in seen if "critic" in one.terms][-1]
    # Always saying an eighth is best for who sees nothing: a variance of 1 / 48, and 1 / 64 at blends and at others.
    blind = 1 / 48 + 2 / 64
    assert told[1e-6] < 0.85 * blind
    assert told[5.0] > 0.9 * blind


def test_without_blends_it_is_the_pretraining_of_the_other_methods(data):
    plain, other = DynAE(data, 5, Knobs(**SMALL, blending=0.0)), AEKMeans(data, 5, AEKMeans.card.knobs(**SMALL))
    ours, theirs = next(plain.pretraining()), next(other.pretraining())
    assert ours.pretrained == theirs.pretrained
    assert len(ours.steps) == 1
    assert not any(name.startswith("critic") for name in plain.state_dict())
    keys = {next(DynAE(data, 5, Knobs(**SMALL, blending=b)).pretraining()).pretrained for b in (0.0, 1.0, 2.0)}
    assert len(keys) == 3


def test_layers_learn_without_a_critic_before_all_learn_with_one(data):
    method = DynAE(data, 5, Knobs(**SMALL, layerwise=True, pretrain_epochs=2))
    assert [len(stage.steps) for stage in method.pretraining()] == [1, 1, 1, 2]


def test_goals_by_slow_loops(method, data):
    torch.manual_seed(1)
    z = apart(method).embed(data)
    method.centers.data = kmeans(z, 5)[0]
    share, centers = method.set_targets(z), method.centers.detach()
    q, count = student_t(z, centers), 0
    for i in range(300):
        second, first = sorted(q[i].tolist())[-2:]
        if first > 3 / 5 and first - second > 1.5 / 5:
            group = int(q[i].argmax())
            assert method.assigned[i] == group
            assert torch.equal(method.target_codes[i], centers[group])
        else:
            count += 1
            assert method.assigned[i] == -1
            assert torch.equal(method.target_codes[i], z[i])
    assert 0 < count < 300
    assert share == pytest.approx(count / 300)
    torch.testing.assert_close(method.decoded_centers, method.net.decode(centers).detach())


def test_terms_of_drawing_groups_by_hand(method, data):
    method.assigned = torch.arange(300) % 6 - 1
    method.target_codes, method.decoded_centers = torch.randn(300, 4), torch.randn(5, 64)
    rows = torch.tensor([0, 7, 14, 200])
    terms = method.construct(data.batch(rows))
    x = method.standard(data.x)
    construction = pull = 0.0
    for i in rows.tolist():
        z = method.net.encode(x[i : i + 1])
        wanted = x[i] if i % 6 == 0 else method.decoded_centers[i % 6 - 1]
        construction += (method.net.decode(z)[0] - wanted).square().sum().item() / 4
        pull += (z[0] - method.target_codes[i]).square().sum().item() / 4
    assert terms["construction"].item() == pytest.approx(construction, rel=1e-4)
    assert terms["k-means"].item() == pytest.approx(0.5 * 64 / 4 * pull, rel=1e-4)


@pytest.mark.parametrize("augment", ["always", "beside"])
def test_an_altered_picture_has_the_goal_of_the_picture(augment, pictures):
    torch.manual_seed(0)
    method = apart(DynAE(pictures, 5, Knobs(**SMALL, augment=augment)))
    z = method.embed(pictures)
    method.centers.data = kmeans(z, 5)[0]
    method.set_targets(z)
    rows = torch.tensor([int((method.assigned >= 0).nonzero()[0]), int((method.assigned < 0).nonzero()[0])])
    batch = pictures.batch(rows)
    shown = method.augmented(batch)
    method.augmented = lambda batch: shown
    terms = method.construct(batch)
    code = method.code(shown.x)
    times = len(shown.x) // 2
    drawn = method.net.decode(code)
    wanted = torch.cat(
        [
            torch.stack([method.decoded_centers[method.assigned[rows[0]]], own])
            for own in method.standard(shown.target)[1::2]
        ]
    )
    torch.testing.assert_close(terms["construction"], (drawn - wanted).square().sum() / (2 * times))
    pull = (code - method.target_codes[rows.repeat(times)]).square().sum() / (2 * times)
    torch.testing.assert_close(terms["k-means"], method.knobs.weight * 64 / 4 * pull)


def test_balance_equals_that_of_the_authors_for_pixels(method, data):
    """Mean squared errors of the code + 100 of pixels, times columns / (100 variance): our sum with weight 1 / (100 variance)."""
    variance = float(data.x.var())
    method.assigned = torch.full((300,), -1)
    method.target_codes, method.decoded_centers = torch.randn(300, 4), torch.zeros(5, 64)
    z = method.encode(data.x).detach()
    authors = (
        float((z - method.target_codes).square().mean()) + 100 * (data.x - method.decode(z)).square().mean().item()
    )
    method.knobs = Knobs(**SMALL, weight=1 / (100 * variance))
    ours = sum(term.item() for term in method.construct(data.batch(torch.arange(300))).values())
    assert ours == pytest.approx(authors * 64 / (100 * variance), rel=1e-4)


def test_thresholds_fall_when_the_count_does_not_and_centers_are_members(method, data):
    torch.manual_seed(1)
    first = apart(method).update_targets(data, 0)
    z = method.embed(data)
    assert int(method.thresholds_lowered) == 0
    assert all((z == center).all(1).any() for center in method.centers.detach())
    before = method.centers.detach().clone()
    torch.manual_seed(2)
    second = method.update_targets(data, 1)  # nothing was trained in between: the count cannot have fallen
    assert int(method.thresholds_lowered) == 1
    torch.manual_seed(2)
    found = kmeans(z, 5, 10)[0]
    assert {tuple(c) for c in nearest_samples(found, z).tolist()} == {tuple(c) for c in method.centers.tolist()}
    assert (method.centers - before).norm(dim=1).max() < torch.pdist(before).max(), "groups keep their numbers"
    unclear = 0
    for row in student_t(z, method.centers.detach()).tolist():
        least, most = sorted(row)[-2:]
        unclear += not (most > 0.9 * 3 / 5 and most - least > 0.9 * 1.5 / 5)
    assert second == pytest.approx(unclear / 300)
    method.conflicted_shares[2] = 0.5
    method.conflicted_shares[1] = 1.1
    assert method.update_targets(data, 2) == 0.5, "what was counted is not counted again"
    method.conflicted_shares[2] = -1
    method.update_targets(data, 2)
    assert int(method.thresholds_lowered) == 1, "the count has fallen"
    assert method.report() == {"share of conflicted members": pytest.approx(float(method.conflicted_shares[2]))}
    assert first > second


def test_thresholds_suit_two_groups(data):
    method = apart(DynAE(data, 2, Knobs(**SMALL)))
    z = method.embed(data)
    method.centers.data = kmeans(z, 2)[0]
    q = student_t(z, method.centers.detach())
    assert method.set_targets(z) == pytest.approx(float((q.amax(1) <= 0.75).float().mean()))


def test_codes_that_are_all_equal_keep_their_centers(method, data):
    method.update_targets(data, 0)
    before = method.centers.detach().clone()
    with torch.no_grad():
        method.net.encoder[-1].weight.zero_()
        method.net.encoder[-1].bias.zero_()
    method.update_targets(data, 1)
    assert torch.equal(method.centers, before)


@pytest.mark.parametrize(("tolerance", "passes"), [(1e-6, 3), (0.0, 5)])
def test_stops_when_hardly_a_member_is_conflicted(tolerance, passes, data, monkeypatch):
    course, count = iter([0.5, 0.011, 0.01, 0.009, 0.0]), DynAE.update_targets
    monkeypatch.setattr(DynAE, "update_targets", lambda *given: (count(*given), next(course))[1])
    method, seen = trained(data, 4, **short(DynAE.card, epochs=5, pretrain_epochs=1, tolerance=tolerance))
    assert [one.stage for one in seen if one.terms].count("cluster") == passes
    assert len(method.assigned) == len(method.target_codes) == len(method.decoded_centers) == 0


def test_resumed_training_takes_the_same_turns(data, monkeypatch):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    values = short(DynAE.card, epochs=12, pretrain_epochs=3, cluster_lr=3e-3, tolerance=1e-6)
    whole, seen = trained(data, 4, Memory(), **values)
    assert int(whole.thresholds_lowered) > 0
    for stop in (1, len(seen) // 2, len(seen) - 2):
        tensor_store = Memory()
        trained(data, 4, tensor_store, stop, **values)
        resumed, _ = trained(data, 4, tensor_store, **values)
        for name, tensor in whole.state_dict().items():
            assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_training_of_pictures(digits):
    x, y = digits
    data = Data(torch.from_numpy(x[:600]).view(-1, 1, 8, 8), "image")
    values = {"layers": "64-32", "pretrain_epochs": 15, "epochs": 15, "tolerance": 1e-6}
    method, seen = trained(data, 10, **values)
    start = kmeans(method.embed(data), 10)[1]
    labels = method.labels(data)
    assert nmi(y[:600], labels) > 0.6
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft.sum(1), torch.ones(600))
    assert torch.equal(soft.argmax(1), labels)
    assert nmi(start, labels) > 0.6
    course = [
        one.report["share of conflicted members"]
        for one in seen
        if one.report.get("share of conflicted members") and one.terms
    ]
    assert course[-1] < course[0] / 2
    torch.testing.assert_close(method.prototypes(), method.decode(method.centers).detach())
    # Members are drawn as their group: far nearer to its prototype than they are themselves.
    drawn = method.decode(method.embed(data))
    assert (drawn - method.prototypes()[labels]).square().mean() < (
        data.x - method.prototypes()[labels]
    ).square().mean() / 3


@pytest.mark.parametrize(("network", "kind"), [("convolutional", "image"), ("dilated", "series"), ("belief", "table")])
def test_other_networks(network, kind, data):
    shapes = {"image": (-1, 1, 8, 8), "series": (-1, 1, 64), "table": (-1, 64)}
    some = Data(data.x[:100].view(shapes[kind]), kind)
    method, seen = trained(some, 3, **short(DynAE.card, network=network, noise=0.2))
    assert method.prototypes().shape == (3, *some.shape)
    assert all(np.isfinite(value) for one in seen for value in one.terms.values())
    assert {"blends", "critic"} <= {name for one in seen for name in one.terms}


@pytest.mark.parametrize("k", [1, 6])
def test_one_group_and_a_group_for_every_row(k, data):
    few = data.take(torch.arange(6))
    method, _ = trained(few, k, **short(DynAE.card, tolerance=0.001))
    assert method.labels(few).max() < k
    assert torch.isfinite(method.prototypes()).all()

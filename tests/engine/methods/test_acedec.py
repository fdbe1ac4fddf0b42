"""ACe/DeC: what tells groups apart is parted from what all samples share."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.clusters.isolation import isolate
from engine.core.data import Data
from engine.inference.outcome import evaluate
from engine.losses import squared_distances
from engine.methods.acedec import SHARED, ACeDeC, Knobs
from engine.training.trainer import fit
from tests.engine.small import Memory, short
from tests.engine.trained import followed

SMALL = {
    "layers": "64-32",
    "latent": 6,
    "pretrain_epochs": 15,
    "epochs": 3,
    "restarts": 4,
    "tolerance": 0.0,
    "batch": 64,
}


@pytest.fixture(scope="module")
def detailed() -> tuple[Data, np.ndarray]:
    """Rows of three groups on two axes, with details that vary twice as far on two others, mixed over 12 columns."""
    random = np.random.default_rng(0)
    truth = random.integers(3, size=400)
    groups = np.array([[0, 0], [6, 0], [0, 6]])[truth] + random.normal(size=(400, 2)) / 2
    x = np.hstack([groups, 4 * random.normal(size=(400, 2))]) @ np.linalg.qr(random.normal(size=(12, 4)))[0].T
    return Data(torch.from_numpy(x.astype(np.float32))), truth


@pytest.fixture(scope="module")
def trained(detailed) -> ACeDeC:
    return followed(fit(lambda d: ACeDeC(d, 3, Knobs(**SMALL)), detailed[0]))[0]


def test_finds_the_groups_behind_the_details(trained, detailed):
    data, truth = detailed
    outcome = evaluate(trained, data)
    assert nmi(truth, outcome.labels) > 0.85
    assert outcome.alternatives == {}
    assert outcome.prototypes.shape == (3, 12)
    assert outcome.centers.shape == (3, 6)


def test_labels_are_the_nearest_centers_in_the_space_of_the_groups(trained, detailed):
    data, _ = detailed
    outcome = evaluate(trained, data)
    nearest = squared_distances(torch.from_numpy(outcome.embedding), torch.from_numpy(outcome.centers)).argmin(1)
    np.testing.assert_array_equal(nearest.numpy(), outcome.labels)
    np.testing.assert_array_equal(trained.labels(data).numpy(), outcome.labels)
    assert torch.equal(trained.groupings(data)[:, 0], trained.labels(data))
    beta = trained.subspaces.weights().detach()[0]
    torch.testing.assert_close(trained.embed(data), trained.map_batches(data, trained.rotated) * beta)


def test_start_is_that_of_the_code_and_its_shares_are_learned_on(detailed):
    data, _ = detailed
    torch.manual_seed(0)
    method = ACeDeC(data, 3, Knobs(**SMALL))
    z = method.map_batches(data, lambda x: method.net.encode(method.standard(x)))
    torch.manual_seed(0)
    labels = method.start(data)
    torch.manual_seed(0)
    order = torch.randperm(400)
    found = isolate(z[order], 3, 4)
    torch.testing.assert_close(method.subspaces.weights().detach(), found.shares.float(), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(method.subspaces.rotation.data, found.rotation.float())
    torch.testing.assert_close(method.subspaces.means, found.centers.float())
    assert torch.equal(labels[order, 0], found.labels)
    assert method.subspaces.counts.sum() == pytest.approx(2 * method.batch)


def test_loss_by_hand(detailed):
    data, _ = detailed
    torch.manual_seed(0)
    method = ACeDeC(data, 3, Knobs(**SMALL, weight=2.0))
    method.start(data)
    batch = data.batch(torch.arange(20))
    z, beta = method.rotated(batch.x), method.subspaces.weights()
    pull = 0.0
    for row in z:
        away = [((row - m) * beta[0]).square().sum() for m in method.subspaces.means[:3]]
        pull += min(away) + ((row - method.subspaces.means[3]) * beta[1]).square().sum()
    terms = method.joint_loss(batch)
    torch.testing.assert_close(terms["groupings"], 2.0 * pull / 20 / 2)
    drawn = method.net.decode(z @ method.subspaces.rotation.T)
    torch.testing.assert_close(terms["reconstruction"], (method.standard(batch.x) - drawn).square().sum() / 20)


def test_center_of_all_follows_every_batch_by_half(detailed):
    data, _ = detailed
    method = ACeDeC(data, 2, Knobs(**SMALL))
    batch = data.batch(torch.arange(8))
    z = method.rotated(batch.x).detach()
    method.subspaces.means = torch.stack([z.mean(0), torch.full((6,), 1e3), torch.zeros(6)])
    method.subspaces.counts = torch.tensor([8.0, 4.0, 8.0])
    with torch.no_grad():
        method.update_centers(batch)
    torch.testing.assert_close(method.subspaces.means[2], z.mean(0) / 2)
    assert method.subspaces.means[1].eq(1e3).all()  # no members: it is not averaged with zero
    assert method.subspaces.counts.tolist() == [8.0, 2.0, 8.0]


def test_lost_group_is_placed_anew(trained, detailed):
    data, _ = detailed
    before, counts = trained.subspaces.means.clone(), trained.subspaces.counts.clone()
    try:
        trained.subspaces.means[0] = 1e3
        labels = trained.groupings(data)
        assert not (labels[:, 0] == 0).any()
        torch.manual_seed(0)
        trained.reinitialize_empty(data, labels)
        assert torch.equal(trained.subspaces.means[1:], before[1:])
        assert (trained.labels(data) == 0).any()
    finally:
        trained.subspaces.means.copy_(before)
        trained.subspaces.counts.copy_(counts)


def test_prototypes_take_the_details_of_all_samples(trained, monkeypatch):
    drawn = []
    monkeypatch.setattr(trained, "decode", lambda z: drawn.append(z) or z)
    monkeypatch.setattr(trained.subspaces, "rotate_back", lambda z: z)
    trained.prototypes()
    common = trained.subspaces.weights()[1] > SHARED
    assert 0 < int(common.sum()) < 6
    assert trained.report()["axes of the groups"] == int((~common).sum())
    torch.testing.assert_close(drawn[0][:, common], trained.subspaces.means[3, common].expand(3, -1))
    torch.testing.assert_close(drawn[0][:, ~common], trained.subspaces.means[:3, ~common])


def test_stops_when_no_member_changes_group(detailed):
    knobs = Knobs(**SMALL | {"epochs": 20, "tolerance": 0.05, "cluster_lr": 1e-6})
    _, seen = followed(fit(lambda d: ACeDeC(d, 3, knobs), detailed[0]))
    assert len([one for one in seen if one.stage == "cluster" and one.terms]) == 1


def test_pretraining_is_that_of_the_other_methods(detailed):
    from engine.methods.enrc import ENRC
    from engine.methods.enrc import Knobs as OfENRC

    data, tensor_store = detailed[0], Memory()
    followed(fit(lambda d: ENRC(d, 2, OfENRC(**SMALL)), data, tensor_store=tensor_store))
    _, seen = followed(
        fit(lambda d: ACeDeC(d, 3, Knobs(**SMALL | {"augment": "never"})), data, tensor_store=tensor_store)
    )
    assert seen[0].report["reused"] == 1


@pytest.mark.parametrize("k", [1, 6])
def test_one_group_and_a_group_for_every_row(detailed, k):
    few = detailed[0].take(torch.arange(6))
    values = short(ACeDeC.card, tolerance=0.001)
    method, _ = followed(fit(lambda d: ACeDeC(d, k, Knobs(**values)), few))
    assert method.labels(few).unique().numel() == k

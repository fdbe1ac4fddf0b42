"""CM: k-means as a network of votes and centers."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score as ari

from engine.core.data import Data
from engine.core.errors import InputError
from engine.losses import squared_distances
from engine.methods.cm import CM, DAMPING, Knobs
from engine.training.trainer import fit
from tests.engine.small import short
from tests.engine.trained import followed

SHORT = short(CM.card, epochs=3)


def build(data: Data, k: int, **knobs) -> CM:
    torch.manual_seed(0)
    return CM(data, k, Knobs(**knobs))


def fitted(data: Data, k: int, **knobs) -> tuple[CM, list]:
    return followed(fit(lambda d: CM(d, k, Knobs(**knobs)), data))


@pytest.fixture
def table() -> Data:
    torch.manual_seed(0)
    return Data(torch.randn(90, 6) * 3 + 7)


def test_loss_is_soft_k_means_of_standardized_rows_and_the_prior(table):
    method = build(table, 4, balance=0.5)
    method.centers.data.normal_()
    terms = method.cluster(table.batch(torch.arange(40)))
    x = (table.x[:40] - table.x.mean()) / table.x.std()
    gamma = method.vote(x)
    apart = (gamma * squared_distances(x, method.centers)).sum(1).mean()
    parts = [terms[name] for name in ("redrawing", "hesitation", "overlap")]
    torch.testing.assert_close(sum(parts), apart)
    prior = -torch.log(4 * gamma.mean(0)).sum()
    torch.testing.assert_close(terms["balance"], 0.5 * 6 * prior)


def test_start_votes_for_the_group_of_each_center(table):
    method = build(table, 4)
    method.start_from_samples(table)
    torch.testing.assert_close(method.votes(method.centers), torch.eye(4), atol=1e-4, rtol=0)
    rows = method.group_centers().detach()
    away = torch.cdist(rows, table.x)
    assert (away.amin(1) < 0.02).all(), "the centers are samples"
    assert away.argmin(1).unique().numel() == 4


def test_start_from_kmeans_gives_every_row_to_its_nearest_center(table):
    method = build(table, 4)
    method.start_from_kmeans(table)
    rows = method.standard(table.x)
    nearest = squared_distances(rows, method.centers).argmin(1)
    assert torch.equal(method.labels(table), nearest)
    # One width for all clouds: the mean squared distance of a row from its center.
    width = float(squared_distances(rows, method.centers.detach()).amin(1).mean())
    by_hand = torch.softmax(-squared_distances(rows, method.centers) / (2 * width), 1)
    torch.testing.assert_close(method.soft_labels(table), by_hand, atol=1e-4, rtol=1e-3)


def test_last_pass_takes_the_mean_of_the_weights(table):
    method = build(table, 3, batch=32, epochs=2)
    plan = method.plan(table)
    next(plan)
    stage = next(plan)
    walked = []
    for value in range(5):
        method.centers.data.fill_(float(value))
        method.votes.weight.data.fill_(float(value) ** 2)
        stage.after_step(table.batch(torch.arange(3)))
        walked.append(value)
    assert next(plan, None) is None
    torch.testing.assert_close(method.centers.data, torch.full((3, 6), 2.0))
    torch.testing.assert_close(method.votes.weight.data, torch.full((3, 6), 6.0))


def test_both_stages_are_one_training_with_damped_corrections(table):
    method, seen = fitted(table, 3, epochs=2)
    assert {one.stage for one in seen if one.terms} == {"votes"}
    assert len([one for one in seen if one.terms]) == 3
    assert method.passes(1).steps[0].eps == pytest.approx(DAMPING / method.batch)


@pytest.mark.parametrize("start", ["k-means", "k-means++", "random"])
def test_finds_blobs_and_says_where_they_are(start):
    x, y = make_blobs(200, 8, centers=5, cluster_std=0.7, random_state=2)
    data = Data(torch.from_numpy(x.astype(np.float32)))
    method, _ = fitted(data, 5, start=start, epochs=60, lr=0.02)
    labels = method.labels(data).numpy()
    assert ari(y, labels) > 0.95
    soft = method.soft_labels(data)
    torch.testing.assert_close(soft.sum(1), torch.ones(200))
    assert torch.equal(soft.argmax(1), method.labels(data))
    truth = torch.stack([data.x[torch.from_numpy(labels == g)].mean(0) for g in range(5)])
    assert (method.group_centers() - truth).norm(dim=1).max() < 1.5
    new, others = make_blobs(100, 8, centers=5, cluster_std=0.7, random_state=2)
    assert ari(others, method.labels(Data(torch.from_numpy(new.astype(np.float32))))) > 0.95


def test_balance_makes_sizes_alike():
    torch.manual_seed(0)
    x = torch.cat([torch.randn(180, 2), torch.randn(20, 2) + 2.5])
    sizes = {}
    for balance in (0.0, 5.0):
        method, _ = fitted(Data(x), 2, balance=balance, epochs=30, lr=0.02)
        sizes[balance] = float(method.soft_labels(Data(x)).mean(0).min())
    assert sizes[5.0] > 0.4
    assert sizes[0.0] < sizes[5.0]


def test_pictures_have_centers_in_their_own_units(digits):
    data = Data(torch.from_numpy(digits[0][:200]).view(-1, 1, 8, 8), "image")
    method, _ = fitted(data, 4, **SHORT)
    assert method.prototypes().shape == (4, 1, 8, 8)
    torch.testing.assert_close(method.prototypes().flatten(1), method.group_centers())


@pytest.mark.parametrize(
    ("x", "k"),
    [
        (torch.randn(3, 1), 3),
        (torch.randn(30, 1), 5),
        (torch.randn(12, 4), 1),
        (torch.randn(4, 2).repeat(5, 1), 4),
        (torch.cat([torch.ones(20, 2), torch.randn(20, 1)], 1), 3),
        (torch.randn(20, 3) * 1e6, 2),
    ],
)
def test_small_and_strange_tables(x, k):
    data = Data(x)
    method, seen = fitted(data, k, **SHORT)
    assert method.labels(data).max() < k
    assert torch.isfinite(method.soft_labels(data)).all()
    assert all(np.isfinite(value) for one in seen for value in one.terms.values())


def test_too_few_different_rows_are_a_sentence():
    with pytest.raises(InputError, match="only 2 differ"):
        fitted(Data(torch.tensor([[0.0], [1.0], [1.0]])), 3, **SHORT)

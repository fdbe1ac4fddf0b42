"""ENRC: several groupings of the same data, each on its own axes of the code."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine.training.trainer
from engine.clusters.nrkmeans import parse_sizes
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods.enrc import ENRC, Knobs
from engine.training.trainer import fit
from tests.engine.small import Memory
from tests.engine.trained import followed

SMALL = {
    "layers": "64-32",
    "latent": 6,
    "pretrain_epochs": 15,
    "epochs": 4,
    "restarts": 10,
    "tolerance": 0.0,
    "batch": 64,
}


def finish(data, k, knobs, tensor_store=None, stop=None):
    return followed(fit(lambda d: ENRC(d, k, knobs), data, seed=0, tensor_store=tensor_store), stop)


@pytest.fixture(scope="module")
def crossed() -> tuple[Data, np.ndarray]:
    """Rows with two independent groupings, of 3 and of 2 groups, mixed over 12 columns."""
    random = np.random.default_rng(0)
    truth = np.stack([random.integers(3, size=400), random.integers(2, size=400)], 1)
    middles = np.array([[0, 0], [6, 0], [0, 6]]), np.array([[0, 0], [4, 4]])
    parts = [config[own] + random.normal(size=(400, 2)) / 2 for config, own in zip(middles, truth.T, strict=True)]
    x = np.hstack(parts) @ np.linalg.qr(random.normal(size=(12, 4)))[0].T + 0.1 * random.normal(size=(400, 12))
    return Data(torch.from_numpy(x.astype(np.float32))), truth


@pytest.fixture(scope="module")
def trained(crossed) -> ENRC:
    return finish(crossed[0], 3, Knobs(**SMALL | {"groupings": "3-2"}))[0]


def best(truth: np.ndarray, groupings: dict) -> list[float]:
    return [max(nmi(own, found) for found in groupings.values()) for own in truth.T]


def test_finds_both_groupings(trained, crossed):
    data, truth = crossed
    outcome = evaluate(trained, data)
    assert list(outcome.alternatives) == ["grouping 1", "grouping 2"]
    assert min(best(truth, outcome.alternatives)) > 0.8
    np.testing.assert_array_equal(outcome.labels, outcome.alternatives["grouping 1"])
    assert outcome.prototypes.shape == (3, 12)
    assert outcome.centers.shape == (3, 6)


def test_axes_are_shared_out_and_the_rotation_stays_near_one(trained):
    beta = trained.subspaces.weights()
    torch.testing.assert_close(beta.sum(0), torch.ones(6))
    assert sum(trained.report().values()) == 6
    turned = (trained.subspaces.rotation @ trained.subspaces.rotation.T).detach()
    assert (turned - torch.eye(6)).abs().max() < 0.2
    assert not torch.equal(turned, torch.eye(6))  # it was trained freely


def test_hard_axes_belong_to_one_grouping_each(trained):
    assert trained.subspaces.hard_weights().sum(0).eq(1).all()


def test_start_gives_nine_tenths_of_an_axis_to_its_grouping(crossed):
    data, _ = crossed
    method = ENRC(data, 3, Knobs(**SMALL))
    method.start(data)
    torch.testing.assert_close(method.subspaces.weights().amax(0), torch.full((6,), 0.9))
    torch.testing.assert_close(method.subspaces.rotation.T @ method.subspaces.rotation, torch.eye(6), atol=1e-5, rtol=0)


def test_centers_follow_the_mean_and_forget_by_half(crossed):
    data, _ = crossed
    method = ENRC(data, 2, Knobs(**SMALL | {"groupings": "1"}))
    batch = data.batch(torch.arange(4))
    z = method.encode(batch.x).detach()
    method.subspaces.means = torch.stack([z.mean(0), torch.full((6,), 1e3)])
    method.subspaces.counts = torch.tensor([4.0, 2.0])
    with torch.no_grad():
        method.update_centers(batch)
    torch.testing.assert_close(method.subspaces.means[0], z.mean(0))
    assert method.subspaces.means[1].eq(1e3).all()  # no members: it stays where it was
    assert method.subspaces.counts.tolist() == [4.0, 1.0]


def test_lost_group_is_placed_anew(trained, crossed):
    data, _ = crossed
    before, counts = trained.subspaces.means.clone(), trained.subspaces.counts.clone()
    try:
        trained.subspaces.means[0] = 1e3
        labels = trained.groupings(data)
        assert not (labels[:, 0] == 0).any()
        torch.manual_seed(0)
        trained.reinitialize_empty(data, labels)
        assert trained.subspaces.means[0].abs().max() < 100
        assert torch.equal(trained.subspaces.means[1:], before[1:])
        assert (trained.groupings(data)[:, 0] == 0).any()
    finally:
        trained.subspaces.means.copy_(before)
        trained.subspaces.counts.copy_(counts)


@pytest.mark.parametrize("stop", [3, 16, 18])
def test_resumed_training_gives_the_same_groupings(crossed, monkeypatch, stop):
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(engine.training.trainer, "CHECKPOINT_SHARE", math.inf)
    data, knobs = crossed[0], Knobs(**SMALL | {"groupings": "3-2"})
    whole, _ = finish(data, 3, knobs, Memory())
    tensor_store = Memory()
    finish(data, 3, knobs, tensor_store, stop)
    resumed, _ = finish(data, 3, knobs, tensor_store)
    assert torch.equal(whole.groupings(data), resumed.groupings(data))


def test_groupings_are_a_number_or_a_list():
    assert parse_sizes("2", 4) == (4, 4)
    assert parse_sizes("3-4", None) == (3, 4)
    assert parse_sizes("3, 4, 1", 9) == (3, 4, 1)
    for wrong in ("two", "", "0", "99", "3-", "1-3", "3-0"):
        with pytest.raises(InputError):
            parse_sizes(wrong, 3)
    with pytest.raises(InputError, match="number of groups"):
        parse_sizes("2", None)


def test_stick_figures_are_grouped_by_either_arm(shared):
    file = np.load(shared("nr_stickfigures.npz"))
    x = torch.from_numpy(file["x"]).float().flatten(1) / 255
    method, _ = finish(Data(x), 3, Knobs(layers="128-64", latent=10, pretrain_epochs=25, epochs=3, restarts=5))
    assert min(best(file["y"], evaluate(method, Data(x)).alternatives)) > 0.8

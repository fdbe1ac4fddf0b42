"""NR-Kmeans: several groupings of the same rows, each on axes of its own."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods.nrkmeans import NRKMeans
from engine.training.trainer import fit
from tests.engine.trained import followed


def trained(data, k, seed=0, **knobs) -> NRKMeans:
    chosen = check_knobs(NRKMeans.card, knobs)
    return followed(fit(lambda d: NRKMeans(d, k, chosen), data, seed=seed, monitor=False))[0]


def crossed(seed: int = 0, noise: float = 1.0, groups=(3, 3), n: int = 500) -> tuple[Data, np.ndarray]:
    """Independent groupings on two axes each, beside four axes of noise, rotated."""
    random = np.random.default_rng(seed)
    truth = np.stack([random.integers(k, size=n) for k in groups], 1)
    config = np.array([[0, 0], [10, 0], [0, 10]])
    parts = [config[own] + random.normal(size=(n, 2)) for own in truth.T]
    x = np.hstack([*parts, noise * random.normal(size=(n, 4))])
    x = x @ np.linalg.qr(random.normal(size=(x.shape[1],) * 2))[0] + 20
    return Data(torch.from_numpy(x.astype(np.float32))), truth


def best(truth: np.ndarray, groupings: dict) -> list[float]:
    return [max(nmi(own, found) for found in groupings.values()) for own in truth.T]


@pytest.fixture(scope="module")
def found() -> tuple[NRKMeans, Data, np.ndarray]:
    data, truth = crossed(groups=(3, 2))
    return trained(data, 9, groupings="3-2"), data, truth


@pytest.mark.parametrize("seed", range(5))
def test_both_groupings_are_found_beside_noise(seed):
    data, truth = crossed(seed, groups=(3, 3))
    method = trained(data, 3, seed)
    assert min(best(truth, method.alternatives(data))) > 0.999
    assert method.report() == {"axes of grouping 1": 2.0, "axes of grouping 2": 2.0, "axes without groups": 4.0}


@pytest.mark.parametrize("seed", range(3))
def test_noise_that_varies_far_is_evened_out(seed):
    data, truth = crossed(seed, noise=20.0)
    assert min(best(truth, trained(data, 3, seed).alternatives(data))) > 0.999
    assert min(best(truth, trained(data, 3, seed, whiten=False).alternatives(data))) < 0.5


def test_first_grouping_is_the_labels_and_has_the_groups_it_was_given(found):
    method, data, truth = found
    outcome = evaluate(method, data)
    assert list(outcome.alternatives) == ["grouping 1", "grouping 2"]
    np.testing.assert_array_equal(outcome.labels, outcome.alternatives["grouping 1"])
    assert nmi(truth[:, 0], outcome.labels) > 0.999
    assert nmi(truth[:, 1], outcome.alternatives["grouping 2"]) > 0.999
    assert outcome.labels.max() == 2  # not 8: each grouping says its own number


def test_map_shows_the_first_grouping_alone(found):
    method, data, truth = found
    z = evaluate(method, data).embedding
    assert z.shape == (len(data), 2)  # of the grouping's axes those that tell its groups apart
    for own, share in ((truth[:, 0], 0.95), (truth[:, 1], 0.0)):
        means = [(np.mean(own == group), z[own == group].mean(0) - z.mean(0)) for group in np.unique(own)]
        between = sum(size * (away**2).sum() for size, away in means)
        assert between / z.var(0).sum() == pytest.approx(share, abs=0.05)


def test_prototypes_differ_by_the_first_grouping_alone(found):
    method, data, _ = found
    outcome = evaluate(method, data)
    means = np.stack([data.x.numpy()[outcome.labels == group].mean(0) for group in range(3)])
    # The members' means differ in the other grouping too, by chance: rows are 10 apart there, and about 170 in each group.
    assert np.abs(outcome.prototypes - means).max() < 2
    away = torch.from_numpy(outcome.prototypes) - method.mean
    assert torch.linalg.matrix_rank(away, atol=1e-2) == 2


def test_new_rows_are_placed_in_every_grouping(found):
    method, data, _ = found
    whole, part = method.alternatives(data), method.alternatives(data.take(torch.arange(40)))
    for name, labels in part.items():
        assert torch.equal(labels, whole[name][:40])


def test_noise_space_is_asked_for_written_or_left_out():
    data, _ = crossed(n=60)
    assert trained(data, 3, restarts=1).numbers == (3, 3, 1)
    assert trained(data, 3, restarts=1, groupings="3-2-1").numbers == (3, 2, 1)
    assert trained(data, 3, restarts=1, noise=False).numbers == (3, 3)
    plane = data.take(torch.arange(60))
    plane.x = plane.x[:, :2]
    assert trained(plane, 3, restarts=1).report() == {"axes of grouping 1": 1.0, "axes of grouping 2": 1.0}


def test_one_grouping_of_one_column_is_k_means():
    line = Data(torch.tensor([[0.0], [0.1], [5.0], [5.1], [9.0]]))
    method = trained(line, 3, groupings="1")
    assert nmi([0, 0, 1, 1, 2], method.labels(line)) == 1
    assert list(method.alternatives(line)) == ["grouping 1"]


def test_what_cannot_be():
    data, _ = crossed(n=30)
    with pytest.raises(InputError, match="31 groups cannot be made of 30 rows"):
        trained(data, 3, groupings="3-31")
    with pytest.raises(InputError, match="number of groups"):
        trained(data, None)
    with pytest.raises(InputError, match="Groupings cannot be"):
        trained(data, 3, groupings="many")
    with pytest.raises(InputError, match="2 groupings need an axis each"):
        trained(Data(data.x[:, :1]), 3)

"""SubKmeans: few axes that hold all groups, among many that hold none."""

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score as nmi

import engine.methods.nrkmeans
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from engine.methods.subkmeans import SubKmeans
from engine.training.trainer import fit
from tests.engine.trained import followed


def trained(data, k, seed=0, **knobs) -> SubKmeans:
    chosen = check_knobs(SubKmeans.card, knobs)
    return followed(fit(lambda d: SubKmeans(d, k, chosen), data, seed=seed, monitor=False))[0]


def hidden(noise: float, seed: int = 0, n: int = 1000) -> tuple[Data, np.ndarray]:
    """Three blobs in two axes beside 18 of noise, rotated, far from zero."""
    random = np.random.default_rng(seed)
    truth = random.integers(3, size=n)
    blobs = np.array([[0, 0], [10, 0], [0, 10]])[truth] + random.normal(size=(n, 2))
    turn = np.linalg.qr(random.normal(size=(20, 20)))[0]
    x = np.hstack([blobs, noise * random.normal(size=(n, 18))]) @ turn + 50
    return Data(torch.from_numpy(x.astype(np.float32))), truth


@pytest.fixture(scope="module")
def found() -> tuple[SubKmeans, Data, np.ndarray]:
    data, truth = hidden(6)
    return trained(data, 3, whiten=True), data, truth


@pytest.mark.parametrize(("noise", "whiten"), [(3, False), (3, True), (6, True), (10, True)])
@pytest.mark.parametrize("seed", [0, 1])
def test_groups_and_their_axes_are_found(noise, whiten, seed):
    data, truth = hidden(noise, seed)
    method = trained(data, 3, seed, whiten=whiten)
    assert nmi(truth, method.labels(data)) > 0.999
    assert method.report() == {"axes": 2.0}
    assert method.embed(data).shape == (len(data), 2)


def test_far_noise_hides_the_groups_unless_directions_are_evened_out():
    data, truth = hidden(10)
    assert nmi(truth, trained(data, 3, whiten=False).labels(data)) < 0.2


def test_new_rows_are_placed_by_the_same_axes(found):
    method, data, truth = found
    random = np.random.default_rng(5)
    rows = random.permutation(len(data))[:60]
    near = data.x[rows] + 0.1 * torch.from_numpy(random.normal(size=(60, 20)).astype(np.float32))
    assert nmi(truth[rows], method.labels(Data(near))) > 0.999
    torch.testing.assert_close(method.encode(near[:7]), method.encode(near)[:7])


def test_prototypes_are_the_means_of_the_members(found):
    method, data, _ = found
    outcome = evaluate(method, data)
    means = np.stack([data.x.numpy()[outcome.labels == group].mean(0) for group in range(3)])
    np.testing.assert_allclose(outcome.prototypes, means, atol=1e-2)  # all that differs is in the axes that are kept
    seen = np.stack([outcome.embedding[outcome.labels == group].mean(0) for group in range(3)])
    np.testing.assert_allclose(outcome.centers, seen, atol=1e-3)
    assert outcome.alternatives == {}


def test_axes_of_the_map_are_as_long_as_groups_differ_in_them(digits):
    data = Data(torch.from_numpy(digits[0]))
    method = trained(data, 10, restarts=3, whiten=True)
    z, labels = method.embed(data), method.labels(data)
    assert z.shape == (1797, 9)
    means = torch.stack([method.rotate(data.x, 9)[labels == group].mean(0) for group in range(10)])
    explained = labels.bincount(minlength=10).float() @ means.square() / len(data)
    torch.testing.assert_close(z.std(0), explained.sqrt(), atol=5e-3, rtol=0)
    assert (explained[:-1] > explained[1:]).all()


def test_digits(digits):
    x, y = digits
    data = Data(torch.from_numpy(x).view(-1, 1, 8, 8), "image")
    method = trained(data, 10)
    assert nmi(y, method.labels(data)) > 0.65
    assert method.prototypes().shape == (10, 1, 8, 8)


def test_axes_are_sought_on_some_of_many_rows(monkeypatch):
    data, truth = hidden(3)
    monkeypatch.setattr(engine.methods.nrkmeans, "ROWS", 500)
    method = trained(data, 3)
    assert len(method.some(data)) == 500
    assert nmi(truth, method.labels(data)) > 0.999


def test_same_seed_same_axes(found):
    method, data, _ = found
    assert torch.equal(trained(data, 3, whiten=True).projection, method.projection)


@pytest.mark.parametrize("whiten", [True, False])
def test_tiny_data(whiten):
    line = Data(torch.tensor([[0.0], [0.1], [5.0], [5.1]]))
    assert nmi([0, 0, 1, 1], trained(line, 2, whiten=whiten).labels(line)) == 1  # one column: no room for noise
    three = Data(torch.tensor([[0.0, 1.0, 2.0], [3.0, 1.0, 0.0], [9.0, 1.0, 5.0]]))
    assert len(trained(three, 3, whiten=whiten).labels(three).unique()) == 3
    assert trained(three, 1, whiten=whiten).labels(three).tolist() == [0, 0, 0]
    twice = Data(three.x.repeat(5, 1))
    labels = trained(twice, 3, whiten=whiten).labels(twice)
    assert labels.view(5, 3).eq(labels[:3]).all()
    assert len(labels.unique()) == 3


def test_what_cannot_be():
    data, _ = hidden(3, n=30)
    with pytest.raises(InputError, match="number of groups"):
        trained(data, None)
    with pytest.raises(InputError, match="31 groups cannot be made of 30 rows"):
        trained(data, 31)
    with pytest.raises(InputError, match="All 9 rows are equal"):
        trained(data.take(torch.zeros(9, dtype=torch.int64)), 2)


def test_news_are_found_without_evening_out(shared):
    file = np.load(shared("bbc_news_tfidf2000.npz"))
    data = Data(torch.from_numpy(np.asarray(file["x"], dtype=np.float32)))
    assert nmi(file["y"], trained(data, 5, restarts=5).labels(data)) > 0.8

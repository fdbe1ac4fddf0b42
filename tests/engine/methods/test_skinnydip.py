"""SkinnyDip: squares in a sea of noise, boxes for new rows, other axes, whole numbers."""

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_mutual_info_score as ami

from engine.core.data import Data
from engine.core.errors import InputError
from engine.inference.outcome import evaluate
from tests.engine.trained import trained


def sea(seed: int, more: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four squares of 250 samples each in 4,000 of noise, apart along both columns; `more` columns of noise alone."""
    draw, centers = np.random.default_rng(seed), np.zeros((4, 2))
    while any((np.abs(centers[i] - centers[j]) <= 0.1).any() for i in range(4) for j in range(i)):
        centers = draw.uniform(0.05, 0.89, (4, 2))
    squares = centers[np.repeat(np.arange(4), 250)] + draw.uniform(0, 0.06, (1000, 2))
    x = np.concatenate([squares, draw.uniform(0, 1, (4000, 2))])
    x = np.concatenate([x, draw.uniform(0, 1, (5000, more))], 1)
    return x.astype(np.float32), np.repeat([0, 1, 2, 3, -1], [250, 250, 250, 250, 4000])


@pytest.fixture(scope="module")
def data() -> Data:
    return Data(torch.from_numpy(sea(0)[0]))


@pytest.fixture(scope="module")
def found(data):
    return trained("skinnydip", data, None)[0]


def test_squares_in_noise():
    scores = []
    for seed in range(10):
        x, truth = sea(seed)
        data = Data(torch.from_numpy(x))
        method, seen = trained("skinnydip", data, None)
        labels = method.labels(data).numpy()
        assert 4 <= labels.max() + 1 <= 5
        assert len(seen) == seen[-1].epochs == 2
        scores.append((ami(truth[:1000], labels[:1000]), ami(truth, labels)))
    squares, everything = np.mean(scores, 0)
    assert squares >= 0.98
    assert everything > 0.8


def test_columns_of_noise_alone_do_not_cut():
    scores = []
    for seed in range(5):
        x, truth = sea(seed, more=1)
        data = Data(torch.from_numpy(x))
        labels = trained("skinnydip", data, None)[0].labels(data).numpy()
        scores.append(ami(truth[:1000], labels[:1000]))
    assert np.mean(scores) > 0.95


def test_new_rows_belong_to_the_box_they_lie_in(found, data):
    middle = (found.low + found.high) / 2
    new = torch.cat([middle, found.low, found.high, middle + 0.5 * (found.high - found.low) + 1e-3]).float()
    assert found.labels(Data(new)).tolist() == [0, 1, 2, 3] * 3 + [-1] * 4
    part = torch.arange(0, 5000, 7)
    assert torch.equal(found.labels(data.take(part)), found.labels(data)[part])


def test_outcome(found, data):
    outcome = evaluate(found, data)
    assert outcome.report == {"groups": 4.0, "axes cut along": 2.0}
    for group in range(4):
        np.testing.assert_allclose(outcome.centers[group], data.x[outcome.labels == group].mean(0), atol=1e-5)
    assert outcome.prototypes.shape == (4, 2)


def test_given_number_keeps_the_largest_boxes(found, data):
    fewer, _ = trained("skinnydip", data, 2)
    sizes = torch.bincount(found.labels(data) + 1)[1:]
    kept = torch.bincount(fewer.labels(data) + 1)[1:]
    assert sorted(kept.tolist()) == sorted(sizes.tolist())[2:]
    more, _ = trained("skinnydip", data, 9)
    assert torch.equal(more.labels(data), found.labels(data))


@pytest.mark.parametrize("axes", ["principal", "independent"])
def test_turned_data_need_turned_axes(axes):
    draw = np.random.default_rng(0)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    truth = np.repeat([0, 1, 2], 300)
    x = np.array([[-9.0, 0], [0, 0], [9, 0]])[truth] + draw.uniform(-1, 1, (900, 2)) * [1.5, 30]
    if axes == "principal":
        x[:, 1] /= 5
    data = Data(torch.from_numpy((x @ turn + 5).astype(np.float32)))
    method, _ = trained("skinnydip", data, None, axes=axes, significance=1e-3)
    labels = method.labels(data).numpy()
    columns, _ = trained("skinnydip", data, None, significance=1e-3)
    assert ami(truth, labels) > 0.85 > 0.7 > ami(truth, columns.labels(data).numpy())
    some = torch.randperm(900, generator=torch.Generator().manual_seed(0))[:77]
    np.testing.assert_array_equal(method.labels(data.take(some)), labels[some])


def test_number_of_directions(digits):
    data = Data(torch.from_numpy(digits[0][:300]))
    method, seen = trained("skinnydip", data, None, axes="principal", components=3)
    assert len(seen) == 3
    assert method.low.shape[1] == method.axes.shape[1] == 3


def test_whole_numbers_are_not_many_bumps():
    x = np.random.default_rng(0).binomial(10, 0.5, (400, 1)).astype(np.float32)
    x = np.concatenate([x, x + 40])
    data = Data(torch.from_numpy(x))
    labels = trained("skinnydip", data, None)[0].labels(data).numpy()
    assert labels.max() == 1
    assert ami(np.repeat([0, 1], 400)[labels >= 0], labels[labels >= 0]) == 1
    assert (labels < 0).mean() < 0.2


@pytest.mark.parametrize("axes", ["columns", "principal", "independent"])
@pytest.mark.parametrize("x", [torch.arange(3.0).unsqueeze(1), torch.ones(9, 2), torch.eye(3).repeat(5, 1)])
def test_little_data_is_one_group(axes, x):
    method, _ = trained("skinnydip", Data(x), None, axes=axes)
    outcome = evaluate(method, Data(x))
    assert outcome.labels.max() >= 0
    assert np.isfinite(outcome.centers).all()


def test_one_row_is_not_enough():
    with pytest.raises(InputError, match="one sample alone"):
        trained("skinnydip", Data(torch.ones(1, 3)), None)

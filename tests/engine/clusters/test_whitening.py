"""Principal axes: unit variance, the way back, and how many are kept."""

import numpy as np
import pytest
import torch

from engine.clusters.whitening import principal_axes


def rows(n: int = 400, spreads=(8.0, 4.0, 2.0, 1.0), seed: int = 0) -> torch.Tensor:
    random = np.random.default_rng(seed)
    turn = np.linalg.qr(random.normal(size=(len(spreads),) * 2))[0]
    return torch.from_numpy((random.normal(size=(n, len(spreads))) * spreads @ turn + 100).astype(np.float32))


def placed(x, axes):
    return (x - axes.mean) @ axes.projection


def test_whitened_rows_have_unit_variance_and_no_correlation():
    x = rows()
    z = placed(x, principal_axes(x, True))
    torch.testing.assert_close(torch.cov(z.T), torch.eye(4), atol=1e-3, rtol=0)


def test_unwhitened_rows_keep_their_distances():
    x = rows()
    axes = principal_axes(x, False)
    torch.testing.assert_close(torch.pdist(placed(x, axes)), torch.pdist(x), atol=1e-2, rtol=1e-3)
    variance = placed(x, axes).var(0)
    assert (variance[:-1] > variance[1:]).all()


@pytest.mark.parametrize("whiten", [True, False])
def test_the_way_back(whiten):
    x = rows()
    axes = principal_axes(x, whiten)
    torch.testing.assert_close(placed(x, axes) @ axes.inverse + axes.mean, x, atol=1e-2, rtol=1e-4)


def test_few_axes_are_all_kept_and_many_as_far_as_variance_goes():
    assert principal_axes(rows(), True).projection.shape == (4, 4)
    wide = rows(2000, [3.0] * 30 + [0.1] * 30)
    assert principal_axes(wide, True).projection.shape[1] in (27, 28)  # 90% of 30 equal ones; 60 in all
    assert principal_axes(wide, False).projection.shape[1] == 60
    short = rows(2000, [3.0] * 3 + [0.1] * 30)
    assert principal_axes(short, True).projection.shape[1] == 20


def test_a_whitened_axis_needs_ten_rows_unless_it_is_asked_for():
    x = torch.randn(40, 30)
    assert principal_axes(x, True).projection.shape[1] == 4
    assert principal_axes(x, True, least=6).projection.shape[1] == 6
    assert principal_axes(x, False).projection.shape[1] == 30


def test_never_more_than_two_hundred_axes():
    torch.manual_seed(0)
    assert principal_axes(torch.randn(2500, 260), True).projection.shape[1] == 200


@pytest.mark.parametrize("whiten", [True, False])
def test_columns_that_say_nothing_new_give_no_axes(whiten):
    x = rows()
    x = torch.cat([x, x[:, :1], torch.full((len(x), 1), 7.0)], 1)
    assert principal_axes(x, whiten).projection.shape == (6, 4)


@pytest.mark.parametrize("whiten", [True, False])
def test_equal_rows_lie_in_the_middle_of_one_axis(whiten):
    x = torch.ones(5, 3)
    axes = principal_axes(x, whiten)
    assert placed(x, axes).eq(0).all()
    assert axes.inverse.isfinite().all()

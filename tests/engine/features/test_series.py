"""What encoders of series share: blanks, lengths and scales."""

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.features.series import Scale, bridged, checked, standardized

NAN = np.nan


def test_blanks_are_bridged_and_ends_are_found():
    values = np.array([[[NAN, 1, NAN, 3, NAN]], [[5, 6, 7, 8, 9]], [[NAN] * 5]])
    x, lengths = bridged(values)
    assert lengths.tolist() == [4, 5, 1]
    np.testing.assert_allclose(x[:, 0], [[1, 1, 2, 3, 0], [5, 6, 7, 8, 9], [0, 0, 0, 0, 0]])


def test_a_series_ends_where_its_last_channel_does():
    x, lengths = bridged(np.array([[[1, 2, 3, NAN], [4, NAN, NAN, NAN], [NAN, NAN, NAN, NAN]]]))
    assert lengths.tolist() == [3]
    np.testing.assert_allclose(x[0], [[1, 2, 3, 0], [4, 4, 4, 0], [0, 0, 0, 0]])


def test_infinite_values_are_blanks():
    np.testing.assert_allclose(bridged(np.array([[[1, np.inf, 3]]]))[0], [[[1, 2, 3]]])


def test_moments_are_joined_to_the_mean_of_what_is_known():
    x, lengths = bridged(np.array([[[1.0, 3, 5, 7, 9]], [[2, NAN, 4, NAN, NAN]]]), block=2)
    assert lengths.tolist() == [3, 2]
    np.testing.assert_allclose(x[:, 0], [[2, 6, 9], [2, 4, 0]])


def test_what_lies_behind_the_end_does_not_count():
    x, lengths = bridged(np.array([[[1, 3, NAN, NAN]], [[5, 7, 9, 11]]]))
    np.testing.assert_allclose(standardized(x, lengths)[0, 0], [-1, 1, 0, 0])
    scale = Scale.fit(x, lengths)
    assert scale.center[0] == pytest.approx(6)
    assert scale.spread[0] == pytest.approx(np.std([1, 3, 5, 7, 9, 11]))
    assert scale.apply(x, lengths)[0, 0, 2:].tolist() == [0, 0]


def test_what_never_changes_is_zero_however_large():
    x, lengths = bridged(np.full((2, 1, 7), 1e9 + 0.1))
    assert not standardized(x, lengths).any()
    assert not Scale.fit(x, lengths).apply(x, lengths).any()


def test_a_series_in_another_unit_does_not_flatten_the_others():
    x = np.random.default_rng(0).normal(3, 1, (12, 1, 50))
    plain, odd = x.copy(), x.copy()
    odd[7] *= 1e6
    scale = Scale.fit(*bridged(odd))
    without = Scale.fit(*bridged(np.delete(plain, 7, axis=0)))
    assert (scale.center, scale.spread) == (pytest.approx(without.center), pytest.approx(without.spread))


def test_a_channel_that_few_series_use_has_the_scale_of_these():
    x = np.zeros((10, 1, 8))
    x[:3] = np.random.default_rng(0).normal(size=(3, 1, 8))
    assert np.abs(Scale.fit(*bridged(x)).apply(*bridged(x))).max() > 0.5


def test_what_are_no_series_is_refused():
    with pytest.raises(InputError, match="at least two moments"):
        checked(np.zeros((3, 4)))
    with pytest.raises(InputError, match="2 channels where 1 are expected"):
        checked(np.zeros((3, 2, 5)), 1)

"""Principal components against scikit-learn's, independent ones against sources that were mixed."""

import numpy as np
import torch
from sklearn.decomposition import PCA

from engine.clusters.components import independent_components, principal_components


def test_principal_are_those_of_scikit_learn(digits):
    x = torch.from_numpy(digits[0])
    middle, axes, variances = principal_components(x, 5)
    known = PCA(5, svd_solver="full").fit(digits[0].astype(float))
    np.testing.assert_allclose(middle, known.mean_, atol=1e-6)
    np.testing.assert_allclose(variances, known.explained_variance_, rtol=1e-6)
    np.testing.assert_allclose(np.abs((axes.T.numpy() * known.components_).sum(1)), 1, atol=1e-6)
    assert (axes.gather(0, axes.abs().argmax(0, keepdim=True)) > 0).all()


def test_directions_without_spread_are_left_out():
    x = torch.cat([torch.arange(6.0).unsqueeze(1)] * 2 + [torch.ones(6, 1)], 1)
    _, axes, variances = principal_components(x, 3)
    np.testing.assert_allclose(axes, [[0.5**0.5], [0.5**0.5], [0]], atol=1e-6)
    np.testing.assert_allclose(variances, [7])
    assert principal_components(torch.ones(4, 2), 3)[1].shape == (2, 1)
    assert torch.isfinite(independent_components(torch.ones(4, 2), 3)[1]).all()


def test_independent_components_unmix():
    torch.manual_seed(0)
    sources = torch.rand(2000, 3, dtype=torch.float64)
    mixed = sources @ torch.tensor([[2.0, 1, 0.5], [1, -1, 3], [0, 2, 1]], dtype=torch.float64)
    middle, axes = independent_components(mixed.float(), 3)
    found = (mixed - middle) @ axes
    np.testing.assert_allclose(found.var(0), 1, rtol=1e-3)
    alike = np.abs(np.corrcoef(found.T, sources.T)[:3, 3:])
    assert (alike.max(1) > 0.98).all()
    assert sorted(alike.argmax(1)) == [0, 1, 2]

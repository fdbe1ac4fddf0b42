"""The network of neighbors, its vibrations, and where new rows stand."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.datasets import make_circles

from engine.clusters import spectrum as module
from engine.clusters.spectrum import eigengaps, neighbor_graph, nystroem, spectrum
from engine.core.errors import InputError


def cloud(seed: int, n: int, d: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def slow_weights(x: np.ndarray, neighbors: int, local: bool) -> np.ndarray:
    away = np.linalg.norm(x[:, None] - x[None], axis=2)
    order = np.argsort(away + np.where(np.eye(len(x)), -1, 0), 1)
    scale = [away[i, order[i, 7]] for i in range(len(x))]
    found = np.zeros_like(away)
    for i in range(len(x)):
        for j in order[i, 1 : neighbors + 1]:
            found[i, j] = found[j, i] = np.exp(-(away[i, j] ** 2) / (scale[i] * scale[j])) if local else 1
    return found


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("neighbors", [4, 9])
def test_network_by_slow_loops(local, neighbors):
    x = cloud(0, 40)
    found = neighbor_graph(x, neighbors, local=local)
    assert found.parts == 1
    np.testing.assert_allclose(found.weights.toarray(), slow_weights(x, neighbors, local), atol=1e-12)


def test_parts_are_linked_once_by_the_weakest_weight():
    x = np.concatenate([cloud(0, 20), cloud(1, 20) + 50, cloud(2, 20) + 90])
    found = neighbor_graph(x, 3, local=True)
    separate = slow_weights(x, 3, True)
    parts = connected_components(csr_array(separate))[0]
    assert found.parts == parts >= 3
    assert connected_components(found.weights)[0] == 1
    added = np.where(separate > 0, 0, found.weights.toarray())
    np.testing.assert_allclose(found.weights.toarray() - added, separate, atol=1e-12)
    assert (added > 0).sum() == 2 * (parts - 1)
    np.testing.assert_allclose(added[added > 0], separate[separate > 0].min())
    assert (added[:20, 40:] == 0).all()  # the first is linked to the second, not to the third


def test_rings_around_one_middle_can_be_linked():
    x, y = make_circles(300, factor=0.3, random_state=0)
    found = neighbor_graph(x, 5, local=False)
    assert found.parts == 2
    assert connected_components(found.weights)[0] == 1
    assert found.weights[:, y == 1][y == 0].sum() == 1


def test_too_many_parts(monkeypatch):
    monkeypatch.setattr(module, "PARTS", 2)
    with pytest.raises(InputError, match="falls into 4 parts; at most 2"):
        neighbor_graph(np.repeat(np.eye(4), 5, 0), 3, local=False)


@pytest.mark.parametrize("rows", [100, 700])
def test_vibrations_are_those_of_the_laplacian(rows):
    weights = neighbor_graph(cloud(0, rows), 8, local=True).weights
    found, dense = spectrum(weights, 6), weights.toarray()
    half = np.diag(dense.sum(1) ** -0.5)
    laplacian = np.eye(rows) - half @ dense @ half
    np.testing.assert_allclose(1 - found.values, np.linalg.eigvalsh(laplacian)[:6], atol=1e-9)
    np.testing.assert_allclose(laplacian @ found.vectors, found.vectors * (1 - found.values), atol=1e-7)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(6), atol=1e-9)
    assert found.values[0] == pytest.approx(1)
    assert (found.vectors.max(0) == np.abs(found.vectors).max(0)).all()
    np.testing.assert_array_equal(spectrum(weights, 6).vectors, found.vectors)


def test_gaps_by_hand():
    np.testing.assert_allclose(eigengaps(np.array([1.0, 0.9, 0.85, 0.2])), [0.1, 0.05, 0.65])


@pytest.mark.parametrize("far", [0, 1e5])
@pytest.mark.parametrize("columns", [3, 20])
@pytest.mark.parametrize("local", [True, False])
def test_new_rows_by_the_formula(local, columns, far):
    x, new = cloud(0, 60, columns) + far, cloud(1, 5, columns) + far
    graph = neighbor_graph(x, 6, local=local)
    found = spectrum(graph.weights, 3)
    tensors = [torch.from_numpy(part) for part in (graph.scales, found.degrees, found.values, found.vectors)]
    config = nystroem(torch.from_numpy(new), torch.from_numpy(x), 6, *tensors).numpy()
    for row, place in zip(new, config, strict=True):
        away = np.linalg.norm(x - row, axis=1)
        near = np.argsort(away)[:6]
        own = np.sort(away)[6]
        w = np.exp(-(away[near] ** 2) / (own * graph.scales[near])) if local else np.ones(6)
        y = (w[:, None] * found.vectors[near] / np.sqrt(w.sum() * found.degrees[near])[:, None]).sum(0) / found.values
        np.testing.assert_allclose(place, y / np.linalg.norm(y), rtol=1e-4, atol=1e-6)
    own = nystroem(torch.from_numpy(x), torch.from_numpy(x), 6, *tensors).numpy()
    np.testing.assert_allclose(own, found.vectors / np.linalg.norm(found.vectors, axis=1, keepdims=True), atol=1e-12)


def test_far_and_equal_rows_have_a_place():
    x = np.concatenate([np.zeros((30, 2)), cloud(0, 30, 2)])
    graph = neighbor_graph(x, 5, local=True)
    found = spectrum(graph.weights, 4)
    assert np.isfinite(found.vectors).all()
    tensors = [torch.from_numpy(part) for part in (graph.scales, found.degrees, found.values, found.vectors)]
    places = nystroem(torch.tensor([[1e6, 1e6], [1e-9, 0.0]]), torch.from_numpy(x), 5, *tensors)
    torch.testing.assert_close(places.norm(dim=1), torch.ones(2, dtype=torch.float64))

"""Maps of the embedding."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

from engine.results.embed import projection

ROOT = Path(__file__).parents[4]


def test_pca_is_scikit_learns(digits):
    x, _ = digits
    found = projection.maps(x)
    assert np.abs(found["pca3"]) == pytest.approx(np.abs(PCA(3).fit_transform(x)), abs=1e-3)
    assert found["pca2"] == pytest.approx(found["pca3"][:, :2], abs=1e-4)
    assert found["pca2"].dtype == np.float32


def test_many_columns_are_projected_by_a_seeded_sketch():
    draw = np.random.default_rng(0)
    x = (draw.normal(size=(80, 3)) @ draw.normal(size=(3, 1200)) * 3 + draw.normal(size=(80, 1200))).astype(np.float32)
    assert np.array_equal(projection.limit_dimensions(x, seed=1), projection.limit_dimensions(x, seed=1))
    assert projection.limit_dimensions(x).shape == (80, 50)
    assert np.abs(projection.pca(x, 2)) == pytest.approx(np.abs(PCA(2).fit_transform(x)), rel=0.05, abs=0.5)


def test_two_dimensions_are_not_turned():
    x = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    assert projection.maps(x)["pca2"] == pytest.approx(x - x.mean(0), abs=1e-6)


@pytest.mark.parametrize("shape", [(5, 1), (2, 7), (1, 4), (4, 2)])
def test_little_data_is_filled_up_with_zeros(shape):
    found = projection.maps(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    assert found["pca2"].shape == (shape[0], 2)
    assert found["pca3"].shape == (shape[0], 3)
    assert np.isfinite(found["pca3"]).all()


def test_the_sample_keeps_every_group_and_its_share():
    labels = np.repeat([0, 1, 2, -1], [6000, 3000, 5, 995])
    rows = projection.stratified(labels, 1000)
    count = {label: int((labels[rows] == label).sum()) for label in (0, 1, 2, -1)}
    assert count == {0: 600, 1: 300, 2: 2, -1: 100}
    assert np.array_equal(rows, np.unique(rows))
    assert np.array_equal(projection.stratified(labels[:50], 1000), np.arange(50))


@pytest.mark.slow
def test_umap_keeps_neighbors_and_places_the_rest(digits):
    x, y = digits
    x, y = x[:300], y[:300]
    found = projection.umap2(x, y, seed=3, rows=200)
    assert found.shape == (300, 2)
    assert np.isfinite(found).all()
    sample = projection.stratified(y, 200, 3)
    rest = np.setdiff1d(np.arange(300), sample)
    assert KNeighborsClassifier(5).fit(found[sample], y[sample]).score(found[rest], y[rest]) > 0.85
    assert np.array_equal(found, projection.umap2(x, y, seed=3, rows=200))


def test_a_handful_of_members_is_shown_by_pca():
    assert projection.umap2(np.eye(4, dtype=np.float32), np.zeros(4, int)).shape == (4, 2)


def test_what_umap_compiles_is_kept_for_later_processes(tmp_path, monkeypatch):
    (tmp_path / "twice.py").write_text("import numba\n\n@numba.njit\ndef twice(x):\n    return 2 * x\n")
    code = (
        "from engine.core.numba_cache import compiled_once\n"
        "with compiled_once():\n    from twice import twice\n"
        "assert twice(4) == 8\n"
        "import numba; assert numba.njit.__module__.startswith('numba')\n"
        "print(sum(twice.stats.cache_hits.values()))"
    )
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(tmp_path / "kept"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}",
    }
    hits = [subprocess.check_output([sys.executable, "-c", code], env=environment, text=True).strip() for _ in range(2)]
    assert hits == ["0", "1"]

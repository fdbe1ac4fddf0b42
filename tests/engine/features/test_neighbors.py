"""Gower's dissimilarity against values computed by hand, and the places that it gives to rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.neighbors import KNeighborsClassifier

from engine.core.errors import InputError
from engine.features import neighbors
from engine.features.neighbors import BLANK, UNSEEN, Neighbors, Rows, dissimilarities

MIXED = pd.DataFrame(
    {
        "size": [0.0, 2.0, 4.0, np.nan, 2.0],
        "color": np.array(["red", "red", "blue", "blue", None], dtype=object),
        "shape": np.array(["round", "flat", "flat", "round", "flat"], dtype=object),
    }
)


def squared_distances(x: np.ndarray, scale: float = 1.0) -> np.ndarray:
    return ((x[:, None].astype(np.float64) - x) ** 2).sum(axis=2) * scale


def test_dissimilarity_is_the_mean_over_the_columns_that_both_fill():
    x = Rows(np.array([[0, 1], [3, np.nan]], np.float32), np.array([[0, 1], [0, BLANK]]))
    y = Rows(
        np.array([[1, 1], [np.nan, np.nan], [np.nan, np.nan]], np.float32), np.array([[0, 0], [UNSEEN, 1], [BLANK, 1]])
    )
    found = dissimilarities(x, y)
    np.testing.assert_allclose(found[0], [(1 + 0 + 0 + 1) / 4, (1 + 0) / 2, 0])
    np.testing.assert_allclose(found[1], [(2 + 0) / 2, 1, np.nan])


def test_squared_distances_of_places_are_the_dissimilarities():
    full = MIXED.dropna()
    found, x = Neighbors.fit(full)
    deviation = full["size"].std(ddof=0)
    first, second = (2 / deviation + 0 + 1) / 3, (4 / deviation + 1 + 1) / 3
    distances = squared_distances(x, float(found.arrays()["scale"][0]) ** 2)
    np.testing.assert_allclose([distances[0, 1], distances[0, 2]], [first, second], rtol=1e-5)


def test_equal_rows_have_one_place_and_blanks_do_not_count():
    twice = pd.concat([MIXED, MIXED], ignore_index=True)
    x = Neighbors.fit(twice)[1]
    np.testing.assert_allclose(x[:5], x[5:], atol=1e-5)
    assert np.isfinite(x).all()


def test_rows_beyond_the_landmarks_get_their_places_among_them(monkeypatch):
    x, y = load_wine(return_X_y=True, as_frame=True)
    everywhere = Neighbors.fit(x)[1]
    monkeypatch.setattr(neighbors, "LANDMARKS", 60)
    monkeypatch.setattr(neighbors, "BLOCK", 50)
    shares: list[float] = []
    found, among = Neighbors.fit(x, shares.append)
    assert len(found.arrays()["numbers"]) == 60
    np.testing.assert_allclose(shares, [50 / 178, 100 / 178, 150 / 178, 1])
    np.testing.assert_allclose(among.var(axis=0).mean(), 1, atol=1e-5)
    pairs = np.triu_indices(len(x), 1)
    assert np.corrcoef(squared_distances(everywhere)[pairs], squared_distances(among)[pairs])[0, 1] > 0.9
    assert KNeighborsClassifier(5).fit(among[::2], y[::2]).score(among[1::2], y[1::2]) > 0.9


def test_order_of_columns_and_further_ones_change_nothing():
    found, x = Neighbors.fit(MIXED)
    np.testing.assert_array_equal(found.transform(MIXED[["shape", "size", "color"]].assign(more=1.0)), x)


def test_missing_column_and_nothing_to_compare_are_said():
    found, _ = Neighbors.fit(MIXED)
    with pytest.raises(InputError, match="“color”"):
        found.transform(MIXED.drop(columns="color"))
    blank = pd.DataFrame({"a": [np.nan, 1.0], "b": np.array(["x", None], dtype=object)})
    for rows in (MIXED.iloc[[1, 1, 1]], blank):
        with pytest.raises(InputError, match="No two rows differ"):
            Neighbors.fit(rows)

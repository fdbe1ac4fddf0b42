"""Texture and color: counted by hand, and better than pixels where pixels are moved."""

import json

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_sample_images
from sklearn.metrics import adjusted_rand_score

from engine.core.errors import InputError
from engine.features import texture
from engine.features.texture import DIRECTIONS, PATTERNS, UNIFORM, Texture, lightness_and_colors, sized


@pytest.fixture(scope="module")
def patches():
    """uint8 [24, 48, 48, 3]: parts of a photograph of a temple, then of one of a flower."""
    photos = load_sample_images().images
    return np.stack([p[y : y + 48, x : x + 48] for p in photos for y in (10, 130, 250) for x in (50, 200, 350, 500)])


@pytest.fixture(scope="module")
def fitted(patches):
    return Texture.fit(patches)


def test_handwriting_is_told_apart_better_than_by_its_pixels(shared):
    with np.load(shared("usps.npz")) as file:
        x, y = file["x"][:800, ..., None], file["y"][:800]
    x = np.rint((x - x.min()) / (x.max() - x.min()) * 255).astype(np.uint8)
    _, features = Texture.fit(x)
    found, plain = (
        adjusted_rand_score(y, KMeans(10, n_init=5, random_state=0).fit_predict(values))
        for values in (features, x.reshape(len(x), -1) / 255)
    )
    assert found > plain + 0.05


def test_features_are_centered_and_of_unit_variance(fitted):
    encoder, features = fitted
    assert features.dtype == np.float32
    assert features.shape == (24, len(encoder.names))
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(features.var(axis=0).mean(), 1, rtol=1e-3)


def test_new_pictures_get_the_same_features(patches, fitted):
    encoder, features = fitted
    kept = {name: np.array(values) for name, values in encoder.arrays().items()}
    again = Texture.read(kept, json.loads(json.dumps(encoder.settings())))
    np.testing.assert_allclose(again.transform(patches[[20, 3]]), features[[20, 3]], atol=1e-5)
    assert again.transform(patches[:2, 5:, ::2]).shape == (2, features.shape[1])  # of another size


def test_blocks_have_the_same_weight(patches, fitted):
    blocks = texture._described(patches, lambda share: None)
    spreads = [(block * scale).var(axis=0).sum() for block, scale in zip(blocks, fitted[0].scales, strict=True)]
    np.testing.assert_allclose(spreads, 1, rtol=1e-3)


def test_patterns_are_the_58_uniform_ones_in_nine_kinds():
    counts = np.bincount(UNIFORM, minlength=PATTERNS)
    assert counts.tolist() == [1, 8, 8, 8, 8, 8, 8, 8, 1, 256 - 58]
    assert UNIFORM[0b00000111] == UNIFORM[0b11000001] == 3  # whichever way it is turned
    assert UNIFORM[0b00000101] == 9


def test_patterns_by_hand():
    """A bright pixel on black: it is brighter than all of its neighbors, each of which has one brighter neighbor."""
    light = np.zeros((1, 18, 18), np.float32)
    light[0, 4, 4] = 100
    quarters = texture._patterns(light).reshape(4, PATTERNS) ** 2
    np.testing.assert_allclose(
        quarters[0, :3], [56 / 64, 8 / 64, 0], atol=1e-6
    )  # the bright one has no brighter neighbor
    np.testing.assert_allclose(quarters[1:, 0], 1)


def test_edges_by_hand():
    """Lightness that rises to the right has one direction, in each cell as much of it."""
    light = np.tile(np.arange(18, dtype=np.float32), (1, 18, 1))
    cells = texture._edges(light).reshape(-1, DIRECTIONS) ** 2
    np.testing.assert_allclose(cells[:, 0], 1 / 16, atol=1e-6)
    np.testing.assert_allclose(cells[:, 1:], 0, atol=1e-6)
    falling = texture._edges(light[:, :, ::-1]).reshape(-1, DIRECTIONS) ** 2
    np.testing.assert_allclose(falling, cells, atol=1e-6)


def test_colors_of_cielab():
    """Values of the reference calculator of B. Lindbloom for sRGB under D65."""
    found = lightness_and_colors(np.float32([[[[0, 0, 255], [128, 128, 128]]]]))
    np.testing.assert_allclose(found[0, 0, 0], [32.30, 79.19, -107.86], atol=0.05)
    np.testing.assert_allclose(found[0, 0, 1], [53.59, 0, 0], atol=0.05)
    gray = lightness_and_colors(np.float32([[[[128]]]]))
    np.testing.assert_allclose(gray[0, 0, 0], found[0, 0, 1], atol=1e-3)


def test_sizes():
    assert sized(np.zeros((2, 300, 200, 3), np.uint8)).shape == (2, 64, 43, 3)
    assert sized(np.zeros((2, 8, 8, 5), np.uint8)).shape == (2, 16, 16, 1)
    assert sized(np.zeros((2, 1, 200, 1), np.uint8)).shape == (2, 16, 64, 1)
    kept = np.arange(2 * 20 * 30, dtype=np.uint8).reshape(2, 20, 30, 1)
    np.testing.assert_array_equal(sized(kept), kept)
    halves = np.zeros((1, 128, 128, 1), np.uint8)
    halves[:, 64:] = 200
    small = sized(halves)[0, :, :, 0]
    np.testing.assert_allclose(small[:31], 0, atol=1e-3)
    np.testing.assert_allclose(small[33:], 200, rtol=1e-5)


def test_gray_pictures_have_no_colors_to_compare(patches):
    gray = patches[..., :1]
    encoder, features = Texture.fit(np.repeat(gray, 3, axis=3))
    np.testing.assert_allclose(np.abs(features), np.abs(Texture.fit(gray)[1]), atol=1e-2)
    assert encoder.scales.all()


def test_other_bands_are_refused(patches, fitted):
    with pytest.raises(InputError, match="have 1 color channel where 3 are expected"):
        fitted[0].transform(patches[..., :1])


def test_pictures_that_are_all_the_same_are_refused():
    with pytest.raises(InputError, match="they all look the same"):
        Texture.fit(np.full((3, 20, 20, 3), 70, np.uint8))

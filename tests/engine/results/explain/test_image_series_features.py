"""Numbers that describe pictures."""

import numpy as np
import pandas as pd

from engine.results.explain import image_series_features


def test_large_pictures_are_measured_piece_by_piece(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (7, 10, 10, 3), np.uint8)
    at_once = image_series_features.of_images(images)
    monkeypatch.setattr(image_series_features, "PIECE", 700)
    pd.testing.assert_frame_equal(image_series_features.of_images(images), at_once)


def test_brightness_by_hand():
    images = np.zeros((1, 6, 6, 1), np.uint8)
    images[0, :2, :2] = 255
    measured = image_series_features.of_images(images).iloc[0]
    assert measured["top left brightness"] == 100
    assert measured["middle brightness"] == 0
    np.testing.assert_allclose(measured["brightness"], 100 / 9, rtol=1e-5)

"""Small pictures."""

import base64
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from engine.view import atlas, data_uri, png, sparkline
from engine.view.thumbnails import band_svg, sparkline_svg

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(9, 5), (9, 5, 1), (9, 5, 3)])
def test_a_png_holds_the_very_pixels(shape):
    image = DRAW.integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(png(image)))), image.reshape(shape[:2] if shape[-1] != 3 else shape)
    )


@pytest.mark.parametrize(("size", "expected"), [(18, (10, 18)), (4, (2, 4)), (90, (50, 90))])
def test_the_longer_side_is_set(size, expected):
    assert Image.open(io.BytesIO(png(np.zeros((9, 5), np.uint8), size))).size == expected


def test_enlarged_pictures_keep_their_pixels():
    big = np.asarray(Image.open(io.BytesIO(png(np.array([[0, 255]], np.uint8), 8))))
    assert set(big.ravel()) == {0, 255}


def test_an_atlas_keeps_order_and_shape():
    images = np.stack([np.full((8, 4, 3), 40 * i, np.uint8) for i in range(5)])
    content, columns = atlas(images, 16)
    sheet = np.asarray(Image.open(io.BytesIO(content)))
    assert columns == 3
    assert sheet.shape == (32, 48, 3)
    for i in range(5):
        y, x = i // columns * 16 + 8, i % columns * 16 + 8
        assert sheet[y, x].tolist() == [40 * i] * 3


def test_an_atlas_of_some_rows():
    images = np.stack([np.full((8, 4, 3), 40 * i, np.uint8) for i in range(5)])
    some = np.array([4, 1])
    assert atlas(images, 16, some) == atlas(images[some], 16)


def test_data_uri():
    assert data_uri(b"abc") == "data:image/png;base64,YWJj"


def test_a_sparkline_spans_its_box():
    root = ElementTree.fromstring(sparkline_svg(np.array([0.0, 1.0, 0.5]), "#123456", width=100, height=40))
    (path,) = root
    assert path.get("d") == "M2.0 38.0L50.0 2.0L98.0 20.0"
    assert path.get("stroke") == "#123456"


def test_gaps_channels_and_flat_series():
    root = ElementTree.fromstring(sparkline_svg(np.array([[0, np.nan, 1, 1], [1, 1, 1, 0]]), "red"))
    assert len(root) == 2
    assert root[0].get("d").count("M") == 2
    for odd in ([5.0, 5.0], [np.nan, np.nan], [1.0], []):
        ElementTree.fromstring(sparkline_svg(np.array(odd), "red"))
    address = sparkline(np.zeros(3), "red")
    assert base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).startswith(b"<svg")


def test_a_band_lies_around_its_mean():
    mean = np.array([[0.0, 1.0, np.nan]])
    root = ElementTree.fromstring(band_svg(mean - 1, mean, mean + 1, "red"))
    assert len(root) == 2
    ElementTree.fromstring(band_svg(mean * np.nan, mean, mean, "red"))

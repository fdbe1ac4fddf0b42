"""The picture beside a link: the groups in their colors, where they are on the map, and words that fit."""

import io

import numpy as np
import pytest
from PIL import Image

from engine.results.record.record import Result
from engine.view import color, preview


def result(n: int, *, missing: bool = False) -> Result:
    labels = np.arange(n) % 3 - 1
    positions = np.stack([labels * 10.0, labels * 4.0], 1).astype(np.float32)
    if missing:
        positions[0] = np.nan
    nothing = np.zeros(0)
    return Result(
        "table", "kmeans", 2, labels, nothing, nothing, nothing, np.arange(n), nothing, {}, "", None, (), None,
        maps={"pca2": positions},
    )  # fmt: skip


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def places(pixels: np.ndarray, shade: str) -> np.ndarray:
    rgb = [int(shade[i : i + 2], 16) for i in (1, 3, 5)]
    return np.argwhere(np.abs(pixels - rgb).max(2) < 3)


@pytest.mark.parametrize("n", [3, 30, 30_000])
def test_groups_lie_where_they_are_on_the_map(n: int) -> None:
    pixels = opened(preview(result(n), "Customers", "facts"))
    assert pixels.shape == (630, 1200, 3)
    unassigned, first, second = (places(pixels, color(label)).mean(0) for label in (-1, 0, 1))
    assert unassigned[1] < first[1] < second[1], "x grows to the right"
    assert unassigned[0] > first[0] > second[0], "y grows upwards"
    assert first[1] > 560, "beside the words"


def test_members_without_a_place_are_left_out() -> None:
    pixels = opened(preview(result(1, missing=True), "One", "facts"))
    assert not len(places(pixels, color(-1)))


def test_long_titles_stay_beside_the_map() -> None:
    name = "Wholesale customers of the northern districts " + "x" * 200 + " and more words than there is room for"
    shown, short = (opened(preview(result(3), title, "facts"))[:, 520:560] for title in (name, "Short"))
    assert np.array_equal(shown, short)

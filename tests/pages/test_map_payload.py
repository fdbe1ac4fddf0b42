"""What the map sends and what it accepts back, without a browser."""

import base64
import json
import struct

import numpy as np
import pytest
from sklearn.datasets import load_iris

from pages.parts.components import map as scatter
from pages.parts.components.map.payload import MISSING, group_codes, pack, quantize, scale_values


def test_quantized_positions_come_back_within_half_a_step() -> None:
    positions = load_iris().data[:, :2].astype(np.float32)
    codes, box = quantize(positions)
    span = np.subtract(box.high, box.low)
    back = np.array(box.low) + codes / (MISSING - 1) * span
    assert np.abs(back - positions).max() <= 0.51 * span.max() / (MISSING - 1)
    assert codes.max() == MISSING - 1, "the last code means: no place"


def test_members_without_a_place_do_not_stretch_the_box() -> None:
    positions = np.array([[0, 0], [np.nan, 1], [2, 4], [np.inf, -9]], dtype=np.float32)
    codes, box = quantize(positions)
    assert box.low == (0, 0)
    assert box.high == (2, 4)
    assert codes.tolist() == [[0, 0], [MISSING, MISSING], [MISSING - 1, MISSING - 1], [MISSING, MISSING]]


@pytest.mark.parametrize("positions", [np.zeros((3, 2)), np.full((3, 2), np.nan), np.empty((0, 3))])
def test_degenerate_positions_are_no_error(positions: np.ndarray) -> None:
    codes, box = quantize(positions)
    assert codes.shape == positions.shape
    assert np.isfinite([*box.low, *box.high]).all()


def test_unassigned_and_impossible_groups() -> None:
    assert group_codes(np.array([-1, 0, 300])).tolist() == [MISSING, 0, 300]
    with pytest.raises(ValueError, match="65534"):
        group_codes(np.array([70000]))


def test_values_are_clipped_where_extremes_would_flatten_the_rest() -> None:
    codes, scale = scale_values(np.array([*np.linspace(0, 1, 500), 1e6, np.nan]))
    assert scale["above"] is True
    assert float(str(scale["high"])) < 2
    assert codes[-1] == MISSING
    assert codes[-2] == MISSING - 1


def test_parts_are_aligned_and_named_by_their_content() -> None:
    def table(data: bytes) -> tuple[int, dict[str, list[object]]]:
        (length,) = struct.unpack("<I", data[:4])
        return 4 + length, json.loads(data[4 : 4 + length])["parts"]

    parts = {"labels": b"abcde", "lines": "ünïcode".encode()}
    data = pack({"title": "größer"}, parts)
    start, listed = table(data)
    assert start % 4 == 0
    for name, (offset, length, _) in listed.items():
        assert isinstance(offset, int)
        assert isinstance(length, int)
        assert (start + offset) % 4 == 0
        assert data[start + offset : start + offset + length] == parts[name]
    _, other = table(pack({}, {**parts, "lines": b"else"}))
    assert listed["labels"] == other["labels"]
    assert listed["lines"][2] != other["lines"][2]


def test_the_answer_of_the_browser_is_decoded() -> None:
    mask = np.zeros(11, dtype=bool)
    mask[[0, 3, 10]] = True
    code = base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode()
    picked = scatter._selection({"n": 11, "mask": code, "clicked": 3, "focus": [-1, 2]}, 11)
    assert np.array_equal(picked.mask, mask)
    assert np.array_equal(picked.indices, [0, 3, 10])
    assert (picked.clicked, picked.focus) == (3, (-1, 2))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {},
        {"n": 12, "mask": "", "clicked": 1},
        {"n": 11, "mask": "%%", "clicked": 11, "focus": "no"},
        {"n": 11, "mask": "AAAAAAAA", "clicked": True, "focus": [True, "x"]},
    ],
)
def test_an_answer_that_does_not_fit_the_data_is_no_selection(answer: object) -> None:
    picked = scatter._selection(answer, 11)
    assert (picked.mask, picked.clicked, picked.focus) == (None, None, ())


def test_labels_beyond_the_names_get_names() -> None:
    frames = scatter.Frames(np.zeros((1, 2, 2)), np.array([[0, 3]]))
    named = scatter._names(["A", "B"], np.array([0, 1, -1]), frames)
    assert named == {"names": ["A", "B", "Group 3", "Group 4"], "named": 2}
    assert scatter._names([], np.array([-1]), None) == {"names": [], "named": 0}

"""New rows: what is like the training data fits, what is unlike any of it does not."""

import numpy as np
import pytest
from safetensors.numpy import load, save

from engine.results.evaluate.assignment import Assignment, Space, calibration_pairs, relative_distance


@pytest.fixture(scope="module")
def crowds():
    """Two crowds of 500 in five columns, and 400 more drawn the same way."""
    random = np.random.default_rng(3)
    centers = np.repeat([[0.0] * 5, [10.0] * 5], 700, axis=0)
    rows = (centers + random.normal(size=(1400, 5))).astype(np.float32)
    random.shuffle(rows)
    return rows[:1000], rows[1000:]


def _far(members: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return relative_distance([Space(members, rows)], calibration_pairs(members))


def test_about_one_in_a_hundred_rows_of_the_same_kind_exceeds_the_limit(crowds):
    assert (_far(*crowds) > 1).mean() < 0.03


@pytest.mark.parametrize("place", [5.0, -8.0, 40.0])
def test_rows_between_and_beyond_the_crowds_do_not_fit(crowds, place):
    away = _far(crowds[0], np.full((3, 5), place, np.float32))
    assert (away > 1).all()
    assert place != 40.0 or (away > 10).all()


def test_one_space_is_enough_to_tell(crowds):
    members = crowds[0]
    blind = np.zeros((len(members), 2), np.float32)
    strange = np.full((4, 5), 30.0, np.float32)
    spaces = [
        Space(members, strange),
        Space(blind, np.zeros((4, 2), np.float32), blind[: len(calibration_pairs(members))]),
    ]
    assert (relative_distance(spaces, calibration_pairs(members)) > 1).all()


def test_a_copy_of_a_member_fits_and_a_new_value_among_copies_does_not():
    copies = np.ones((200, 3), np.float32)
    assert (_far(copies, copies[:5]) <= 1).all()
    assert (_far(copies, np.array([[1, 1, 2]], np.float32)) > 1).all()


def test_stand_ins_widen_a_space_that_knows_its_members_by_heart(crowds):
    """The code of every member is pulled onto the middle of its crowd; that of rows never seen is not."""
    members, rows = crowds
    pairs = calibration_pairs(members)
    code = np.where(members.mean(1, keepdims=True) > 5, 10, 0) + 0.01 * members
    between = (members[pairs[:, 0]] + members[pairs[:, 1]]) / 2
    seen, helped = Space(code, rows), Space(code, rows, between)
    assert (relative_distance([seen], pairs) > 1).mean() > 0.5
    assert (relative_distance([helped], pairs) > 1).mean() < 0.1


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_few_members_are_no_reason_to_fail(n):
    members = np.arange(n, dtype=np.float32)[:, None]
    pairs = calibration_pairs(members) if n > 1 else np.zeros((0, 2), np.int64)
    assert relative_distance([Space(members, np.float32([[0.5]]))], pairs).shape == (1,)


def test_twins_are_those_most_alike():
    rows = np.float32([[0], [10], [1], [10], [30]])
    *first, last = calibration_pairs(rows).tolist()
    assert first == [[0, 2], [1, 3], [2, 0], [3, 1]]
    assert last in ([4, 1], [4, 3])


def test_those_that_do_not_fit_come_first_then_the_doubtful_and_those_left_out_last():
    placed = Assignment(
        np.array([0, 1, -1, 1, 0]),
        np.float32([0.9, 0.2, 0, 0.8, 0.5]),
        np.array([1, 0, -1, 0, 1]),
        np.float32([0.5, 0.5, np.nan, 3.0, 1.5]),
    )
    assert placed.order().tolist() == [3, 4, 1, 0, 2]
    summary = placed.summary(3)
    assert (summary["n"], summary["odd"], summary["left_out"], summary["sizes"]) == (5, 2, 1, [2, 2, 0])
    parts: dict[str, bytes] = {}
    placed.save(lambda name, content: parts.update({name: content}))
    back = Assignment.load(lambda name: parts[name])
    assert (back.labels == placed.labels).all()
    assert np.array_equal(back.distance, placed.distance, equal_nan=True)


def test_an_assignment_is_stored_under_the_names_that_earlier_versions_read_and_wrote() -> None:
    earlier = {
        "labels": np.array([0, 1]),
        "sure": np.float32([0.9, 0.2]),
        "second": np.array([1, 0]),
        "far": np.float32([0.5, 3.0]),
    }
    loaded = Assignment.load(lambda name: save(earlier))
    assert loaded.distance.tolist() == [0.5, 3.0]
    assert loaded.outlier.tolist() == [False, True]
    stored: list[bytes] = []
    loaded.save(lambda name, content: stored.append(content))
    assert set(load(stored[0])) == set(earlier)

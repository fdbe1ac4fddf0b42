"""New rows: what is like the training data fits, what is unlike any of it does not."""

import numpy as np
import pytest

from engine.results.evaluate.assignment import Assignment, Space, far, twins


@pytest.fixture(scope="module")
def crowds():
    """Two crowds of 500 in five columns, and 400 more drawn the same way."""
    random = np.random.default_rng(3)
    centers = np.repeat([[0.0] * 5, [10.0] * 5], 700, axis=0)
    rows = (centers + random.normal(size=(1400, 5))).astype(np.float32)
    random.shuffle(rows)
    return rows[:1000], rows[1000:]


def _far(members: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return far([Space(members, rows)], twins(members))


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
    spaces = [Space(members, strange), Space(blind, np.zeros((4, 2), np.float32), blind[: len(twins(members))])]
    assert (far(spaces, twins(members)) > 1).all()


def test_a_copy_of_a_member_fits_and_a_new_value_among_copies_does_not():
    copies = np.ones((200, 3), np.float32)
    assert (_far(copies, copies[:5]) <= 1).all()
    assert (_far(copies, np.array([[1, 1, 2]], np.float32)) > 1).all()


def test_stand_ins_widen_a_space_that_knows_its_members_by_heart(crowds):
    """The code of every member is pulled onto the middle of its crowd; that of rows never seen is not."""
    members, rows = crowds
    pairs = twins(members)
    code = np.where(members.mean(1, keepdims=True) > 5, 10, 0) + 0.01 * members
    between = (members[pairs[:, 0]] + members[pairs[:, 1]]) / 2
    seen, helped = Space(code, rows), Space(code, rows, between)
    assert (far([seen], pairs) > 1).mean() > 0.5
    assert (far([helped], pairs) > 1).mean() < 0.1


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_few_members_are_no_reason_to_fail(n):
    members = np.arange(n, dtype=np.float32)[:, None]
    pairs = twins(members) if n > 1 else np.zeros((0, 2), np.int64)
    assert far([Space(members, np.float32([[0.5]]))], pairs).shape == (1,)


def test_twins_are_those_most_alike():
    rows = np.float32([[0], [10], [1], [10], [30]])
    assert twins(rows).tolist() == [[0, 2], [1, 3], [2, 0], [3, 1], [4, 1]] or twins(rows).tolist()[4] == [4, 3]


def test_those_that_do_not_fit_come_first_then_the_doubtful_and_those_left_out_last():
    placed = Assignment(
        np.array([0, 1, -1, 1, 0]),
        np.float32([0.9, 0.2, 0, 0.8, 0.5]),
        np.array([1, 0, -1, 0, 1]),
        np.float32([0.5, 0.5, np.nan, 3.0, 1.5]),
    )
    assert placed.order().tolist() == [3, 4, 1, 0, 2]
    told = placed.summary(3)
    assert (told["n"], told["odd"], told["left_out"], told["sizes"]) == (5, 2, 1, [2, 2, 0])
    parts: dict[str, bytes] = {}
    placed.save(lambda name, content: parts.update({name: content}))
    back = Assignment.load(lambda name: parts[name])
    assert (back.labels == placed.labels).all()
    assert np.array_equal(back.far, placed.far, equal_nan=True)

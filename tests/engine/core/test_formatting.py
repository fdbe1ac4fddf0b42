"""Numbers, times and lists as people read them: the examples of the docstrings, and what they leave open."""

import doctest
from datetime import UTC, datetime, timedelta

import pytest

from engine.core import formatting


def test_the_examples_hold():
    found = doctest.testmod(formatting)
    assert (found.failed, found.attempted > 7) == (0, True)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_a_moment_is_told_from_now(past, said):
    moment = datetime.now(UTC) - past
    assert formatting.format_ago(moment) == formatting.format_ago(moment.isoformat()) == said
    assert formatting.format_ago(moment.timestamp()) == said
    assert formatting.format_ago(moment.replace(tzinfo=None)) == said
    assert formatting.format_ago(None) == "–"


def test_nothing_and_one_are_no_lists():
    assert formatting.format_list([]) == ""
    assert formatting.format_list(["a"], most=1) == "a"


def test_what_has_no_end_has_no_duration():
    assert formatting.format_duration(float("inf")) == "–"
    assert formatting.format_duration(0.2) == "under 1 s"
    assert formatting.format_duration(59.7) == "1 min"


@pytest.mark.parametrize(
    ("value", "said"),
    [(16712.3, "16,700"), (0.0312, "0.0312"), (4.2, "4.2"), (42, "42"), (0, "0"), (-3.456, "-3.46"), (1e15, "1e+15")],
)
def test_amount(value, said):
    assert formatting.format_number(value) == said


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ((15.01, 18.4), ("15.0", "18.4")),
        ((181.234, 181.4), ("181.2", "181.4")),
        ((0, 3.04), ("0", "3.04")),
        ((12345, 2710), ("12,300", "2,700")),
        ((3, 5), ("3", "5")),
        ((0.4, 15.3), ("0.4", "15.3")),
    ],
)
def test_two_amounts_are_rounded_alike_and_stay_distinct(pair, said):
    assert formatting.format_pair(*pair) == said


@pytest.mark.parametrize(
    ("share", "said"), [(0.74, "74 %"), (0.001, "under 1 %"), (0.999, "over 99 %"), (0, "0 %"), (1, "100 %")]
)
def test_percent(share, said):
    assert formatting.format_percent(share) == said


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(items, said):
    assert formatting.format_list(items) == said

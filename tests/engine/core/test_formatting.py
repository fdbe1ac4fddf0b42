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


@pytest.mark.parametrize(
    ("moments", "precision", "said"),
    [
        ((0, 86_400 * 40), "day", ["1970-01-01", "1970-02-10"]),
        ((0, 86_400 * 40), "minute", ["1970-01-01 00:00", "1970-02-10 00:00"]),
        ((3600, 7200.5), "day", ["1970-01-01 01:00", "1970-01-01 02:00"]),
        ((3600, 3610), "day", ["1970-01-01 01:00:00", "1970-01-01 01:00:10"]),
        ((3600, 3600), "day", ["1970-01-01", "1970-01-01"]),
        ((0.25,), "microsecond", ["1970-01-01 00:00:00.250000"]),
        ((-86_400,), "day", ["1969-12-31"]),
        ((), "day", []),
    ],
)
def test_moments_are_as_precise_as_it_takes(moments, precision, said):
    assert formatting.format_moments(*moments, precision=precision) == said


@pytest.mark.parametrize(
    ("moments", "precision"),
    [
        ([0, 86_400], "day"),
        ([0, 40_000], "minute"),
        ([0, float("nan"), 1801], "second"),
        ([1800], "minute"),
        ([0, 1.5], "microsecond"),
        ([5, 86_400 * 3 + 5], "day"),
        ([], "day"),
    ],
)
def test_a_log_of_a_day_has_times(moments, precision):
    assert formatting.precision_of(moments) == precision


@pytest.mark.parametrize(
    ("moment", "precision"), [(86_400, "day"), (60, "minute"), (61, "second"), (0.5, "microsecond")]
)
def test_an_exact_moment_loses_nothing(moment, precision):
    assert formatting.exact_precision([0, moment]) == precision


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

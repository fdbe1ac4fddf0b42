"""Parts of dates: position in time, month, weekday and hour as circles, switchable; times of day as circles."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Preparation, Prepared, Raw, column_preview, inspect, prepare, preprocessing_summary, suggest
from engine.intake.recipes.stored import recipe_from_json
from engine.results.build import column_types

RANDOM = np.random.default_rng(0)
WHEN = pd.Timestamp("2023-01-01") + pd.to_timedelta(RANDOM.integers(0, 3 * 365 * 86_400, 300), unit="s")
ALL = ("age", "month", "weekday", "hour")


def table(**columns: Any) -> Raw:
    return inspect(pd.DataFrame(columns))


def prepared(raw: Raw, parts: tuple[str, ...], **choices: Any) -> Prepared:
    return prepare(raw, Preparation(date_parts={"since": parts}, **choices))


def distance(x: np.ndarray, a: int, b: int) -> float:
    return float(np.linalg.norm(x[a] - x[b]))


def test_the_hour_counts_where_times_vary_and_only_there() -> None:
    raw = table(since=WHEN, day=WHEN.normalize(), size=RANDOM.normal(size=300))
    assert suggest(raw).date_parts == {"since": ("age", "hour")}
    assert prepare(raw, suggest(raw)).recipe.columns_out == (
        "since",
        "since: hour (cos)",
        "since: hour (sin)",
        "day",
        "size",
    )


def test_a_few_hours_are_no_times_of_day() -> None:
    raw = table(since=WHEN.normalize() + pd.to_timedelta(RANDOM.integers(22, 24, 300), unit="h"))
    assert suggest(raw).date_parts == {}


@pytest.mark.parametrize("scale", ["standard", "range", "shared"])
def test_each_circle_counts_like_a_number(scale: str) -> None:
    x = prepared(table(since=WHEN, size=RANDOM.normal(size=300)), ALL, scale=scale).x
    spread = x.var(axis=0)
    numbers = spread[0] + spread[7]
    assert numbers == pytest.approx(2, rel=0.01)
    for start in (1, 3, 5):
        assert spread[start : start + 2].sum() == pytest.approx(1, rel=0.01)


def test_circles_from_0_to_1_and_unscaled() -> None:
    raw = table(since=WHEN)
    whole = prepared(raw, ("hour",), scale="minmax").x
    assert 0 <= whole.min() < 0.01
    assert whole.max() == pytest.approx(1 / np.sqrt(2), abs=0.01)
    assert np.linalg.norm(prepared(raw, ("hour",), scale="none").x, axis=1) == pytest.approx(1, abs=1e-6)


def test_ends_of_years_weeks_and_days_meet() -> None:
    days = pd.to_datetime(["2023-12-31 23:50", "2024-01-01 00:10", "2024-07-03 12:00", "2024-01-04 18:00"])
    x = prepared(table(since=days), ("month",)).x
    assert distance(x, 0, 1) < 0.05 < distance(x, 0, 2)
    x = prepared(table(since=days), ("hour",)).x
    assert distance(x, 0, 1) < distance(x, 0, 3) < distance(x, 0, 2)
    x = prepared(table(since=days), ("weekday",)).x  # Sunday, Monday, Wednesday, Thursday
    assert distance(x, 0, 1) < distance(x, 0, 2)


@pytest.mark.parametrize("parts", [("age",), ("age", "hour"), ALL])
def test_dates_come_back_to_the_second(parts: tuple[str, ...]) -> None:
    made = prepared(table(since=WHEN), parts)
    recipe = recipe_from_json(json.loads(json.dumps(made.recipe.to_json())))
    assert np.array_equal(recipe.apply(table(since=WHEN)), made.x)
    restored = recipe.restore(made.x)
    apart = (restored["since"] - pd.Series(WHEN)).abs().max()
    assert apart <= pd.Timedelta(seconds=2)
    if parts == ALL:
        assert restored["since: month"].tolist() == WHEN.month_name().tolist()
        assert restored["since: weekday"].tolist() == WHEN.day_name().tolist()


def test_parts_without_a_position_come_back_as_words() -> None:
    made = prepared(table(since=WHEN.floor("min")), ("hour",))
    restored = made.recipe.restore(made.x)
    assert restored.columns.tolist() == ["since: hour"]
    assert restored["since: hour"].tolist() == WHEN.strftime("%H:%M").tolist()


def test_a_column_of_the_users_keeps_its_name() -> None:
    raw = inspect(pd.DataFrame({"since": WHEN, "since: month": RANDOM.normal(size=300)}))
    made = prepared(raw, ("age", "month"))
    restored = made.recipe.restore(made.x)
    assert restored["since: month"].to_numpy() == pytest.approx(raw.rows["since: month"].to_numpy(), abs=1e-5)
    assert [name for name in restored if restored[name].isin(["January", "July"]).any()] not in ([], ["since: month"])


def test_blank_dates_stand_at_the_median() -> None:
    dates = pd.Series(WHEN)
    dates[:5] = pd.NaT
    made = prepared(table(since=dates, size=RANDOM.normal(size=300)), ALL)
    restored = made.recipe.restore(made.x)["since"][:5]
    assert (restored - dates.median()).abs().max() <= pd.Timedelta(seconds=2)


def test_times_of_day_are_a_circle(tmp_path: Path) -> None:
    times = ["23:50", "00:10", "12:00", "23:20", "23:40", "00:20"] * 4
    (tmp_path / "times.csv").write_text(
        "start,size\n" + "".join(f"{t},{i % 7}\n" for i, t in enumerate(times)) + ",3\n"
    )
    raw = inspect(tmp_path / "times.csv")
    preparation = suggest(raw)
    assert preparation.date_parts == {"start": ("hour",)}
    made = prepare(raw, preparation)
    assert made.recipe.columns_out[:2] == ("start (cos)", "start (sin)")
    assert distance(made.x[:, :2], 0, 1) < 0.2 < distance(made.x[:, :2], 0, 2)
    recipe = recipe_from_json(json.loads(json.dumps(made.recipe.to_json())))
    assert recipe.restore(made.x)["start"].tolist()[:24] == times
    assert column_types(made)["start"] == "number"
    said = " ".join(preprocessing_summary(raw, preparation))
    assert "Times of day in *start* run in a circle, so that 23:50 lies beside 00:10." in said
    assert "1 blank in *start* is filled with the middle of the times (23:5" in said
    plain = prepare(raw, Preparation.from_json({**preparation.to_json(), "date_parts": {"start": ["age"]}}))
    assert plain.recipe.columns_out == ("start", "size")


def test_what_counts_is_said() -> None:
    raw = table(since=WHEN, size=RANDOM.normal(size=300))

    def said(*parts: str) -> str:
        return " ".join(preprocessing_summary(raw, Preparation(date_parts={"since": parts})))

    assert "Dates in *since* count in days. The time of day in *since* counts as a part of a day." in said("age")
    assert (
        "Dates in *since* count in days, and the time of day counts as well, in a circle, so that 23:50 lies beside 00:10."
        in said("age", "hour")
    )
    assert (
        "Of dates in *since* only the month of the year and the day of the week count, each in a circle, so that December lies "
        "beside January and Sunday lies beside Monday." in said("weekday", "month")
    )


def test_unknown_parts_are_refused() -> None:
    for parts in (["minute"], [], "age", 3):
        with pytest.raises(InputError, match="date_parts"):
            Preparation.from_json({"date_parts": {"since": parts}})
    with pytest.raises(InputError, match="no column"):
        prepare(table(since=WHEN), Preparation(date_parts={"until": ("age",)}))


def test_recipes_of_earlier_versions_are_read() -> None:
    block = {"type": "number", "column": "since", "fill": 19_500.0, "center": 19_500.0, "scale": 100.0}
    stored = {"kind": "table", "blocks": [{**block, "unit": 0.0, "date": True, "time_of_day": True}], "arrays": ""}
    recipe = recipe_from_json(stored)
    x = recipe.apply(table(since=WHEN))
    assert (recipe.restore(x)["since"] - pd.Series(WHEN)).abs().max() <= pd.Timedelta(seconds=10)
    assert "date_parts" not in Preparation().to_json()


def test_codes_that_count_as_blank_are_counted() -> None:
    ages = [*RANDOM.integers(18, 90, 88).tolist(), *[888_888] * 12]
    raw = table(age=ages, size=RANDOM.normal(size=100))
    said = preprocessing_summary(raw, suggest(raw))
    assert "12 cells of 888,888 in *age* count as blank." in said
    assert any(sentence.startswith("12 blanks in *age* are filled with the median (") for sentence in said)
    assert "888,888" not in " ".join(preprocessing_summary(raw, Preparation(roles=suggest(raw).roles)))


def test_a_preview_shows_codes_as_the_blanks_that_they_are() -> None:
    ages = [888_888, *RANDOM.integers(18, 90, 88).tolist(), *[888_888] * 11]
    raw = table(age=ages, size=RANDOM.normal(size=100))
    preview = column_preview(raw, suggest(raw), "age")
    assert preview is not None
    assert preview.edges[0][-1] < 10
    assert preview.examples[0][0] == "888888"

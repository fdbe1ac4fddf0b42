"""Cells and columns as shops, stores of apps, lenders and sensors write them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.intake import Raw, inspect, suggest

N = 40


def column(values: list[object], name: str = "value", **others: list[object]) -> Raw:
    return inspect(pd.DataFrame({name: values, **others}))


def cycle(*values: str) -> list[object]:
    return [values[i % len(values)] for i in range(N)]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (("1,000+", "10,000,000+", "5,000+", "50+"), [1000, 10_000_000, 5000, 50]),
        (("10+ years", "< 1 year", "3 years", "7 years"), [10, 1, 3, 7]),
        (("3 out of 5 stars", "4 out of 5 stars", "1.5 out of 5 stars"), [3, 4, 1.5]),
        (("12 people found this helpful", "1,204 people found this helpful"), [12, 1204]),
        (("30個", "2個", "1,200個"), [30, 2, 1200]),
    ],
)
def test_numbers_with_words_behind_them(cells: tuple[str, ...], read: list[float]) -> None:
    raw = column(cycle(*cells))
    assert raw.column("value").dtype == "number"
    assert raw.rows["value"].tolist()[: len(read)] == read


def test_words_behind_numbers_are_named() -> None:
    raw = column(cycle("12 people found this helpful", "7 people found this helpful"))
    assert "The words behind the numbers of *value*, “people found this helpful”, were taken off." in raw.notes


def test_two_bounds_are_classes() -> None:
    assert column(cycle("<=50K", ">50K")).column("value").dtype == "category"


def test_numbered_names_are_no_numbers() -> None:
    assert column([f"{i} Oak Street in Springfield" for i in range(N)]).column("value").dtype != "number"


def test_pixels_in_one_cell_are_a_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (N, 64))
    raw = column([" ".join(map(str, row)) for row in pixels], "pixels", emotion=[i % 5 for i in range(N)])
    assert raw.kind == "image"
    assert raw.array.reshape(N, 64).tolist() == pixels.tolist()
    assert raw.column("emotion").role == "label"


def test_a_broken_sensor_is_blank() -> None:
    rng = np.random.default_rng(0)
    cells = rng.normal(21, 2, N).round(2)
    cells[::10] = -127
    raw = column(cells.tolist())
    assert suggest(raw).coded_blanks == {"value": (-127.0,)}
    cells[::10] = 0
    assert suggest(column(cells.tolist())).coded_blanks == {}


def test_flags_do_not_outweigh_what_is_measured() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.uniform(0, 1, 90), "b": rng.uniform(0, 1, 90), "flag": np.arange(90) % 2})
    assert suggest(inspect(frame)).scale == "standard"
    assert suggest(inspect(frame[["a", "b"]])).scale == "range"


def test_one_value_beside_blanks_is_not_said_to_be_in_every_row() -> None:
    raw = column(["api" if i % 2 else "" for i in range(N)], size=list(range(N)))
    assert raw.column("value").warning == "The value is the same in every row that has one."


def test_labels_with_blanks_are_a_guess() -> None:
    raw = column(cycle("ui", "db", ""), "Labels", size=list(range(N)))
    assert raw.column("Labels").role == "label"
    assert any(note.startswith("*Labels*: it is taken for the known answer") for note in raw.notes)


def test_an_outcome_behind_the_key_is_a_label() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"PassengerId": np.arange(1, 91), "Survived": np.arange(90) % 2})
    frame = frame.assign(
        Age=rng.integers(1, 80, 90), Fare=rng.random(90), Sex=["m", "f"] * 45, Deck=["A", "B", "C"] * 30
    )
    assert inspect(frame).column("Survived").role == "label"


def test_texts_that_are_all_the_same_warn_nobody(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    from engine.core.errors import InputError
    from engine.intake import prepare

    (tmp_path / "same.txt").write_text("the parcel came late\n" * 10)
    raw = inspect(tmp_path / "same.txt")
    with pytest.raises(InputError):
        prepare(raw, suggest(raw))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("name", "cells", "read"),
    [
        ("avg_time", ("00:00:25", "00:05:40"), [25, 340]),
        ("gap", ("00:00:25", "00:05:40"), [25, 340]),
        ("time on page", ("01:00:25", "00:05:40"), [3625, 340]),
        ("opens", ("08:30:00", "17:15:00"), [8.5, 17.25]),
    ],
)
def test_how_long_something_took_is_no_time_of_day(name: str, cells: tuple[str, ...], read: list[float]) -> None:
    assert column(cycle(*cells), name).rows[name].tolist()[:2] == read


def test_masked_digits_are_no_unit() -> None:
    raw = inspect(
        pd.DataFrame({"zip_code": [f"{100 + i % 40}xx" for i in range(120)], "loan": np.arange(120) * 7 % 50})
    )
    assert raw.column("zip_code").dtype == "category"
    assert not any("xx" in note for note in raw.notes)

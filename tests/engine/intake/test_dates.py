"""Dates in many orders and languages, times of day and durations."""

import pandas as pd
import pyarrow as pa
import pytest

from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import typed_table


def read(options: ReadOptions | None = None, **columns: list[str]) -> Content:
    return typed_table(pa.table({name: pa.array(cells) for name, cells in columns.items()}), [], options)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("3. Mai 2024", "2024-05-03"),
        ("12. Dez. 2024", "2024-12-12"),
        ("15 de marzo de 2024", "2024-03-15"),
        ("14 février 2024", "2024-02-14"),
        ("1er août 2024", "2024-08-01"),
        ("10 mrt 2024", "2024-03-10"),
        ("5 maggio 2024", "2024-05-05"),
        ("7 de outubro de 2024", "2024-10-07"),
        ("10-Jan-2023", "2023-01-10"),
        ("Jan 5, 2024", "2024-01-05"),
        ("28/11/23", "2023-11-28"),
        ("2024年1月5日", "2024-01-05"),
        ("Mon Jan 02 15:04:05 2024", "2024-01-02 15:04:05"),
        ("10/Oct/2000:13:55:36 -0700", "2000-10-10 20:55:36"),
        ("30/09/2024 14:05:06 CET", "2024-09-30 13:05:06"),
        ("01/31/2023 12:00 AM", "2023-01-31"),
        ("2024-Q3", "2024-07-01"),
        ("Q2 2024", "2024-04-01"),
        ("2024-02", "2024-02-01"),
        ("Mär 2024", "2024-03-01"),
        ("2024-W05", "2024-01-29"),
    ],
)
def test_dates_as_people_write_them(cell: str, moment: str) -> None:
    assert read(v=[cell, cell]).rows["v"].tolist() == [pd.Timestamp(moment)] * 2


def test_each_cell_of_a_column_has_its_own_pattern() -> None:
    rows = read(v=["2024-01-31", "31.01.2024", "31 Jan 2024", "31/01/24"]).rows
    assert rows["v"].tolist() == [pd.Timestamp("2024-01-31")] * 4


def test_one_column_says_the_order_for_all() -> None:
    rows = read(start=["01/02/2024", "03/02/2024"], end=["15/02/2024", "28/02/2024"]).rows
    assert rows["start"][0] == pd.Timestamp("2024-02-01")


def test_an_open_order_is_asked() -> None:
    content = read(v=["01/02/2024", "03/02/2024"])
    assert content.alternatives["day_first"] == ("no", "yes")
    assert read(ReadOptions(day_first=True), v=["01/02/2024"]).rows["v"][0] == pd.Timestamp("2024-02-01")


@pytest.mark.parametrize(
    ("name", "cells", "first"),
    [
        ("created_at", ["1700000000", "1700086400"], "2023-11-14 22:13:20"),
        ("timestamp", ["1700000000000", "1700086400000"], "2023-11-14 22:13:20"),
        ("date", ["45258", "45259"], "2023-11-28"),
        ("day", [f"2024010{i}" for i in range(1, 8)], "2024-01-01"),
    ],
)
def test_dates_written_as_numbers(name: str, cells: list[str], first: str) -> None:
    assert read(**{name: cells}).rows[name][0] == pd.Timestamp(first)


def test_quantities_are_no_dates() -> None:
    rows = read(price=["45258", "45259"], population=["1700000000", "1700086400"]).rows
    assert [str(kind) for kind in rows.dtypes] == ["int64", "int64"]


@pytest.mark.parametrize(
    ("name", "cells", "values"),
    [
        ("start", ["8:30 PM", "9:15 AM"], [20.5, 9.25]),
        ("start", ["08:30", "21:15"], [8.5, 21.25]),
        ("duration", ["1:02:03", "0:45:10"], [3723, 2710]),
        ("v", ["2h 15m", "45m"], [8100, 2700]),
        ("v", ["PT5M", "PT1H30S"], [300, 3630]),
        ("v", ["26:00:00", "1:30:00"], [93600, 5400]),
        ("v", ["1:02:03.5", "30:00:00"], [3723.5, 108000]),
    ],
)
def test_times_of_day_and_durations(name: str, cells: list[str], values: list[float]) -> None:
    assert read(**{name: cells}).rows[name].tolist() == pytest.approx(values)


def texts(content: Content) -> str:
    return " ".join(str(getattr(note, "text", note)) for note in content.notes)


def test_the_century_that_was_added_is_said() -> None:
    assert "the century was added (2023)." in texts(read(day=["28/11/23", "29/11/23"]))
    assert "the century was added (1999 to 2023)." in texts(read(day=["28/11/23", "29/11/99"]))


def test_a_duration_is_shown_in_seconds() -> None:
    assert "Durations in *lap* were turned into seconds: “45:10” is 2,710." in texts(read(lap=["", "45:10", "50:00"]))


@pytest.mark.parametrize(
    ("name", "first", "moment"),
    [
        ("ts", 1403051575.000407, "2014-06-18 00:32:55.000407"),  # seconds, as chats export them
        ("Order Date", 45292.75, "2024-01-01 18:00:00"),  # days of a spreadsheet, with a time
    ],
)
def test_numbers_with_fractions_are_moments(name: str, first: float, moment: str) -> None:
    content = read(**{name: [f"{first + 1.37 * i:.6f}" for i in range(40)]})
    assert content.rows[name].iloc[0] == pd.Timestamp(moment)


def test_fractions_without_a_name_of_dates_stay_numbers() -> None:
    content = read(volume=[f"{45292.75 + 1.37 * i:.3f}" for i in range(40)])
    assert content.rows["volume"].iloc[0] == 45292.75

"""Columns of numbers in the conventions of many countries, decided for the file as a whole."""

import pandas as pd
import pyarrow as pa
import pytest

from engine.intake import inspect
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.tables import typed_table


def read(delimiter: str = "", options: ReadOptions | None = None, **columns: list[str]) -> Content:
    return typed_table(pa.table({name: pa.array(cells) for name, cells in columns.items()}), [], options, delimiter)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["R$ 1.234,56", "R$ 12,00"], [1234.56, 12]),
        (["1 234,56 zł", "12,00 zł"], [1234.56, 12]),
        (["CHF 1’234.50", "CHF 12.00"], [1234.5, 12]),
        (["12,04,814", "₹50,250"], [1204814, 50250]),
        (["$(1,234.50)", "(3.00)", "$12.00"], [-1234.5, -3, 12]),
        (["12.5-", "\u22123.0", "\u20134"], [-12.5, -3, -4]),
        (["1,5E3", "2,5E-1"], [1500, 0.25]),
        (["1\u202f234\u202f567,8", "12,5"], [1234567.8, 12.5]),
        (["１２３", "４５"], [123, 45]),
        (["٣٫٥", "٤"], [3.5, 4]),
        (["10,0 %", "5 %"], [10, 5]),
        (["1,2 Mio. €", "3 Mrd. €", "500 €"], [1.2e6, 3e9, 500]),
        (["1.5M", "900K", "2m"], [1.5e6, 9e5, 2e6]),
        (["2 crore", "5 lakh"], [2e7, 5e5]),
        (["10 kg", "500 g", "5 kg"], [10, 0.5, 5]),
        (["1.5 GB", "300 MB", "2 GB"], [1.5, 0.3, 2]),
        (["20 °C", "21 °C"], [20, 21]),
        (["<0.5", "7.1", "≤3"], [0.5, 7.1, 3]),
        (["18-24", "25–34", "65+", "18-24"], [21, 29.5, 65, 21]),
        (["5'11\"", "6'0\"", "5'7"], [71, 72, 67]),
        (["1e300", "-1e300"], [1e300, -1e300]),
        (["1.000.000", "2.500.000"], [1e6, 2.5e6]),
    ],
)
def test_cells_as_people_write_them(cells: list[str], numbers: list[float]) -> None:
    assert read(v=cells).rows["v"].tolist() == pytest.approx(numbers)


@pytest.mark.parametrize(
    "cells",
    [
        ["1.2.3", "2.0.1"],
        ["192.168.100.200", "192.168.100.201"],
        ["+49 170 123 456", "+49 171 234 567"],
        ["DE89370400440532013000", "DE12500105170648489890"],
        ["01067", "80331"],
        ["123456789012345678901234", "223456789012345678901234"],
        ["12A", "13B", "14C"],
        ["€5", "$6", "€7"],
    ],
)
def test_codes_and_unlike_currencies_stay_words(cells: list[str]) -> None:
    assert read(v=cells).rows["v"].tolist() == cells


def test_a_neighbor_says_what_a_dot_means() -> None:
    content = read(cases=["464", "23.943"], rate=["20,75", "120,5"])
    assert content.rows["cases"].tolist() == [464, 23943]
    assert "23.943 was read as 23,943" in " ".join(content.notes)


def test_three_decimals_with_a_leading_zero_say_what_a_comma_means() -> None:
    content = read(ampere=["0,637", "0,624"], load=["3,002", "12,005"])
    assert content.rows["load"].tolist() == [3.002, 12.005]


def test_what_stays_open_is_asked_with_both_readings() -> None:
    content = read(v=["1.234", "5.678"])
    assert content.alternatives["decimal"] == (".", ",")
    assert "1.234 was read as 1.234; if it means 1,234, choose the comma" in content.notes[0]
    assert read(options=ReadOptions(decimal=","), v=["1.234", "5.678"]).rows["v"].tolist() == [1234, 5678]


@pytest.mark.parametrize(
    "cell",
    [
        "-1" + " " * 100_000 + "x",
        "9" * 131_000 + "x",
        "1," * 50_000,
        "(" * 100_000,
        "1 " * 60_000 + "x",
        "a" * 10**5 + "1",
    ],
)
def test_long_cells_are_read_in_linear_time(cell: str) -> None:
    assert len(read(v=[cell, *map(str, range(9))]).rows) == 10


def test_classes_with_bounds_stay_words_and_measurements_below_a_limit_are_numbers() -> None:
    frame = pd.DataFrame({"income": ["<=50K", ">50K"] * 20, "lead": ["<0.5", "<0.5", "1.5", "2.25"] * 10})
    raw = inspect(frame)
    assert [raw.column(name).dtype for name in ("income", "lead")] == ["category", "number"]

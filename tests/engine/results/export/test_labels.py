"""Labels as files."""

import io

import numpy as np
import pandas as pd
import pytest

from engine.results import as_csv, labels_csv, labels_parquet, labels_table
from engine.results.export.labels import disarmed


def test_the_users_rows_come_back_with_their_groups(penguins):
    result, rows = penguins.result, penguins.raw.rows
    table = pd.read_csv(io.BytesIO(labels_csv(result, rows)), keep_default_na=True)
    assert len(table) == len(rows)
    assert table["row"].tolist() == list(range(1, len(rows) + 1))
    assert list(table.columns) == ["row", *rows.columns, "group", "group name", "sure", "next group"]
    at = np.isin(np.arange(len(rows)), result.kept)
    assert (table["group"][at].to_numpy() == result.labels + 1).all()
    assert table["group"][~at].isna().all()
    assert table["group name"][at].iloc[0] == result.groups[result.labels[0]].name
    assert table["sure"][at].to_numpy() == pytest.approx(result.sure, abs=1e-4)


def test_without_the_raw_data_rows_are_numbered_from_one(penguins):
    table = labels_table(penguins.result)
    assert table.columns[0] == "row"
    assert table["row"].tolist() == (penguins.result.kept + 1).tolist()


def test_of_some_members_the_same_columns(penguins):
    result, rows, some = penguins.result, penguins.raw.rows, np.array([7, 3, 200])
    whole, table = labels_table(result, rows), labels_table(result, rows, some)
    pd.testing.assert_frame_equal(table, whole.iloc[result.kept[some]].reset_index(drop=True))
    assert labels_table(result, None, some)["row"].tolist() == (result.kept[some] + 1).tolist()
    assert list(labels_table(result, None, some).columns) == ["row", "group", "group name", "sure", "next group"]


def test_unassigned_members_have_no_group(penguins):
    from dataclasses import replace

    labels = penguins.result.labels.copy()
    labels[:5] = -1
    table = labels_table(replace(penguins.result, labels=labels), penguins.raw.rows)
    assert table["group"][:5].isna().all()
    assert table["group name"][:5].tolist() == ["unassigned"] * 5


def test_parquet_keeps_every_cell(penguins):
    rows = penguins.raw.rows.assign(note="=SUM(A1)")
    table = pd.read_parquet(io.BytesIO(labels_parquet(penguins.result, rows)))
    assert table["note"].iloc[0] == "=SUM(A1)"
    assert table["bill_length_mm"].equals(rows["bill_length_mm"].astype(table["bill_length_mm"].dtype))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@cmd", "'@cmd"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("+1 (555)", "'+1 (555)"),
        ("\tx", "'\tx"),
        ("-5", "-5"),
        ("+3.5e-2", "+3.5e-2"),
        ("-1,200.50", "-1,200.50"),
        ("plain = text", "plain = text"),
    ],
)
def test_csv_cells_cannot_run_in_a_spreadsheet(penguins, cell, written):
    rows = penguins.raw.rows.assign(note=cell)
    table = pd.read_csv(io.BytesIO(labels_csv(penguins.result, rows)), dtype=str)
    assert table["note"].iloc[0] == written


def test_formulas_in_column_names_are_disarmed_too(penguins):
    rows = penguins.raw.rows.rename(columns={"island": "=HYPERLINK(1)"})
    assert "'=HYPERLINK(1)" in labels_csv(penguins.result, rows).decode().splitlines()[0]


def test_names_in_use_are_not_overwritten(penguins):
    rows = penguins.raw.rows.assign(group="mine", row="own")
    table = labels_table(penguins.result, rows)
    assert (table["row"] == "own").all()
    assert table.columns[0] == "row (Constella)"
    assert (table["group"] == "mine").all()
    assert "group (Constella)" in table.columns


def test_only_foreign_letters_need_a_mark_for_excel(penguins):
    assert not labels_csv(penguins.result).startswith(b"\xef\xbb\xbf")
    rows = penguins.raw.rows.assign(note="Größe")
    made = labels_csv(penguins.result, rows)
    assert made.startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(io.BytesIO(made))["note"].iloc[0] == "Größe"


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd",
        "-x",
        "@sum",
        "\t=1",
        "\r=1",
        "\n=1+1",
        "  =1",
        "＝1+1",
        "＋1-x",
        "\ufeff=1",
        "\u200b=1",
        "=" * 10**6,
    ],
)
def test_no_spreadsheet_runs_a_cell(cell: str) -> None:
    assert disarmed(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1", "+1.5", "-1,5 %", "-1e-3", "x=1", "", "a+b", 3, None, -1.5])
def test_numbers_and_words_stay_as_they_are(cell: object) -> None:
    assert disarmed(cell) == cell


def test_a_long_cell_that_is_nearly_a_number_takes_no_time() -> None:
    assert str(disarmed("-1" + " " * 300_000 + "x")).startswith("'-1")


def test_cells_that_look_like_formulas_and_are_none_stay_as_they_are() -> None:
    cells = ["-", "--", "-5,2", "+49 170 1", "a=b", None, "x,y", 'say "no"', "two\nlines", "Zürich", " "]
    table = pd.DataFrame({"n": range(len(cells)), "cell": pd.Series(cells, dtype="str"), "share": 0.5})
    back = pd.read_csv(io.BytesIO(as_csv(table)), encoding="utf-8-sig", keep_default_na=False)
    assert back["cell"].tolist() == ["" if cell is None else cell for cell in cells]
    assert back["share"].tolist() == [0.5] * len(cells)
    harmful = ["=1", "-cmd", "@x", " =1", "\t=1", "＝1", "\ufeff=1"]
    made = pd.read_csv(io.BytesIO(as_csv(pd.DataFrame({"cell": harmful, "n": 1}))), encoding="utf-8-sig")
    assert made["cell"].str.startswith("'").all()

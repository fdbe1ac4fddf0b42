"""Groups in a copy of the user's own file: the same format, rows and cells, with columns added."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from engine.core.errors import InputError
from engine.intake import inspect
from engine.results import Group
from engine.results.export.annotated_copy import copied, ending_of, takes_columns
from engine.results.export.image_folders import files_of, sorted_arrays, sorted_files


def _result(labels: list[int], kept: list[int] | None = None) -> SimpleNamespace:
    """A result of two groups, one of which has a name that a spreadsheet could run."""
    groups = tuple(Group(i, name, 1, 0.5, 0.5, "") for i, name in enumerate(("=Loyal", "Group 2")))
    found = np.array(labels)
    sure = np.linspace(0.5, 0.9, len(found)).astype(np.float32)
    rows = np.arange(len(found)) if kept is None else np.array(kept)
    known = {
        "labels": found,
        "sure": sure,
        "second": found,
        "kept": rows,
        "outlier_score": None,
        "reconstruction_error": None,
    }
    return SimpleNamespace(**known, alternatives={}, groups=groups)


def _copy(path: Path, result: SimpleNamespace) -> bytes:
    return copied(path, result, len(inspect(path)))


@pytest.mark.parametrize(
    ("text", "encoding", "delimiter"),
    [
        ("name;age\r\nÄnne;3,5\r\nBob;4,5\r\nC;1,0\r\n", "cp1252", ";"),
        ("name,age\nÄnne,3\n\nBob,4\nC,1\n", "utf-8-sig", ","),
        ("name\tage\nÄnne\t3\nBob\t4\nC\t1", "utf-16", "\t"),
        ('name|age\n"a|b"|3\n"two\nlines"|4\nC|1\n', "utf-8", "|"),
    ],
)
def test_csv_keeps_delimiter_encoding_and_cells(tmp_path: Path, text: str, encoding: str, delimiter: str) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(text.encode(encoding))
    back = _copy(path, _result([0, 1, 0])).decode(encoding)
    rows = list(csv.reader(io.StringIO(back, newline=""), delimiter=delimiter))
    before = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    assert [row[:2] for row in rows] == before
    assert rows[0][2:] == ["group", "group name", "sure"]
    assert [row[2] for row in rows[1:]] == ["1", "2", "1"]
    assert [row[3] for row in rows[1:]] == ["'=Loyal", "Group 2", "'=Loyal"]
    assert rows[1][4] == ("0,5" if delimiter == ";" else "0.5")
    assert ("\r\n" in back) == ("\r\n" in text)


def test_formulas_in_the_users_cells_are_disarmed_and_names_do_not_clash(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("group,age\n=cmd|' /C calc'!A0,3\nx,-4\ny,5\n")
    table = pd.read_csv(io.BytesIO(_copy(path, _result([0, 1, -1]))))
    assert list(table.columns) == ["group", "age", "group (Constella)", "group name", "sure"]
    assert table["group"][0].startswith("'=cmd")
    assert table["age"].tolist() == [3, -4, 5]
    assert table["group name"].tolist() == ["'=Loyal", "Group 2", "unassigned"]


def test_rows_that_were_left_out_stay_with_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "some.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n3,4\n5,6\n"))
    table = pd.read_csv(io.BytesIO(gzip.decompress(_copy(path, _result([1, 0], kept=[0, 2])))))
    assert table["group"].isna().tolist() == [False, True, False]
    assert table["a"].tolist() == [1, 3, 5]


def test_a_file_without_column_names_gets_none(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("1.5,2\n3,4\n5,6\n")
    rows = _copy(path, _result([0, 1, 0])).decode().splitlines()
    assert rows == ["1.5,2,1,'=Loyal,0.5", "3,4,2,Group 2,0.7", "5,6,1,'=Loyal,0.9"]


def test_a_workbook_keeps_its_other_sheets_and_the_users_formulas(tmp_path: Path) -> None:
    path, book = tmp_path / "book.xlsx", openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["name", "age", "twice"], ["A", 3, "=B2*2"], [None, None, None], ["B", 4, "=B4*2"], ["C", 5, "=B5*2"]):
        book["Data"].append(row)
    book.create_sheet("Notes")["B2"] = "kept"
    book.save(path)
    back = openpyxl.load_workbook(io.BytesIO(_copy(path, _result([0, 1, 1]))))
    assert back.sheetnames == ["Data", "Notes"]
    assert back["Notes"]["B2"].value == "kept"
    assert [cell.value for cell in back["Data"][1]] == ["name", "age", "twice", "group", "group name", "sure"]
    assert [cell.value for cell in back["Data"][4]] == ["B", 4, "=B4*2", 2, "Group 2", 0.7]
    assert back["Data"]["C2"].data_type == "f"
    assert (back["Data"]["E2"].value, back["Data"]["E2"].data_type) == ("=Loyal", "s")
    assert back["Data"]["D3"].value is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.json", '[{"a": 1, "b": {"c": "ü"}}, {"a": 2}, {"a": 3, "extra": null}]'),
        ("inside.json", '{"about": 7, "rows": [{"a": 1}, {"a": 2}, {"a": 3}]}'),
        ("columns.json", '{"a": [1, 2, 3], "b": ["x", "y", "z"]}'),
        ("lines.jsonl", '{"a": 1}\n\n{"a": 2}\n{"a": 3}\n'),
    ],
)
def test_json_keeps_its_shape(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    back = _copy(path, _result([0, 1, -1])).decode()
    if name.endswith("jsonl"):
        assert [json.loads(line)["group"] for line in back.splitlines()] == [1, 2, None]
        return
    found, before = json.loads(back), json.loads(text)
    if name == "columns.json":
        assert found["group"] == [1, 2, None]
        assert found["a"] == [1, 2, 3]
        return
    rows = found["rows"] if name == "inside.json" else found
    assert [row["group name"] for row in rows] == ["=Loyal", "Group 2", "unassigned"]
    for row, old in zip(rows, before["rows"] if name == "inside.json" else before, strict=True):
        assert {key: row[key] for key in old} == old


def test_parquet_keeps_types(tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    rows = pd.DataFrame(
        {"when": pd.to_datetime(["2024-01-01"] * 3), "n": [1, 2, 3], "kind": pd.Categorical(["a", "b", "a"])}
    )
    rows.to_parquet(path)
    back = pq.read_table(io.BytesIO(_copy(path, _result([0, 1, 0]))))
    assert back.schema.names == ["when", "n", "kind", "group", "group name", "sure"]
    assert back.schema.field("kind").type == pq.read_table(path).schema.field("kind").type
    assert back.to_pandas()["n"].tolist() == [1, 2, 3]


def test_what_has_no_columns_says_so(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("one text\nanother, longer text\nthird\n")
    with pytest.raises(InputError, match="CSV instead"):
        copied(path, _result([0, 1, 0]), 3)
    short = tmp_path / "short.csv"
    short.write_text("a,b\n1,2\n3,4\n")
    for rows in (1, 3):
        with pytest.raises(InputError, match="not those that were read"):
            copied(short, _result([0, 1, 0][:rows]), rows)
    assert [takes_columns(name) for name in ("a.CSV", "b.xlsx", "c.npz", "d.zip")] == [True, True, False, False]
    assert (ending_of("a.CSV.gz"), ending_of("b.xlsx")) == ("csv.gz", "xlsx")


def test_pictures_are_sorted_into_a_folder_for_each_group(tmp_path: Path) -> None:
    for folder, name, shade in (("x", "a.png", 10), ("y", "a.png", 200), ("y", "b.png", 90)):
        (tmp_path / "all" / folder).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (12, 12), (shade, shade, 0)).save(tmp_path / "all" / folder / name)
    (tmp_path / "all" / "notes.md").write_text("no picture")
    raw = inspect(tmp_path / "all")
    result = _result([0, 0, 1])
    archive = zipfile.ZipFile(io.BytesIO(sorted_files(result, raw.rows, files_of(tmp_path / "all"))))
    assert sorted(archive.namelist()) == [
        "Group 1 - Loyal/a.png",
        "Group 1 - Loyal/y_a.png",
        "Group 2/b.png",
        "groups.csv",
    ]
    assert archive.read("Group 2/b.png") == (tmp_path / "all" / "y" / "b.png").read_bytes()
    listed = pd.read_csv(io.BytesIO(archive.read("groups.csv")))
    assert listed["file"].tolist() == ["x/a.png", "y/a.png", "y/b.png"]
    assert listed["group"].tolist() == [1, 1, 2]


def test_every_file_of_a_group_has_a_path_of_its_own() -> None:
    files = [(name, name.encode()) for name in ("c.png", "b_c.png", "x/a_b/c.png", "x/a/b_c.png")]
    rows = pd.DataFrame({"file": [name for name, _ in files]})
    archive = zipfile.ZipFile(io.BytesIO(sorted_files(_result([1, 1, 1, 1]), rows, files)))
    paths = ["c.png", "b_c.png", "x_a_b_c.png", "x_a_b_c (2).png", "groups.csv"]
    assert archive.namelist() == [*(f"Group 2/{path}" for path in paths[:-1]), "groups.csv"]
    assert [archive.read(f"Group 2/{path}").decode() for path in paths[:-1]] == [name for name, _ in files]


def test_pictures_of_an_array_become_files() -> None:
    values = np.arange(3 * 8 * 8, dtype=np.uint8).reshape(3, 8, 8, 1)
    archive = zipfile.ZipFile(io.BytesIO(sorted_arrays(_result([0, 1], kept=[0, 2]), values)))
    assert sorted(archive.namelist())[:2] == ["Group 1 - Loyal/row-1.png", "Group 2/row-3.png"]
    assert "Left out/row-2.png" in archive.namelist()
    assert (np.asarray(Image.open(io.BytesIO(archive.read("Group 2/row-3.png")))) == values[2, ..., 0]).all()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Report 2024,,\n\nname,n\nÄ,03\nB,1.50\nC,5\n", "cp1252"),
        ("name,n\nЯблоко,03,\nГруша,1.50,\nСлива,5,\n", "cp1251"),
        ("# by hand\n# name, n\n客户,03\n地区,1.50\n消费,5\n", "gb18030"),
        ("sep=;\nname;n\nA;03\nB;1,50\nC;5\n", "utf-8"),
        ('"x",y\nA,03\nB,1.50\nC,5\nTotal,9.5\n', "utf-8"),
    ],
)
def test_what_stands_around_the_table_stays_and_every_cell_is_as_it_was(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(text.encode(encoding))
    raw = inspect(path)
    back = copied(path, _result([0, 1, 0]), len(raw), raw.options).decode(encoding)
    delimiter = ";" if ";" in text else ","
    rows = [row for row in csv.reader(io.StringIO(back), delimiter=delimiter) if row]
    before = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    assert [
        [cell for cell in row if cell][: len([c for c in old if c])] for row, old in zip(rows, before, strict=True)
    ] == [[cell for cell in old if cell] for old in before]
    members = [row for row in rows if row[-3:-1] in (["1", "'=Loyal"], ["2", "Group 2"])]
    assert [row[1] for row in members] == ["03", "1,50" if delimiter == ";" else "1.50", "5"]
    header = next(row for row in rows if row[-3:] == ["group", "group name", "sure"])
    assert len({len(row) for row in [header, *members]}) == 1


def test_a_workbook_gets_the_groups_in_the_sheet_and_rows_that_were_read(tmp_path: Path) -> None:
    path, book = tmp_path / "book.xlsx", openpyxl.Workbook()
    book.active.append(["Cover"])
    data = book.create_sheet("Data")
    for row in (["Report", None], [], ["name", "n"], ["A", 3], ["B", 4], ["C", 5.5], ["Total", 12.5]):
        data.append(row)
    book.save(path)
    raw = inspect(path)
    back = openpyxl.load_workbook(io.BytesIO(copied(path, _result([0, 1, 1]), len(raw), raw.options)))["Data"]
    assert [cell.value for cell in back[3]] == ["name", "n", "group", "group name", "sure"]
    assert [back.cell(row, 3).value for row in range(1, 8)] == [None, None, "group", 1, 2, 2, None]

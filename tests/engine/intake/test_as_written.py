"""Cells of a file as they are written in it, for downloads that give them back."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from engine.intake import as_written, inspect
from engine.intake.as_written import rows_as_written
from engine.intake.layout import large_files

TEXT = """Report,,,,
zip,day,spend,mark,
01099,01.02.2024,1.50,-,
50667,15.03.2024,2,NA,
04109,3.4.2024,10, ,
00001,4.4.2024,007,x,
"""
CELLS = [
    ["01099", "01.02.2024", "1.50", "-"],
    ["50667", "15.03.2024", "2", "NA"],
    ["04109", "3.4.2024", "10", " "],
    ["00001", "4.4.2024", "007", "x"],
]


def cells(path: Path) -> pd.DataFrame:
    raw = inspect(path)
    rows = rows_as_written(raw, path, path.parent)
    assert set(rows) == set(raw.rows)
    return rows


def packed(name: str) -> bytes:
    data, out = TEXT.encode(), io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("inner/a.csv", data)
    elif name.endswith(".tar"):
        with tarfile.open(fileobj=out, mode="w") as archive:
            entry = tarfile.TarInfo("a.csv")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue() or (gzip.compress(data) if name.endswith(".gz") else data)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.zip", "a.tar"])
def test_every_cell_is_as_it_was(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(packed(name))
    assert cells(tmp_path / name).to_numpy().tolist() == CELLS


def test_cells_of_a_large_file_are_laid_out_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "LARGE", 1000)
    lines = [f"{i:05},{i}.50,{'ja' if i % 2 else 'Ja '}" for i in range(2000)]
    (tmp_path / "a.csv").write_text("\n".join(["code,price,yes", *lines]) + "\n")
    rows = cells(tmp_path / "a.csv")
    assert [",".join(row) for row in rows.itertuples(index=False)] == lines
    assert (tmp_path / "columns.arrow").exists()


def test_words_in_a_workbook_keep_their_zeros(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["code", "size"], ["007", 1.5], ["010", 2], ["011", 3]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx")["code"].tolist() == ["007", "010", "011"]


def test_a_column_of_lists_comes_back_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,vector\n" + "".join(f'{i},"[0.{i}, 1.0, 2.50]"\n' for i in range(1, 9)))
    raw = inspect(tmp_path / "a.csv")
    assert "vector 3" in raw.rows
    assert rows_as_written(raw, tmp_path / "a.csv", tmp_path)["vector"].tolist()[0] == "[0.1, 1.0, 2.50]"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"a": 1, "b": 2}, {"a": 2, "b": 3}]'),
        ("a.csv", '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n{"a": 3, "b": "z"}\n'),
        ("a.txt", "a text about cats\nand another one\nthe third is short\n"),
    ],
)
def test_values_and_texts_are_given_as_they_were_read(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    raw = inspect(tmp_path / name)
    assert rows_as_written(raw, tmp_path / name, tmp_path) is raw.rows


def test_a_file_that_is_not_the_one_that_was_read_gives_the_values(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    raw = inspect(tmp_path / "a.csv")
    for other in ("zip,day\n1,2\n3,4\n5,6\n", "x,y\n1,2\n3,4\n5,6\n7,8\n", ""):
        (tmp_path / "b.csv").write_text(other)
        assert as_written.rows_as_written(raw, tmp_path / "b.csv", tmp_path) is raw.rows

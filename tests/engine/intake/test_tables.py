"""Delimited files, workbooks, JSON and Parquet become rows in their own types."""

import datetime as dt
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.intake import Raw, inspect, prepare, preprocessing_summary, suggest


def read(tmp_path: Path, text: str | bytes, name: str = "a.csv") -> Raw:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return inspect(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "größe,city\n1.5,Köln\n2.5,Besançon\n".replace(",", delimiter)
    raw = read(tmp_path, text.encode(encoding))
    assert raw.rows.to_dict("list") == {"größe": [1.5, 2.5], "city": ["Köln", "Besançon"]}


def test_euro_sign_means_windows(tmp_path: Path) -> None:
    raw = read(tmp_path, "price,a\n5 €,1\n7 €,3\n".encode("cp1252"))
    assert raw.rows["price"].tolist() == [5, 7]
    assert "Windows-1252" in raw.notes[0]


def test_gzip_is_looked_through(tmp_path: Path) -> None:
    raw = read(tmp_path, gzip.compress(b"a,b\n1,x\n2,y\n"), "a.csv.gz")
    assert raw.rows["a"].tolist() == [1, 2]


def test_quoted_newlines_and_delimiters(tmp_path: Path) -> None:
    raw = read(tmp_path, 'a,note\n1,"one, two\nthree"\n2,"say ""hi"""\n')
    assert raw.rows["note"].tolist() == ["one, two\nthree", 'say "hi"']


def test_blank_lines_and_old_line_ends(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\na,b\r\n1,2\r\n\r\n3,4\r\n\r\n").rows["b"].tolist() == [2, 4]
    assert read(tmp_path, "a,b\r1,2\r3,4").rows["b"].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,25", "-3"], [1.5, 2.25, -3]),
        (["1.234,5", "12", "7,25"], [1234.5, 12, 7.25]),
        (["1,234", "12,345,678", "7"], [1234, 12345678, 7]),
        (["1,234.50", "2", "3.5"], [1234.5, 2, 3.5]),
        (["$1,200", "$5", "$7.50"], [1200, 5, 7.5]),
        (["12 %", "7%", "1.5%"], [12, 7, 1.5]),
        (["1 234", "12 345 678", "7"], [1234, 12345678, 7]),
        (["1e3", "-.5", "+2"], [1000, -0.5, 2]),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, cells: list[str], numbers: list[float]) -> None:
    raw = read(tmp_path, "a\tb\n" + "".join(f"{cell}\tx\n" for cell in cells), "a.tsv")
    assert raw.rows["a"].tolist() == numbers


def test_semicolons_decide_what_a_comma_means(tmp_path: Path) -> None:
    assert read(tmp_path, "a;b\n1,234;x\n5,678;y\n").rows["a"].tolist() == [1.234, 5.678]
    assert read(tmp_path, 'a,b\n"1,234",x\n"5,678",y\n').rows["a"].tolist() == [1234, 5678]


def test_junk_between_numbers_counts_as_blank_and_is_said(tmp_path: Path) -> None:
    cells = [str(i) for i in range(18)] + ["n.a.", "unknown"]
    raw = read(tmp_path, "a,b\n" + "".join(f"{cell},x\n" for cell in cells))
    assert raw.column("a").dtype == "number"
    assert raw.column("a").missing == 2
    assert any("2 cells" in note and "unknown" in note for note in raw.notes)


def test_a_column_of_words_stays_words(tmp_path: Path) -> None:
    raw = read(tmp_path, "a,b\n" + "".join(f"{cell},1\n" for cell in ["1", "2", "red", "green", "blue"]))
    assert raw.column("a").dtype == "category"


def test_codes_with_leading_zeros_stay_words(tmp_path: Path) -> None:
    assert read(tmp_path, "zip,b\n01099,1\n50667,2\n").rows["zip"].tolist() == ["01099", "50667"]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-02-01", "2024-03-15"], "2024-02-01"),
        (["01.02.2024", "15.03.2024"], "2024-02-01"),
        (["15/03/2024", "01/02/2024"], "2024-03-15"),
        (["03/15/2024", "02/01/2024"], "2024-03-15"),
        (["2024-02-01T10:30:00Z", "2024-03-15T11:00:00+01:00"], "2024-02-01 10:30"),
        (["2024-02-01T10:30+0230", "2024-03-15T11:00"], "2024-02-01 08:00"),
        (["2024-02-01 10:30:15.25", "2024-03-15"], "2024-02-01 10:30:15.25"),
        (["2024/2/1 9:05", "2024/3/15 10:00"], "2024-02-01 09:05"),
        (["01.02.2024 13:45", "15.03.2024 09:05"], "2024-02-01 13:45"),
        (["01.02.2024 13:45:10", "02.02.2024 00:00:00"], "2024-02-01 13:45:10"),
        (["2/1/2024 1:45 PM", "3/15/2024 12:05 AM"], "2024-02-01 13:45"),
        (["2/1/2024 12:00:30 AM", "2/13/2024 12:05:00 PM"], "2024-02-01 00:00:30"),
        (["01-02-2024 7:30 a.m.", "15-03-2024 7:30 p.m."], "2024-02-01 07:30"),
    ],
)
def test_dates(tmp_path: Path, cells: list[str], first: str) -> None:
    raw = read(tmp_path, "day,b\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert raw.column("day").dtype == "date"
    assert raw.rows["day"][0] == pd.Timestamp(first)


def test_day_or_month_first_is_one_decision_for_a_column_and_is_said(tmp_path: Path) -> None:
    def notes(*cells: str) -> str:
        return " ".join(read(tmp_path, "when,b\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells))).notes)

    assert "day first, as in “15/03/2024 10:00”" in notes("01/02/2024 09:00", "15/03/2024 10:00", "02/02/2024 11:00")
    assert "month first, as in “03/15/2024”" in notes("01/02/2024", "03/15/2024", "02/02/2024")
    assert "do not say whether day or month comes first; they were read day first" in notes("01.02.2024", "02.02.2024")
    assert "were turned into UTC" in notes("2024-02-01T10:00+01:00", "2024-02-01T11:00+01:00")


def test_impossible_dates_and_times_are_blank_and_counted(tmp_path: Path) -> None:
    cells = ["2024-02-30", "2024-02-01 24:10", "2024-02-01 10:61", *[f"2024-02-{day:02} 10:00" for day in range(1, 21)]]
    raw = read(tmp_path, "when,b\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert raw.rows["when"].isna().tolist() == [True] * 3 + [False] * 20
    assert "3 cells of *when* held no date and were read as blank." in raw.notes


def test_a_log_of_one_day_varies_by_its_times(tmp_path: Path) -> None:
    rows = "".join(f"01.02.2024 {hour:02}:30,{hour % 7}\n" for hour in range(24))
    raw = read(tmp_path, f"when,b\n,3\n{rows}")
    column = raw.column("when")
    assert (column.role, column.distinct) == ("feature", 24)
    prepared = prepare(raw, suggest(raw))
    assert len(np.unique(prepared.x[1:, 0])) == 24
    assert prepared.recipe.restore(prepared.x)["when"][1] == pd.Timestamp("2024-02-01 00:30")
    said = " ".join(preprocessing_summary(raw, suggest(raw)))
    assert "filled with the median (2024-02-01 12:00:00)" in said
    assert "Dates in *when* count in days, and the time of day counts as well, in a circle" in said


def test_truth_values(tmp_path: Path) -> None:
    raw = read(tmp_path, "a,b,c\nTrue,yes,1\nfalse,no,2\n,yes,3\n")
    assert [raw.column(name).dtype for name in "abc"] == ["boolean", "boolean", "number"]
    assert raw.rows["a"].isna().sum() == 1


def test_header_that_is_missing_or_counts(tmp_path: Path) -> None:
    assert list(read(tmp_path, "1.5,2.5\n3,4\n").rows) == ["column 1", "column 2"]
    assert list(read(tmp_path, "0,1,2\n3.5,4,9\n5,1,2\n").rows) == ["0", "1", "2"]


def test_row_names_of_r(tmp_path: Path) -> None:
    raw = read(tmp_path, "mpg,cyl\nMazda,21,6\nFiat,32,4\n")
    assert raw.rows["cyl"].tolist() == [6, 4]


def test_one_text_a_line(tmp_path: Path) -> None:
    raw = read(
        tmp_path, "The card never came, sadly.\nI lost my password\n\nWhere is my parcel, please?\n", "mails.txt"
    )
    assert raw.kind == "text"
    assert len(raw) == 3


def test_workbook(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": ["Ä", "B", "C"],
            "n": [1, 2, None],
            "x": [0.5, 1.5, 2.5],
            "day": [dt.date(2024, 1, i) for i in (1, 2, 3)],
        }
    )
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        pd.DataFrame().to_excel(book, sheet_name="empty", index=False)
        frame.to_excel(book, sheet_name="people", index=False)
    raw = inspect(tmp_path / "a.xlsx")
    assert [raw.column(name).dtype for name in frame] == ["category", "number", "number", "date"]
    assert raw.rows["x"].tolist() == [0.5, 1.5, 2.5]
    assert raw.column("n").missing == 1


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}]',
        '{"rows": [{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}]}',
        '{"a": 1, "b": {"c": "x"}}\n{"a": 2, "b": {"c": "y"}}\n',
        '{"a": [1, 2], "b.c": ["x", "y"]}',
    ],
)
def test_json(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text, "a.json")
    assert raw.rows.to_dict("list") == {"a": [1, 2], "b.c": ["x", "y"]}


def test_parquet_and_frames_read_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": np.arange(30, dtype=np.int16) ** 2,
            "kind": pd.Categorical(["a", "b", None] * 10),
            "when": pd.date_range("2024-01-01", periods=30, tz="Europe/Berlin"),
            "mixed": [1, "2", 3.0] * 10,
            "flag": pd.array([True, False, None] * 10, dtype="boolean"),
        }
    )
    frame.drop(columns="mixed").to_parquet(tmp_path / "a.parquet")
    direct, stored = inspect(frame), inspect(tmp_path / "a.parquet")
    assert [column.dtype for column in direct.columns] == ["number", "category", "date", "number", "boolean"]
    pd.testing.assert_frame_equal(direct.rows.drop(columns="mixed"), stored.rows)
    assert direct.rows["when"][1] == pd.Timestamp("2024-01-01 23:00")


def test_index_with_a_name_becomes_a_column() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5]}, index=pd.Index(["x", "y"], name="who"))
    assert list(inspect(frame).rows) == ["who", "a"]


def test_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    a, b, c = (
        read(tmp_path, text, name)
        for text, name in (("a\n1\n2\n", "a.csv"), ("a\n1\n2\n", "b.csv"), ("a\n1\n3\n", "c.csv"))
    )
    assert a.fingerprint == b.fingerprint != c.fingerprint
    frame = pd.DataFrame({"a": [1, 2]})
    assert inspect(frame).fingerprint == inspect(frame.copy()).fingerprint != inspect(frame + 1).fingerprint


@pytest.mark.parametrize(
    ("name", "rows", "label", "ids"),
    [
        ("csv/Mall_Customers_messy.csv", 812, None, ["CustomerID"]),
        ("csv/Telco-Customer-Churn.csv.gz", 7043, "Churn", ["customerID"]),
        ("csv/adult.csv.gz", 48842, "income", []),
        ("csv/bank-full.csv.gz", 45211, "y", []),
        ("csv/titanic.csv", 891, "survived", []),
        ("csv/mushroom.csv", 8124, "class", []),
        ("csv/penguins.csv", 344, "species", []),
        ("csv/Wholesale_customers_data.csv", 440, None, ["Customer ID"]),
        ("csv/marketing_campaign.csv", 2240, "Response", ["ID"]),
        ("csv/CC_GENERAL.csv", 8950, None, ["Recnum", "CUST_ID"]),
        ("csv/wine_quality.csv", 6497, None, []),
        ("text/banking77.csv", 13083, "label", []),
    ],
)
def test_real_tables(shared, name: str, rows: int, label: str | None, ids: list[str]) -> None:
    raw = inspect(shared(name))
    assert len(raw) == rows
    assert [column.name for column in raw.columns if column.role == "label"] == ([label] if label else [])
    assert [column.name for column in raw.columns if column.role == "id"] == ids
    assert raw.kind == ("text" if name.startswith("text/") else "table")
    if raw.kind == "table":
        prepared = prepare(raw, suggest(raw))
        assert np.isfinite(prepared.x).all()
        assert abs(prepared.x.mean(axis=0)).max() < 1.001


def test_titanic_says_the_same_twice_only_once(shared) -> None:
    raw = inspect(shared("csv/titanic.csv"))
    said = " ".join(preprocessing_summary(raw, suggest(raw)))
    for twin, kept in (("class", "pclass"), ("embark_town", "embarked"), ("alive", "survived")):
        assert f"*{twin}* is left out: it says the same as *{kept}*." in said
    assert "177 blanks in *age* are filled with the median (28)." in said
    assert "*deck* is left out: 77 % of its cells are blank." in said


def test_messy_customers_say_how_many_cells_were_odd(shared) -> None:
    raw = inspect(shared("csv/Mall_Customers_messy.csv"))
    assert [raw.column(name).missing for name in raw.rows] == [0, 0, 10, 30, 60]
    assert "“?” in *Age* was read as blank (10 cells)." in raw.notes


def test_profile_of_a_column(shared) -> None:
    age = inspect(shared("csv/titanic.csv")).column("age")
    assert (age.missing, age.distinct, age.example) == (177, 88, "22")
    assert sum(age.histogram) == 891 - 177
    assert (age.edges[0], age.edges[-1]) == (0.42, 80.0)
    sex = inspect(shared("csv/titanic.csv")).column("sex")
    assert sex.top == (("male", 577), ("female", 314))


def test_a_raw_data_set_survives_saving(shared, tmp_path: Path) -> None:
    for source in (shared("csv/marketing_campaign.csv"), shared("series/JapaneseVowels_TRAIN.ts"), "photos"):
        raw = inspect(source)
        raw.save(tmp_path / "raw")
        again = Raw.load(tmp_path / "raw")
        pd.testing.assert_frame_equal(raw.rows, again.rows)
        assert (again.name, again.kind, again.columns, again.notes) == (raw.name, raw.kind, raw.columns, raw.notes)
        assert again.fingerprint == raw.fingerprint
        assert (again.values is None) == (raw.values is None)
        if raw.values is not None:
            np.testing.assert_array_equal(raw.values, again.values)
        (tmp_path / "raw" / "values.safetensors").unlink(missing_ok=True)


def test_the_time_to_read_grows_no_faster_than_the_rows() -> None:
    import time

    rng = np.random.default_rng(0)
    block = pd.DataFrame(
        {f"v{i}": rng.normal(size=20_000).round(3) for i in range(8)} | {"city": rng.choice(["Rome", "Oslo"], 20_000)}
    )
    body = io.StringIO()
    block.to_csv(body, index=False)
    head, _, rows = body.getvalue().partition("\n")
    from engine.intake.formats import Allowed, read_file

    seconds = []
    for repeats in (1, 10):
        start = time.process_time()
        content = read_file((head + "\n" + rows * repeats).encode(), "big.csv", Allowed(2**30))
        seconds.append(time.process_time() - start)
        assert len(content.rows) == 20_000 * repeats
    assert seconds[1] < 40 * seconds[0]

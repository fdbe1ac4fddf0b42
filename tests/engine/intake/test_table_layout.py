"""Where the table is in a file: titles, comments, names in two rows, labels, units, totals, and how cells are parted."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, inspect
from engine.intake.layout.cell_kinds import kind_of


def read(folder: Path, text: str | bytes, name: str = "some.csv", **options: object) -> Raw:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return inspect(path, options=options)


ROWS = "".join(f"K{i},{i * 7 % 13}.5,{i * 3 % 11}\n" for i in range(12))


def test_delimiters_at_the_end_of_each_row_do_not_shift_the_names(tmp_path: Path) -> None:
    raw = read(tmp_path, "name,a,b\n" + ROWS.replace("\n", ",,\n"))
    assert list(raw.rows) == ["name", "a", "b"]
    assert raw.rows["a"].tolist()[:3] == [0.5, 7.5, 1.5]
    assert list(read(tmp_path, "name,a,b,\n" + ROWS).rows) == ["name", "a", "b"]


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_delimiter_is_no_row(tmp_path: Path, line: str) -> None:
    raw = read(tmp_path, f"{line}\r\nname;a\r\n" + "".join(f"K{i};{i},5\r\n" for i in range(9)))
    assert list(raw.rows) == ["name", "a"]
    assert len(raw) == 9


@pytest.mark.parametrize("sign", ["#", "%", "//"])
def test_comments_above_and_names_in_the_last_of_them(tmp_path: Path, sign: str) -> None:
    raw = read(tmp_path, f"{sign} made by hand, in May\n{sign}\n{sign} name, a, b\n{ROWS}")
    assert list(raw.rows) == ["name", "a", "b"]
    assert "2 lines of comment at the top of *some.csv* were left out." in raw.notes
    assert raw.alternatives["header"][0] == "3"
    above = read(tmp_path, f"{sign} made by hand\nname,a,b\n{ROWS}")
    assert list(above.rows) == ["name", "a", "b"]


def test_titles_above_footnotes_below_and_totals_are_no_members(tmp_path: Path) -> None:
    total = f"Total,{sum(i * 7 % 13 + 0.5 for i in range(12))},{sum(i * 3 % 11 for i in range(12))}\n"
    raw = read(tmp_path, f"Sales 2024,,\n\nname,a,b\n{ROWS}{total}\nSource: our own books\n")
    assert (list(raw.rows), len(raw)) == (["name", "a", "b"], 12)
    said = " ".join(raw.notes)
    assert "Row 1 of *some.csv* stands above the table and was left out: “Sales 2024”" in said
    assert "*Total*" in said
    assert "“Source: our own books”" in said


def test_a_member_called_total_stays(tmp_path: Path) -> None:
    raw = read(tmp_path, f"company,a,b\n{ROWS}Total,3.5,4\n")
    assert len(raw) == 13


def test_labels_and_units_below_the_names_are_no_members(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"name,a,b\nName,How happy are you?,How often?\n{ROWS}")) == 12
    raw = read(tmp_path, f"name,weight,speed\n,kg,[m/s]\n{ROWS}")
    assert len(raw) == 12
    assert "holds units (“kg” and “[m/s]”)" in " ".join(raw.notes)
    junk = read(tmp_path, f"name,a,b\nX,n/a,unknown\n{ROWS}")
    assert len(junk) == 13


def test_names_in_two_rows_are_joined(tmp_path: Path) -> None:
    text = "Report,,,,\n,First,,Second,\nBranch,units,money,units,money\n" + "".join(
        f"B{i},{i},{i * 2},{i * 3},{i * 5 % 7}\n" for i in range(9)
    )
    raw = read(tmp_path, text)
    assert list(raw.rows) == ["Branch", "First units", "First money", "Second units", "Second money"]
    assert len(raw) == 9
    spelled = "key,a,a,b,b\n,x,y,x,y\n" + "".join(f"B{i},{i},{i * 2},{i * 3},{i * 5 % 7}\n" for i in range(9))
    assert list(read(tmp_path, spelled).rows) == ["key", "a x", "a y", "b x", "b y"]


def test_names_that_come_again_on_each_page_are_no_members(tmp_path: Path) -> None:
    raw = read(tmp_path, f"name,a,b\n{ROWS}name,a,b\n{ROWS}")
    assert len(raw) == 24
    assert any("came again in 1 row" in note for note in raw.notes)


def test_blank_rows_and_rows_of_delimiters_are_no_members(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"name,a,b\n{ROWS},,\n,,\n")) == 12


@pytest.mark.parametrize(
    ("first", "named"),
    [
        ("5.1,3.5,setosa", False),
        ("name,2020,2021", True),
        ("0,1,2", True),
        ("1987,12,7", False),
        ("width,height,kind", True),
    ],
)
def test_whether_the_first_row_holds_names(tmp_path: Path, first: str, named: bool) -> None:
    body = {"name": "K{},1{}.5,{}", "0": "{}.5,{}.5,7", "1987": "19{}0,{},{}"}.get(
        first.split(",")[0], "5.{},3.{},setosa"
    )
    rows = "\n".join(body.format(*[i] * body.count("{}")) for i in range(1, 9))
    raw = read(tmp_path, f"{first}\n{rows}\n")
    assert (list(raw.rows) == first.split(",")) == named
    assert len(raw) == 9 - named


def test_categories_without_names_keep_their_first_row(tmp_path: Path) -> None:
    assert len(read(tmp_path, "p,x\ne,s\np,s\ne,x\np,x\n")) == 5


@pytest.mark.parametrize("name", ["a.dat", "a.csv", "a.txt", "a.data"])
def test_columns_parted_by_spaces(tmp_path: Path, name: str) -> None:
    rows = "".join(f"  {i:5.2f}   {i * 7 % 5}  {-i}\n" for i in range(9))
    raw = read(tmp_path, rows, name)
    assert (len(raw), raw.rows.shape[1]) == (9, 3)
    assert list(read(tmp_path, " x  y  z\n" + rows, name).rows) == ["x", "y", "z"]


def test_columns_at_fixed_places_and_with_spaces_inside(tmp_path: Path) -> None:
    cities = ["New York", "Rome", "Rio de Janeiro", "Oslo", "Bath", "Los Angeles"]
    rows = "".join(f"{city:<16}{i * 3.5:>7.2f}{'' if i == 2 else i:>5}\n" for i, city in enumerate(cities))
    raw = read(tmp_path, rows, "a.txt")
    assert raw.rows.iloc[:, 0].tolist() == cities
    assert raw.rows.iloc[2, 1] == 7
    assert np.isnan(raw.rows.iloc[2, 2])


def test_doubled_tabs_count_once(tmp_path: Path) -> None:
    rows = "".join(f"{i}.5\t{'' if i % 4 else chr(9)}{i * 3 % 7}\t{i}\n" for i in range(12))
    assert read(tmp_path, rows, "a.txt").rows.shape == (12, 3)


def test_prose_stays_one_text_a_line(tmp_path: Path) -> None:
    for text in (
        "The card never came, sadly.\nI lost my password, again.\nWhere is my parcel, please?\n",
        "red apple\ngreen pear\nblue plum\n",
        "I paid 3 times\nNobody called me 2 days\nWhere is it\n",
    ):
        raw = read(tmp_path, text, "mails.txt")
        assert (raw.kind, len(raw)) == ("text", 3)


def test_lines_that_are_one_quoted_cell_are_unwrapped(tmp_path: Path) -> None:
    raw = read(tmp_path, "\n".join(f'"{line}"' for line in ("name;a", 'K1;""x; y""', "K2;z", "K3;z")) + "\n")
    assert raw.rows.to_dict("list") == {"name": ["K1", "K2", "K3"], "a": ["x; y", "z", "z"]}


def test_rows_that_are_longer_by_blank_cells_are_read_and_others_named(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"name,a,b\n{ROWS}X,1,2,,\n")) == 13
    with pytest.raises(InputError, match=r"Row 14 .* 4 cells where the table has 3 columns"):
        read(tmp_path, f"name,a,b\n{ROWS}X,1,2,3\n")


def test_rows_are_counted_as_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Row 17 "):
        read(tmp_path, f"Title,,\n\n\nname,a,b\n{ROWS}X,1,2,3\nY,1,2\n")


def test_header_rows_delimiter_and_transposition_can_be_chosen(tmp_path: Path) -> None:
    text = f"name,a,b\n{ROWS}"
    assert "column 1" in read(tmp_path, text, header=0).rows
    assert len(read(tmp_path, text, header=0)) == 13
    assert read(tmp_path, text, header=1, rows=(3, 6)).rows["name"].tolist() == ["K1", "K2", "K3", "K4"]
    assert list(read(tmp_path, text, delimiter=";").rows) == ["name,a,b"]
    turned = read(tmp_path, text, transpose=True)
    assert list(turned.rows)[:3] == ["name", "K0", "K1"]
    assert turned.rows["name"].tolist() == ["a", "b"]
    with pytest.raises(InputError, match=r"Row 400 .* holds no names"):
        read(tmp_path, text, header=400)


def test_a_table_with_too_many_columns_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.intake.layout.widths.WIDEST", 4)
    with pytest.raises(
        InputError, match=r"has 5 columns; at most 4 can be read. Keep those that vary most .*transpose"
    ):
        read(tmp_path, "name,a,b,c,d\nS1,1,2,3,4\nS2,2,3,4,5\n")


def test_a_long_cell_of_digits_takes_no_time() -> None:
    assert kind_of("1" * 200_000 + "x") == "w"

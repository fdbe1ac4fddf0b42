"""Files as programs export them: quoting, merged cells, sums at the end, ranges, identities, and new data in another unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.intake import Raw, ReadOptions, inspect
from engine.intake.wording import number


def _read(folder: Path, text: str, name: str = "table.csv", options: ReadOptions | None = None) -> Raw:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return inspect(path, options=options)


def test_quoted_cells_with_spaces_in_a_table_parted_by_spaces(tmp_path: Path) -> None:
    lines = [f'"{i}" {i / 7:.2f} {i / 3:.2f} "{"one two" if i % 2 else "three"}"' for i in range(1, 31)]
    raw = _read(tmp_path, '"len" "wid" "kind"\n' + "\n".join(lines), "table.txt")
    assert (raw.kind, len(raw)) == ("table", 30)
    assert set(raw.rows["kind"]) == {"one two", "three"}


def test_quotation_marks_behind_a_backslash(tmp_path: Path) -> None:
    lines = [f'"a {i}\\" disk, red",{i},{i + 5}' for i in range(12)]
    raw = _read(tmp_path, "name,size,cost\n" + "\n".join(lines))
    assert list(raw.rows) == ["name", "size", "cost"]
    assert raw.rows["name"][3] == 'a 3" disk, red'
    assert any("backslash" in note for note in raw.notes)


def test_a_backslash_at_the_end_of_a_cell_is_kept(tmp_path: Path) -> None:
    raw = _read(tmp_path, "folder,size\n" + "\n".join(f'"c:\\{i}\\",{i}' for i in range(12)))
    assert raw.rows["folder"][3] == "c:\\3\\"


def test_names_of_merged_cells_hold_for_the_rows_below(tmp_path: Path) -> None:
    lines = [f"{('North', 'South', 'West')[i // 8] if i % 8 == 0 else ''},City {i},{i * 3}" for i in range(24)]
    raw = _read(tmp_path, "region,city,units\n" + "\n".join(lines))
    assert raw.rows["region"].value_counts().to_dict() == {"North": 8, "South": 8, "West": 8}
    assert any("21 blank cells" in note for note in raw.notes)


def test_blanks_between_values_that_come_again_stay_blank(tmp_path: Path) -> None:
    lines = [f"{'late' if i % 3 == 0 else ''},City {i},{i * 3}" for i in range(24)]
    assert _read(tmp_path, "remark,city,units\n" + "\n".join(lines)).column("remark").missing == 16


def test_a_last_row_with_the_word_sum_alone_is_left_out(tmp_path: Path) -> None:
    lines = [f"2023-01-{i + 1:02},shop {i % 3},{i * 3}" for i in range(20)]
    raw = _read(tmp_path, "day,payee,amount\n" + "\n".join(lines) + "\nSumme,,\n")
    assert len(raw) == 20
    assert any("Summe" in note for note in raw.notes)


def test_a_rule_below_the_names_is_no_row(tmp_path: Path) -> None:
    lines = [f"| n{i} | {i} | {i * 3} |" for i in range(20)]
    raw = _read(tmp_path, "| name | len | wid |\n|:-----|----:|----:|\n" + "\n".join(lines), "table.md")
    assert len(raw) == 20
    assert not any("labels" in note for note in raw.notes)


def test_ranges_of_money(tmp_path: Path) -> None:
    classes = ("Less than $25,000", "$25,000 - $49,999", "$50k - $99k", "$100,000 or more")
    raw = _read(tmp_path, "income;n\n" + "\n".join(f"{classes[i % 4]};{i}" for i in range(24)))
    assert raw.rows["income"].tolist()[:4] == [25_000, 37_499.5, 74_500, 100_000]


def test_amounts_in_several_currencies_are_named(tmp_path: Path) -> None:
    raw = _read(tmp_path, "price;n\n" + "\n".join(f"{'$€£'[i % 3]}{i + 1}.50;{i % 7}" for i in range(24)))
    assert raw.column("price").role == "ignore"
    assert any("EUR" in note and "USD" in note and "not read as numbers" in note for note in raw.notes)


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("{i:03}-45-6789", "Social security"),
        ("10.0.{i}.7", "Network"),
        ("DE89 3704 0044 0532 01{i:02} 00", "Account"),
        ("(555) 123-45{i:02}", "Telephone"),
    ],
)
def test_what_a_column_of_identities_is_called(tmp_path: Path, cell: str, what: str) -> None:
    raw = _read(tmp_path, "it;n\n" + "\n".join(f"{cell.format(i=i + 10)};{i % 7}" for i in range(40)))
    assert raw.column("it").role == "ignore"
    assert raw.column("it").warning.startswith(what)


@pytest.mark.parametrize("word", ["Place", "Route", "Court"])
def test_a_word_and_a_number_are_no_address(tmp_path: Path, word: str) -> None:
    raw = _read(tmp_path, "venue;n\n" + "\n".join(f"{word} {i};{i % 7}" for i in range(40)))
    assert "Addresses" not in raw.column("venue").warning


def test_cells_of_tissue_are_no_contact_data(tmp_path: Path) -> None:
    raw = _read(tmp_path, "cell,a,b\n" + "\n".join(f"AAAC{i:04}-1,{i % 7},{i % 5}" for i in range(40)))
    assert raw.column("cell").role == "id"


def test_dates_that_leave_the_order_open_follow_the_others_and_say_so(tmp_path: Path) -> None:
    lines = [f"{(i % 12) + 1:02}/{(i * 5 % 12) + 1:02}/2023;{i % 28 + 1:02}/{i % 12 + 1:02}/2023" for i in range(40)]
    raw = _read(tmp_path, "opened;closed\n" + "\n".join(lines))
    assert raw.rows["opened"][1].day == 2
    assert any("*opened* were read day first" in note for note in raw.notes)


def test_seconds_since_1970_under_the_name_last_seen(tmp_path: Path) -> None:
    raw = _read(tmp_path, "last_seen,n\n" + "\n".join(f"{1_600_000_000 + 86_400 * i},{i % 7}" for i in range(40)))
    assert raw.column("last_seen").dtype == "date"


def test_new_data_in_another_unit_with_three_decimals(tmp_path: Path) -> None:
    lines = [f"K{i};{150 + i},5 cm" for i in range(40)]
    raw = _read(tmp_path, "kunde;größe\n" + "\n".join(lines))
    new = _read(tmp_path, "kunde,größe\nx,1.500 m\ny,1.750 m\n", "new.csv", raw.options_for_new_data)
    assert new.rows["größe"].tolist() == [150, 175]
    assert not any("*kunde*" in note for note in new.notes)


def test_huge_numbers_read_short_in_a_sentence() -> None:
    assert (number(1e300), number(-2.5e20), number(1234567.0)) == ("1e+300", "-2.5e+20", "1,234,567")


def test_a_first_row_of_errors_that_come_again_is_a_row(tmp_path: Path) -> None:
    lines = [
        f"{'error' if i % 9 == 0 else i},{'#DIV/0!' if i % 7 == 0 else i + 2},{'broken' if i % 8 == 0 else 2}"
        for i in range(40)
    ]
    assert len(_read(tmp_path, "v,w,z\n" + "\n".join(lines))) == 40


def test_totals_of_groups_between_the_rows_are_left_out(tmp_path: Path) -> None:
    groups = ("North", "South", "West")
    lines = [line for group in groups for line in (*(f"{group},{i},{i * 3}" for i in range(9)), f"{group} Total,,108")]
    raw = _read(tmp_path, "region,shop,units\n" + "\n".join([*lines, "Grand Total,,324"]))
    assert set(raw.rows["region"]) == set(groups)
    assert any("*North Total*" in note for note in raw.notes)


def test_marks_out_of_a_number(tmp_path: Path) -> None:
    lines = [f"{i % 5}.5/5;{60 + i} out of 100;{100 + i}/{60 + i % 9}" for i in range(30)]
    raw = _read(tmp_path, "rating;score;bp\n" + "\n".join(lines))
    assert raw.kind == "table"
    assert (raw.rows["rating"][1], raw.rows["score"][1]) == (1.5, 61)
    assert "bp" not in raw.rows  # two pressures, and no mark out of a number


def test_times_behind_dates_with_a_dot(tmp_path: Path) -> None:
    raw = _read(tmp_path, "visit;n\n" + "\n".join(f"{i % 28 + 1:02}/03/2022 {i % 24:02}.15;{i % 7}" for i in range(40)))
    assert str(raw.rows["visit"][5]) == "2022-03-06 05:15:00"


def test_durations_name_an_example(tmp_path: Path) -> None:
    raw = _read(tmp_path, "duration;n\n" + "\n".join(f"0:{i % 60:02}:10;{i % 7}" for i in range(1, 40)))
    assert any("0:01:10” is 70" in note for note in raw.notes)

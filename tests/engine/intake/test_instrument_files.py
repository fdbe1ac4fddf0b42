"""Tables as instruments, databases and programs write them: scales as names, frames, ends of lines, heads of loggers."""

from pathlib import Path

import numpy as np
import pytest

from engine.intake import Raw, inspect

N = 20


def read(folder: Path, text: str, name: str) -> Raw:
    (folder / name).write_text(text, encoding="utf-8")
    return inspect(folder / name)


def table(cells: list[list[object]], sep: str = ",", end: str = "\n") -> str:
    return end.join(sep.join(map(str, row)) for row in cells) + end


@pytest.mark.parametrize("first", [["sample"], []])
@pytest.mark.parametrize("scale", [[400.5 + 2.5 * i for i in range(8)], [900 - 10 * i for i in range(8)]])
def test_wavelengths_are_names(tmp_path: Path, first: list[str], scale: list[float]) -> None:
    values = np.random.default_rng(0).random((N, 8)).round(4)
    rows = [[*([f"leaf {i}"] if first else []), *row] for i, row in enumerate(values)]
    raw = read(tmp_path, table([[*first, *scale], *rows]), "spectra.csv")
    assert len(raw) == N
    assert list(raw.rows) == [*first, *map(str, scale)]


def test_masses_at_uneven_steps_are_names(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((N, 10)).round(4)
    masses = [100 + round(3.7 * i**1.3, 3) for i in range(10)]
    assert list(read(tmp_path, table([masses, *values.tolist()]), "peaks.csv").rows) == list(map(str, masses))


def test_rows_that_all_rise_have_no_names(tmp_path: Path) -> None:
    raw = read(tmp_path, table([[i + j for j in range(9)] for i in np.linspace(0.1, 7.3, N)]), "growth.csv")
    assert len(raw) == N


def test_a_row_of_values_that_happens_to_rise_is_no_name(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((N, 5)).round(4)
    values[0] = [0.1, 0.15, 0.3, 0.5, 0.9]
    assert len(read(tmp_path, table(values.tolist()), "values.csv")) == N


def test_a_table_of_r_with_quotes_and_tabs(tmp_path: Path) -> None:
    names = [f'"C{i}"' for i in range(6)]
    rows = [[f'"G{i}"', *range(i, i + 6)] for i in range(N)]
    raw = read(tmp_path, table([names, *rows], "\t"), "counts.txt")
    assert (raw.kind, len(raw), list(raw.rows)[1:]) == ("table", N, [f"C{i}" for i in range(6)])


def test_numbers_aligned_by_spaces_before_a_tab(tmp_path: Path) -> None:
    rows = [f'{18 + i / 2:.1f}   8   {300 + i:.1f}      {"?" if i == 3 else 130 + i}\t"car {i}"' for i in range(N)]
    raw = read(tmp_path, "\n".join(rows), "auto-mpg.data")
    assert (raw.kind, raw.rows.shape) == ("table", (N, 5))
    assert raw.column("column 4").missing == 1
    assert raw.rows["column 5"].iloc[2] == "car 2"


def test_vectors_behind_a_tab_stay_in_their_column(tmp_path: Path) -> None:
    rows = [f"doc{i}\t" + " ".join(f"{(i * j) % 7 / 7:.3f}" for j in range(1, 17)) for i in range(N)]
    raw = read(tmp_path, "id\tvector\n" + "\n".join(rows), "vectors.tsv")
    assert list(raw.rows) == ["id", *(f"vector {i}" for i in range(1, 17))]


def test_semicolons_that_end_lines_between_commas(tmp_path: Path) -> None:
    rows = [[33 + i % 3, "Walking", 4910596 + i, 0.5 + i] for i in range(N)]
    raw = read(tmp_path, table(rows, end=";\n"), "log.txt")
    assert raw.rows.shape == (N, 4)
    assert raw.rows["column 4"].iloc[0] == 0.5
    assert "The semicolon at the end of each line was taken away." in raw.notes


def test_a_rare_delimiter(tmp_path: Path) -> None:
    rows = [["id", "a", "b"], *([i, i % 3, i / 4] for i in range(N))]
    assert list(read(tmp_path, table(rows, "~"), "x.csv").rows) == ["id", "a", "b"]


def test_the_frame_that_a_database_draws(tmp_path: Path) -> None:
    line = "+----+------+\n"
    rows = "".join(f"| {i:2} | {i / 4:.2f} |\n" for i in range(N))
    raw = read(tmp_path, f"{line}| id | a    |\n{line}{rows}{line}{N} rows in set (0.00 sec)\n", "out.txt")
    assert (len(raw), list(raw.rows)) == (N, ["id", "a"])


def test_a_logger_names_itself_above_the_names(tmp_path: Path) -> None:
    head = [
        ["TOA5", "Station1", "CR1000", "12345", "CR1000.Std.32", "CPU:prog.CR1", "1234", "Hourly"],
        ["TIMESTAMP", "RECORD", "AirTC_Avg", "RH"],
        ["TS", "RN", "Deg C", "%"],
        ["", "", "Avg", "Smp"],
    ]
    rows = [[f"2024-01-01 {i:02}:00:00", i, 2.5 + i, 90 - i] for i in range(N)]
    raw = read(tmp_path, table([*head, *rows]), "station.dat")
    assert (len(raw), list(raw.rows)) == (N, ["TIMESTAMP", "RECORD", "AirTC_Avg", "RH"])
    assert raw.column("AirTC_Avg").dtype == "number"


def test_a_long_head_of_keys_and_values(tmp_path: Path) -> None:
    head = [
        *([f"Setting_{i}", i] for i in range(15)),
        ["Samples", 60, 60],
        ["Y_Unit_Label", "Volts", "Volts"],
        ["X0", 0.0, 0.0],
        ["***End_of_Header***", "", ""],
        ["X_Value", "Voltage_0", "Voltage_1"],
    ]
    raw = read(tmp_path, table([*head, *([i / 10, i % 7, i % 5] for i in range(N))], "\t"), "test.lvm")
    assert (len(raw), list(raw.rows)) == (N, ["X_Value", "Voltage_0", "Voltage_1"])


def test_a_grand_total_in_a_cell_of_its_own(tmp_path: Path) -> None:
    rows = [["page", "views"], ["", 999, "Grand total"], *([f"/{i}", 10 * i] for i in range(N))]
    raw = read(tmp_path, table(rows), "report.csv")
    assert len(raw) == N
    assert "1 row of *report.csv* with totals of the others was left out." in raw.notes


def test_fixed_width_with_spaces_in_the_first_cells(tmp_path: Path) -> None:
    rows = "".join(
        f"{f'ST {i}':<12}{i / 3 + 2:5.1f}  {90 - i:6.1f}  {['N', 'NE', 'S', 'W'][i % 4]:>3}\n" for i in range(N)
    )
    raw = read(tmp_path, "STATION      TEMP    RAIN  DIR\n" + rows, "report.txt")
    assert list(raw.rows) == ["STATION", "TEMP", "RAIN", "DIR"]
    assert raw.rows["STATION"].iloc[0] == "ST 0"


def test_lists_of_words_below_one_name(tmp_path: Path) -> None:
    words = ["ball", "goal", "team", "coach", "match", "league", "bank", "stock"]
    rows = "\n".join(f"{words[i % 8]}; {words[(i * 3 + 1) % 8]}; {words[(i * 5 + 2) % 8]}" for i in range(N))
    raw = read(tmp_path, f"keywords\n{rows}\n", "keywords.csv")
    assert list(raw.rows) == ["keywords"]
    assert len(raw) == N

"""Two values in a cell, angles, columns that measure different things, times of day, and logs of keys and values."""

import random
from pathlib import Path

import numpy as np
import pytest

from engine.intake import Raw, column_preview, inspect, suggest
from engine.intake.as_written import rows_as_written


def read(folder: Path, name: str, text: str, **options: object) -> Raw:
    """What a text file of this content is read to."""
    (folder / name).write_text(text, encoding="utf-8")
    return inspect(folder / name, options=options)


def pressures(n: int = 60, name: str = "BP") -> str:
    draw = random.Random(0)
    rows = "".join(f"P{i};{draw.randint(100, 170)}/{draw.randint(60, 100)};{20 + i % 50}\n" for i in range(n))
    return f"patient;{name};age\n{rows}P99;;40\n"


def test_a_blood_pressure_becomes_two_numbers(tmp_path: Path) -> None:
    raw = read(tmp_path, "visits.csv", pressures())
    assert [(c.name, c.dtype) for c in raw.columns][1:3] == [("BP systolic", "number"), ("BP diastolic", "number")]
    assert raw.rows["BP systolic"].between(100, 170).sum() == 60
    assert raw.column("BP diastolic").missing == 1
    assert [note for note in raw.notes if "*BP*" in note and "two values in a cell" in note]
    written = rows_as_written(raw, tmp_path / "visits.csv", tmp_path)
    assert "/" in written["BP"][0], "a copy has the cells of the file"


def test_new_pressures_are_parted_as_training_data_were(tmp_path: Path) -> None:
    raw = read(tmp_path, "visits.csv", pressures())
    new = "patient;BP;age\nA;120/80;40\nB;unknown;50\nC;130/85;60\n"
    found = read(tmp_path, "new.csv", new, formats=raw.formats)
    assert found.rows["BP systolic"].tolist()[::2] == [120, 130]
    assert np.isnan(found.rows["BP systolic"][1])
    assert "BP" not in found.rows


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("mark", [f"{i % 18}/20" for i in range(60)]),
        ("expires", [f"{1 + i % 12:02}/{24 + i % 5}" for i in range(60)]),
        ("inches", [f"{13 + i % 3}/{(16, 32, 64)[i % 3]}" for i in range(60)]),
        ("route", [f"{100 + i}/{i}a" for i in range(60)]),
        ("ratio", ["16/9", "21/9", "14/3"] * 20),
    ],
)
def test_what_only_looks_like_a_pair_stays_one_column(name: str, cells: list[str], tmp_path: Path) -> None:
    raw = read(tmp_path, "a.csv", f"{name},x\n" + "".join(f"{cell},{i % 7}\n" for i, cell in enumerate(cells)))
    assert list(raw.rows) == [name, "x"]


def test_places_in_a_cell_become_latitude_and_longitude(tmp_path: Path) -> None:
    draw = random.Random(0)
    places = [(draw.uniform(45, 50), draw.uniform(-4, 4)) for _ in range(40)]
    rows = "".join(f'S{i},"{a:.5f}, {b:.5f}",POINT ({b:.4f} {a:.4f})\n' for i, (a, b) in enumerate(places))
    raw = read(tmp_path, "shops.csv", f"shop,where,geometry\n{rows}")
    assert list(raw.rows)[1:] == ["where latitude", "where longitude", "geometry longitude", "geometry latitude"]
    assert raw.rows["where latitude"].between(45, 50).all()
    assert raw.rows["geometry latitude"].between(45, 50).all()


DMS = {
    "48°51'24\"N": 48.8567,
    "48° 51′ 24.5″ S": -48.8568,
    "-2°21'03\"": -2.3508,
    "W 2° 21.5'": -2.3583,
    "48 51 24 N": 48.8567,
    "122:30:00W": -122.5,
}


@pytest.mark.parametrize("cell", DMS)
def test_degrees_minutes_and_seconds_are_degrees(cell: str, tmp_path: Path) -> None:
    rows = [cell.replace("24", f"{i:02}").replace("21", f"{i:02}").replace(":00W", f":{i:02}W") for i in range(10, 50)]
    rows[0] = cell
    quoted = "".join('"' + row.replace('"', '""') + f'",{i}\n' for i, row in enumerate(rows))
    raw = read(tmp_path, "stations.csv", f"position,x\n{quoted}")
    assert raw.rows["position"][0] == pytest.approx(DMS[cell], abs=1e-4)
    assert "degrees and minutes" in " ".join(raw.notes)


def test_east_in_german_and_west_in_french(tmp_path: Path) -> None:
    german = "ort;länge\n" + "".join(f"A{i};{i % 9}° {i % 60}' {'OW'[i % 2]}\n" for i in range(30))
    french = "lieu;longitude\n" + "".join(f"A{i};{i % 9}° {i % 60}' {'OE'[i % 2]}\n" for i in range(30))
    unclear = "ort;x\n" + "".join(f"A{i};{i % 9}° {i % 60}' O\n" for i in range(30))
    assert (read(tmp_path, "a.csv", german).rows["länge"][2::2] >= 0).all()
    assert (read(tmp_path, "b.csv", french).rows["longitude"][2::2] <= 0).all()
    assert read(tmp_path, "c.csv", unclear).column("x").dtype == "category"


def test_both_angles_in_a_cell(tmp_path: Path) -> None:
    rows = "".join(f"{40 + i % 9}°{i % 60}'{i % 50}\"N {i % 9}°{i % 60}'{i % 50}\"W;{i}\n" for i in range(40))
    raw = read(tmp_path, "a.csv", f"coordinates;n\n{rows}".replace('"', "″"))
    assert list(raw.rows)[:2] == ["coordinates latitude", "coordinates longitude"]
    assert raw.rows["coordinates longitude"].max() <= 0 < raw.rows["coordinates latitude"].min()


def test_kilograms_beside_centimeters_are_said_and_stay_words(tmp_path: Path) -> None:
    rows = "".join(f"{60 + i} kg,{i % 7}\n{150 + i} cm,{i % 5}\n" for i in range(30))
    raw = read(tmp_path, "a.csv", f"measure,x\n{rows}")
    assert raw.column("measure").dtype == "category"
    assert any("numbers in cm and kg, which measure different things" in note for note in raw.notes)


def test_minutes_and_seconds_are_still_durations(tmp_path: Path) -> None:
    raw = read(tmp_path, "a.csv", "took,x\n" + "".join(f"{i} {'sm'[i % 2]},{i % 5}\n" for i in range(1, 60)))
    assert not any("different things" in note for note in raw.notes)


def test_times_are_shown_as_times(tmp_path: Path) -> None:
    raw = read(tmp_path, "a.csv", "start,x\n" + "".join(f"{i % 24:02}:{i % 60:02},{i % 7}\n" for i in range(19, 90)))
    assert raw.column("start").example == "19:19"
    preview = column_preview(raw, suggest(raw), "start")
    assert preview is not None
    assert preview.examples[0][0] == "19:19"


LOG = "".join(
    f'ts=2024-01-{1 + i % 28:02}T10:{i % 60:02}:00Z level={("info", "warn", "error")[i % 3]} msg="request {i} \\"done\\"" '
    f"took={i * 1.5}ms {'user=ann ' if i % 2 else ''}status={200 + i % 4}\n"
    for i in range(60)
)


@pytest.mark.parametrize("name", ["app.log", "app.txt", "app"])
def test_a_log_of_keys_and_values_is_a_table(name: str, tmp_path: Path) -> None:
    raw = read(tmp_path, name, LOG)
    assert raw.kind in ("table", "text")
    assert set(raw.rows) == {"ts", "level", "msg", "took", "user", "status"}
    assert raw.column("ts").dtype == "date"
    assert raw.column("took").dtype == "number"
    assert raw.column("user").missing == 30
    assert raw.rows["msg"][3] == 'request 3 "done"'


def test_lines_with_an_equals_sign_are_no_log(tmp_path: Path) -> None:
    raw = read(tmp_path, "a.txt", "".join(f"we think that a={i} and so b={i} follows\n" for i in range(30)))
    assert list(raw.rows) == ["text"]

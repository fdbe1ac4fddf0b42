"""Long and wide tables of series are noticed and can be asked for; names in zips are spelled right."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from engine.cli.output import with_series
from engine.core.errors import InputError
from engine.intake import ReadOptions, inspect
from engine.intake.files.zip_names import entry_names
from engine.results.export.image_folders import files_of

LONG = pd.DataFrame(
    [(i, t, np.sin(t / (2 + i % 3)) + i / 30) for i in range(12) for t in range(20)], columns=["id", "time", "value"]
)


def test_a_long_table_is_noticed_and_its_key_is_an_id() -> None:
    raw = inspect(LONG, name="long.csv")
    assert raw.column("id").role == "id"
    assert any("12 series of up to 20 moments" in note and "--series" in note for note in raw.notes)
    words = LONG.assign(
        id="meter " + LONG["id"].astype(str), time=pd.Timestamp("2024-01-01") + pd.to_timedelta(LONG["time"], "D")
    )
    assert any("12 series" in note for note in inspect(words.sample(frac=1, random_state=0)).notes)


@pytest.mark.parametrize(
    "table",
    [
        LONG.assign(time=np.random.default_rng(0).integers(0, 10_000, len(LONG))),
        pd.DataFrame({"customer": range(240), "day": list(range(20)) * 12, "price": LONG["value"] * 7.3}),
        LONG.rename(columns={"time": "pages"}),
    ],
    ids=["no grid", "a row each", "no time"],
)
def test_other_tables_are_not(table: pd.DataFrame) -> None:
    assert not any("--series" in note for note in inspect(table).notes)


def test_a_long_table_is_read_as_series_from_the_command_line(tmp_path: Path) -> None:
    LONG.to_csv(tmp_path / "long.csv", index=False)
    options = with_series(ReadOptions(), "id", "time", rows_are_series=False)
    raw = inspect(tmp_path / "long.csv", options=options)
    assert raw.array.shape == (12, 1, 20)
    assert not any("--series" in note for note in raw.notes)
    assert len(inspect(tmp_path / "long.csv", options=raw.options_for_new_data)) == 12


def test_a_table_with_a_series_in_each_row(tmp_path: Path) -> None:
    wide = LONG.pivot_table(index="id", columns="time", values="value").add_prefix("t")
    wide.to_csv(tmp_path / "wide.csv", index=False)
    assert any("--rows-are-series" in note for note in inspect(tmp_path / "wide.csv").notes)
    raw = inspect(tmp_path / "wide.csv", options=with_series(ReadOptions(), None, None, rows_are_series=True))
    assert raw.array.shape == (12, 1, 20)
    assert raw.options.series == {"columns": [f"t{i}" for i in range(20)]}


def test_what_does_not_go_together_is_said() -> None:
    with pytest.raises(InputError, match="not both"):
        with_series(ReadOptions(), "id", None, rows_are_series=True)
    with pytest.raises(InputError, match="--series"):
        with_series(ReadOptions(), None, "time", rows_are_series=False)


def zipped(names: list[bytes], path: Path) -> Path:
    """A zip of pictures under names without the flag for UTF-8."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for i, name in enumerate(names):
            picture = io.BytesIO()
            Image.new("L", (8, 8), 40 * i).save(picture, "PNG")
            archive.writestr("x" * (len(name) - 1) + chr(97 + i), picture.getvalue())
    data = stream.getvalue()
    for i, name in enumerate(names):
        data = data.replace(b"x" * (len(name) - 1) + bytes([97 + i]), name)
    (path / "a.zip").write_bytes(data)
    return path / "a.zip"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["café/bild 1.png", "größe/bild 2.png"]),
        ("cp437", ["café/bild 1.png", "größe/bild 2.png"]),
        ("cp850", ["Álbum/não 1.png", "São/2.png"]),
        ("gbk", ["红色/图片1.png", "蓝色/图片2.png"]),
        ("shift_jis", ["写真/ねこ1.png", "写真/イヌ2.png"]),
        ("cp866", ["кошки/снимок1.png", "собаки/снимок2.png"]),
    ],
)
def test_names_in_zips_are_spelled_right(tmp_path: Path, encoding: str, names: list[str]) -> None:
    path = zipped([name.encode(encoding) for name in names], tmp_path)
    assert inspect(path).rows["file"].tolist() == names
    assert [name for name, _ in files_of(path)] == names
    with zipfile.ZipFile(path) as archive:
        assert entry_names(archive.infolist()) == names

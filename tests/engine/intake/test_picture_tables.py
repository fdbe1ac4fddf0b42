"""Pictures in a column of a table, and tables that say what pictures show."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from engine.intake import Raw, inspect

N = 8


def png(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((9, 9), shade, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def zipped(folder: Path, files: Mapping[str, bytes | str]) -> Raw:
    with zipfile.ZipFile(folder / "files.zip", "w") as archive:
        for inner, data in files.items():
            archive.writestr(inner, data)
    return inspect(folder / "files.zip")


def test_pictures_in_a_column(tmp_path: Path) -> None:
    for cells in ([{"bytes": png(30 * i), "path": f"{i}.png"} for i in range(N)], [png(30 * i) for i in range(N)]):
        pd.DataFrame({"image": cells, "label": [i % 2 for i in range(N)]}).to_parquet(tmp_path / "train.parquet")
        raw = inspect(tmp_path / "train.parquet")
        assert (raw.kind, raw.array.shape) == ("image", (N, 9, 9, 1))
        assert raw.array[:, 0, 0, 0].tolist() == [30 * i for i in range(N)]
        assert raw.column("label").role == "label"
        assert "The pictures are those in column *image* of *train.parquet*." in raw.notes


def test_bytes_that_are_no_pictures(tmp_path: Path) -> None:
    frame = pd.DataFrame({"blob": [b"ab", b"cd"] * 4, "nested": [{"x": b"ab"}] * N, "size": range(N)})
    frame.to_parquet(tmp_path / "table.parquet")
    raw = inspect(tmp_path / "table.parquet")
    assert raw.kind == "table"
    assert raw.rows["blob"].tolist()[:2] == ["ab", "cd"]


def test_a_table_of_labels_beside_pictures(tmp_path: Path) -> None:
    rows = "".join(f"{i:03}.png,{'cat' if i % 2 else 'dog'},{i}\n" for i in reversed(range(N)))
    files = {f"images/{i:03}.png": png(30 * i) for i in range(N)}
    raw = zipped(tmp_path, {**files, "labels.csv": "filename,label,size\n" + rows, "README.md": "hello"})
    assert raw.rows["label"].tolist() == ["dog", "cat"] * (N // 2)
    assert raw.rows["size"].tolist() == list(range(N))
    assert [raw.column(name).role for name in ("label", "size")] == ["label", "ignore"]
    assert "What *labels.csv* says of the pictures stands beside them: *label* and *size*." in raw.notes
    assert "1 file was no picture and was left out: *README.md*." in raw.notes


def test_the_only_thing_that_is_known_is_the_answer(tmp_path: Path) -> None:
    files = {f"{i % 3}/dog{i}.png": png(30 * i) for i in range(N)}
    raw = zipped(tmp_path, {**files, "breeds.csv": "id,breed\n" + "".join(f"dog{i},{'ab'[i % 2]}\n" for i in range(N))})
    assert raw.column("breed").role == "label"
    assert raw.column("folder").role == "ignore"


def test_a_table_about_other_things_is_left_out(tmp_path: Path) -> None:
    files = {f"{i}.png": png(30 * i) for i in range(N)}
    raw = zipped(tmp_path, {**files, "prices.csv": "fruit,price\napple,1\npear,2\n"})
    assert list(raw.rows) == ["file"]


def test_arrays_whose_last_axis_counts_pictures(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 255, (16, 16, 3, 30)).astype(np.uint8)
    np.savez(tmp_path / "train.npz", X=x, y=np.arange(30) % 3)
    raw = inspect(tmp_path / "train.npz")
    assert raw.array.shape == (30, 16, 16, 3)
    assert "The last axis of *X* counts its members, as *y* does." in raw.notes


def test_labels_of_one_part_of_the_data(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 255, (30, 16, 16)).astype(np.uint8)
    np.savez(tmp_path / "train.npz", train_images=x, train_labels=np.arange(30)[:, None] % 3)
    raw = inspect(tmp_path / "train.npz")
    assert raw.kind == "image"
    assert raw.column("label").role == "label"


def test_names_of_files_are_no_numbers() -> None:
    raw = inspect(pd.DataFrame({"photo": [f"{i:03}.png" for i in range(30)], "size": np.arange(30) % 7}))
    assert raw.column("photo").dtype == "category"
    assert raw.rows["photo"].iloc[1] == "001.png"

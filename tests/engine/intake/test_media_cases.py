"""Pictures, series, arrays and vectors as people have them: the right groups come out of each without a click."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from engine.core.errors import InputError
from engine.intake import Raw, ReadOptions, inspect, prepare, suggest

SHARED = Path(os.environ.get("CONSTELLA_CASES", "../shared/cases")) / "media"
GROUPED = {
    "01-embedding-strings": ["input.csv", "input.jsonl", "input.parquet"],
    "03-float-tiff": ["input.zip"],
    "04-tiff16-dim": ["input.zip"],
    "06-time-by-channels": ["input.npy"],
    "08-zip-mess": ["input.zip", "input_cp437.zip", "input_utf8_noflag.zip"],
    "10-tiff-stack": ["input.tif", "input_two_stacks.zip"],
    "12-series-holes": ["input.ts"],
    "16-imbalance": ["input.csv"],
    "17-array-layouts": [
        *("input_be.npy", "input_chw_f01.npy", "input_chw_m11.npy", "input_chw_norm.npy", "input_f16_fortran.npy"),
        *("input_gray_20x28.npy", "input_hwc_f255.npy", "input_hwc_u8.npy"),
    ],
    "19-object-labels": ["input.npz", "input_U.npz"],
    "21-space-separated": ["input.csv", "input.dat", "input.data", "input.txt", "input_glove.txt"],
    "22-series-offset": ["input.npy", "input.ts"],
    "26-umi-depth": ["input.csv"],
    "28-one-column": ["input.csv"],
}


def case(name: str, file: str) -> Path:
    path = SHARED / name / file
    if not path.exists():
        pytest.skip(f"{name}/{file} is not at hand: set CONSTELLA_CASES to the folder of shared cases")
    return path


def groups(raw: Raw, k: int) -> np.ndarray:
    x = prepare(raw, suggest(raw)).x
    return KMeans(k, n_init=10, random_state=0).fit_predict(x.reshape(len(x), -1))


def accuracy(truth: np.ndarray, found: np.ndarray) -> float:
    counts = np.zeros((truth.max() + 1, found.max() + 1), int)
    np.add.at(counts, (truth, found), 1)
    return float(counts[linear_sum_assignment(-counts)].sum() / len(truth))


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, files in GROUPED.items() for file in files])
def test_the_right_groups_come_out(name: str, file: str) -> None:
    path = case(name, file)
    expected = json.loads((path.parent / "expected.json").read_text())
    raw = inspect(path)
    assert len(raw) - expected.get("left_out", 0) == expected["n"]
    assert accuracy(np.array(expected["truth"]), groups(raw, expected["k"])) == 1


@pytest.mark.parametrize("file", ["input_13bands.zip", "input_4bands.zip", "input_rgb16.zip"])
def test_every_band_of_satellite_pictures_is_read(file: str) -> None:
    raw = inspect(case("35-tiff-many-bands", file))
    assert raw.array.shape[0] == 20
    assert raw.array.shape[3] == {"input_13bands.zip": 13, "input_4bands.zip": 4, "input_rgb16.zip": 3}[file]
    assert sorted(np.bincount(groups(raw, 2))) == [10, 10]


def test_a_long_table_holds_series() -> None:
    path = case("30-long-table", "input.csv")
    assert any("30 series of up to 20 moments" in note for note in inspect(path).notes)
    raw = inspect(path, options=ReadOptions(series={"series": "id", "time": "time"}))
    assert raw.array.shape == (30, 1, 20)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("input.dcm", "DICOM"),
        ("input.heic", "HEIC"),
        ("input.svg", "SVG"),
        ("input_zip_of_dcm.zip", "DICOM"),
        ("input_zip_of_heic.zip", "HEIC"),
        ("input_zip_of_svg.zip", "SVG"),
        ("input.pt", "PyTorch|pickle"),
        ("input.fcs", "FCS"),
    ],
)
def test_what_cannot_be_read_is_named(file: str, words: str) -> None:
    path = case("07-foreign-formats", file)
    with pytest.raises(InputError, match=words):
        prepare(raw := inspect(path), suggest(raw))

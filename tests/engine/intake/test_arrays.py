"""Arrays: what their axes mean, their labels, and series."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.intake import inspect, prepare, preprocessing_summary, suggest


@pytest.mark.parametrize(
    ("shape", "dtype", "kind", "values"),
    [
        ((30, 5), np.float32, "table", None),
        ((30, 8, 8), np.float64, "image", (30, 8, 8, 1)),
        ((30, 8, 12), np.uint8, "image", (30, 8, 12, 1)),
        ((30, 3, 50), np.float32, "series", (30, 3, 50)),
        ((30, 8, 9, 3), np.uint8, "image", (30, 8, 9, 3)),
        ((30, 8, 9, 4), np.uint8, "image", (30, 8, 9, 4)),
        ((30, 3, 8, 9), np.float32, "image", (30, 8, 9, 3)),
    ],
)
def test_meaning_of_axes(shape: tuple[int, ...], dtype: type, kind: str, values: tuple[int, ...] | None) -> None:
    x = (np.random.default_rng(0).random(shape) * 255).astype(dtype)
    raw = inspect(x)
    assert raw.kind == kind
    assert (raw.values.shape if raw.values is not None else None) == values
    assert len(raw) == 30
    assert len(prepare(raw, suggest(raw)).x) == 30


def test_kind_may_be_said() -> None:
    x = np.random.default_rng(0).normal(size=(20, 64))
    assert inspect(x, options={"kind": "series"}).array.shape == (20, 1, 64)
    assert inspect(x, options={"kind": "image"}).array.shape == (20, 8, 8, 1)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 16), (0, 255), (-3, 9)])
def test_brightness_of_any_range_fills_bytes(low: float, high: float) -> None:
    x = np.linspace(low, high, 4 * 64).reshape(4, 8, 8)
    values = inspect(x).array
    assert (values.min(), values.max()) == (0, 255)
    assert (np.diff(values.ravel().astype(int)) >= 0).all()


def test_npz_names_of_classes_columns_and_labels(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([[0, 1], [1, 0], [2, 1], [0, 0], [1, 1], [2, 0]])
    np.savez(tmp_path / "a.npz", x=x, y=y[:, 0], class_names=["cat", "dog", "owl"], feature_names=["w", "h"])
    raw = inspect(tmp_path / "a.npz")
    assert list(raw.rows) == ["w", "h", "label"]
    assert raw.rows["label"].tolist() == ["cat", "dog", "owl"] * 2
    np.savez(tmp_path / "b.npz", data=x, labels=y, label_names=["kind", "side"])
    raw = inspect(tmp_path / "b.npz")
    assert [(column.name, column.role) for column in raw.columns][2:] == [("kind", "label"), ("side", "ignore")]
    assert prepare(raw, suggest(raw)).truth.tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("name", "kind", "n", "classes"),
    [
        ("optdigits", "table", 5620, 10),
        ("usps", "image", 9298, 10),
        ("mice_protein", "table", 1080, 8),
        ("nr_stickfigures", "image", 900, 3),
        ("ts_JapaneseVowels", "series", 640, 9),
        ("ts_BasicMotions", "series", 80, 4),
        ("spambase", "table", 4601, 2),
    ],
)
def test_real_arrays(shared, name: str, kind: str, n: int, classes: int) -> None:
    raw = inspect(shared(f"{name}.npz"))
    prepared = prepare(raw, suggest(raw))
    assert (raw.kind, len(raw), len(prepared.class_names)) == (kind, n, classes)
    assert np.isfinite(prepared.x).all()


def test_pixels_in_columns_share_one_scale(shared) -> None:
    assert suggest(inspect(shared("optdigits.npz"))).scale == "shared"
    assert suggest(inspect(shared("mice_protein.npz"))).scale != "shared"


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("series/BasicMotions_TRAIN.ts", (40, 6, 100), 4),
        ("series/GunPoint_TEST.ts", (150, 1, 150), 2),
        ("series/JapaneseVowels_TRAIN.ts", (270, 12, 26), 9),
        ("series/CBF_TEST.tsv", (900, 1, 128), 3),
        ("series/ECG200_TRAIN.tsv", (100, 1, 96), 2),
        ("series/DodgerLoopDay_TEST.tsv", (80, 1, 288), 7),
    ],
)
def test_real_series(shared, name: str, shape: tuple[int, ...], classes: int) -> None:
    raw = inspect(shared(name))
    assert raw.array.shape == shape
    prepared = prepare(raw, suggest(raw))
    assert len(prepared.class_names) == classes
    assert np.isfinite(prepared.x).all()
    assert abs(prepared.x.mean()) < 0.2
    assert sum(sentence.startswith("*label*") for sentence in preprocessing_summary(raw, suggest(raw))) == 1


def test_training_and_test_series_are_joined(shared) -> None:
    raw = inspect([shared("series/JapaneseVowels_TRAIN.ts"), shared("series/JapaneseVowels_TEST.ts")])
    assert raw.array.shape == (640, 12, 29)
    assert raw.rows["file"].nunique() == 2
    assert raw.rows["series"].tolist() == list(range(1, 641))


def test_series_are_stretched_and_holes_bridged() -> None:
    x = np.full((3, 1, 9), np.nan, np.float32)
    x[0, 0] = np.arange(9)
    x[1, 0, :5] = np.arange(5)
    x[2, 0] = [0, np.nan, 2, 3, np.nan, np.nan, 6, 7, 8]
    raw = inspect(x)
    assert raw.rows["length"].tolist() == [9, 5, 9]
    assert any("3 values" in note for note in raw.notes)
    prepared = prepare(raw, suggest(raw))
    restored = prepared.recipe.restore(prepared.x)[:, 0]
    np.testing.assert_allclose(restored[0], np.arange(9), atol=1e-5)
    np.testing.assert_allclose(restored[1], np.arange(9) / 2, atol=1e-5)
    np.testing.assert_allclose(restored[2], np.arange(9), atol=1e-5)


def test_series_without_a_value_are_left_out() -> None:
    x = np.random.default_rng(0).normal(size=(5, 2, 12))
    x[3] = np.nan
    prepared = prepare(raw := inspect(x), suggest(raw))
    assert prepared.kept.tolist() == [0, 1, 2, 4]
    assert any("1 series without any value" in sentence for sentence in preprocessing_summary(raw, suggest(raw)))


def test_labels_may_be_words() -> None:
    from engine.intake.media.arrays import from_arrays

    content = from_arrays({"x": np.ones((2, 3)), "y": np.array(["b", "a"])}, "x")
    pd.testing.assert_series_equal(content.rows["label"], pd.Series(["b", "a"], dtype="str", name="label"))

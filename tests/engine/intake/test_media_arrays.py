"""Arrays by what they hold: their axes, the arrays of an NPZ, sparse matrices, and series of large or strange numbers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest
from engine.intake.media import series
from engine.intake.media.arrays import from_arrays

RNG = np.random.default_rng(0)
TIME = np.linspace(0, 9, 64)
WAVES = np.stack(
    [np.sin(TIME[:, None] * (1 + i % 3) + np.arange(3)) * [1, 10, 100] for i in range(30)]
)  # [n, time, channels]


def blobs(shape: tuple[int, int], n: int = 30) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.stack([np.exp(-((y - 4 - i % 7) ** 2 + (x - 9 - i % 5) ** 2) / 30) for i in range(n)])


def said(raw: Raw) -> str:
    return " ".join(raw.notes)


@pytest.mark.parametrize("noise", [0, 0.3])
@pytest.mark.parametrize("moved", [False, True])
def test_moments_are_told_from_channels_and_said(noise: float, moved: bool) -> None:
    x = WAVES + noise * RNG.normal(size=WAVES.shape)
    raw = inspect(np.moveaxis(x, 1, 2) if moved else x)
    assert raw.array.shape == (30, 3, 64)
    assert "64 moments with 3 channels" in said(raw)
    assert raw.alternatives["axes"][0] == ("n,channels,time" if moved else "n,time,channels")


def test_fewer_moments_than_channels() -> None:
    channels = RNG.normal(size=(30, 1, 40)) + np.sin(np.arange(12)[:, None] / 3 + RNG.normal(size=(30, 1, 40)))
    assert inspect(channels).array.shape == (30, 40, 12)


def test_axes_may_be_chosen() -> None:
    assert inspect(WAVES, options={"axes": "n,channels,time"}).array.shape == (30, 64, 3)
    assert inspect(WAVES, options={"axes": "n,h,w"}).array.shape == (30, 64, 3, 1)
    assert inspect(WAVES, options={"axes": "n,features"}).kind == "table"
    assert inspect(WAVES, options={"kind": "series"}).array.shape == (30, 3, 64)
    with pytest.raises(InputError, match="3 axes"):
        inspect(WAVES, options={"axes": "n,h,w,c"})


def test_gray_pictures_that_are_not_square() -> None:
    raw = inspect(blobs((20, 28)))
    assert raw.array.shape == (30, 20, 28, 1)
    assert "gray pictures of 20 x 28" in said(raw)


@pytest.mark.parametrize("bands", [1, 3, 5, 13])
@pytest.mark.parametrize("first", [False, True])
def test_bands_before_or_after_the_pixels(bands: int, first: bool) -> None:
    x = blobs((16, 20))[..., None] * np.linspace(0.2, 1, bands)
    x = np.moveaxis(x, 3, 1) if first else x
    assert inspect(x).array.shape == (30, 16, 20, bands)


def test_a_fourth_channel_is_transparency_only_where_it_looks_like_it() -> None:
    x = RNG.integers(0, 255, (9, 8, 8, 4), dtype=np.uint8)
    assert inspect(x).array.shape == (9, 8, 8, 4)
    x[..., 3] = 255
    raw = inspect(x)
    assert raw.array.shape == (9, 8, 8, 3)
    assert "transparent" in said(raw)


def npz(path: Path, **arrays: object) -> Path:
    np.savez(path / "a.npz", **arrays)
    return path / "a.npz"


def test_objects_that_are_not_needed_are_left_out(tmp_path: Path) -> None:
    raw = inspect(npz(tmp_path, x=RNG.normal(size=(9, 3)), y=np.array(["a"] * 9, object)))
    assert len(raw) == 9
    assert "y.astype(str)" in said(raw)


def test_the_data_are_found_whatever_they_are_called(tmp_path: Path) -> None:
    raw = inspect(npz(tmp_path, data=np.float32(3), z=RNG.normal(size=(9, 5)), kind=np.array(list("abcabcabc"))))
    assert [c.role for c in raw.columns] == ["feature"] * 5 + ["label"]
    raw = inspect(npz(tmp_path, small=np.ones((3, 2)), codes=RNG.normal(size=(9, 5))))
    assert (len(raw), "*codes* was taken for the data" in said(raw), "*small* was left out" in said(raw)) == (
        9,
        True,
        True,
    )
    assert raw.alternatives["sheet"] == ("codes", "small")
    assert len(inspect(tmp_path / "a.npz", options={"sheet": "small"})) == 3


def test_columns_of_one_length_are_a_table(tmp_path: Path) -> None:
    raw = inspect(npz(tmp_path, height=RNG.normal(size=9), weight=RNG.normal(size=9), name=np.array(list("abcdefghi"))))
    assert [(c.name, c.role) for c in raw.columns] == [("height", "feature"), ("weight", "feature"), ("name", "id")]


def test_training_and_test_parts_are_put_together(tmp_path: Path) -> None:
    x = RNG.integers(0, 255, (9, 8, 8), dtype=np.uint8)
    raw = inspect(npz(tmp_path, x_test=x[6:], y_test=[0, 1, 0], x_train=x[:6], y_train=[0, 1, 0, 1, 0, 1]))
    np.testing.assert_array_equal(raw.array[..., 0], x)
    assert raw.rows["label"].tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert raw.rows["part"].tolist() == ["train"] * 6 + ["test"] * 3


def test_one_hot_labels_are_classes() -> None:
    content = from_arrays({"x": np.ones((3, 2)), "y": np.eye(3)}, "a")
    assert content.rows["label"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia"])
def test_sparse_matrices_are_written_out(tmp_path: Path, kind: str) -> None:
    x = sparse.random(20, 30, 0.2, random_state=0, format="csr")
    sparse.save_npz(tmp_path / "a.npz", x.asformat(kind))
    raw = inspect(tmp_path / "a.npz")
    np.testing.assert_allclose(raw.rows.to_numpy(), x.toarray())
    assert "sparse" in said(raw)


def test_sparse_matrices_too_wide_keep_their_fullest_columns(tmp_path: Path) -> None:
    rows, columns = np.arange(20), np.random.default_rng(0).integers(8, 3_000_000, 60)
    places = (np.tile(rows, 4), np.concatenate([np.full(20, 7), columns]))
    sparse.save_npz(tmp_path / "a.npz", sparse.csr_matrix((np.ones(80), places), shape=(20, 3_000_000)))
    content = from_arrays(dict(np.load(tmp_path / "a.npz")), "a")
    assert content.rows.shape == (20, 20_000)
    assert "left out" in " ".join(content.notes)
    lie = {"format": np.array("coo"), "shape": np.array([2**40, 2]), "data": np.ones(1), "row": [0], "col": [0]}
    with pytest.raises(InputError, match="too large"):
        from_arrays({key: np.asarray(value) for key, value in lie.items()}, "a")


def test_words_and_records_are_tables(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array(["red apple pie", "green apple", "blue sky", "red sky"]))
    assert inspect(tmp_path / "a.npy").rows.shape == (4, 1)
    records = np.array([(1.5, "a"), (2.5, "b"), (3.0, "a")], dtype=[("size", "f4"), ("kind", "U3")])
    assert inspect(records).rows["size"].tolist() == [1.5, 2.5, 3.0]


def test_words_without_letters_and_damaged_ones(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<U0", "fortran_order": False, "shape": (2**40,)})
    (tmp_path / "a.npy").write_bytes(header.getvalue())
    with pytest.raises(InputError, match="without any letter"):
        inspect(tmp_path / "a.npy")
    for order in "<>":
        np.save(tmp_path / "b.npy", np.array(["abc", "abd"], f"{order}U3"))
        assert len(inspect(tmp_path / "b.npy")) == 2
        data = bytearray((tmp_path / "b.npy").read_bytes())
        data[-4:] = b"\xff\xff\xff\x7f"
        (tmp_path / "c.npy").write_bytes(data)
        with pytest.raises(InputError, match="damaged words"):
            inspect(tmp_path / "c.npy")


def ts(lines: list[str], path: Path) -> Path:
    (path / "a.ts").write_text("@problemName a\n@classLabel false\n@data\n" + "\n".join(lines) + "\n")
    return path / "a.ts"


@pytest.mark.parametrize("file", [False, True])
def test_small_changes_of_large_numbers_survive(tmp_path: Path, file: bool) -> None:
    x = 1e9 + 20 * np.sin(TIME * np.arange(1, 5)[:, None])
    raw = inspect(ts([",".join(map(repr, row.tolist())) for row in x], tmp_path) if file else x[:, None, :])
    prepared = prepare(raw, suggest(raw))
    np.testing.assert_allclose(prepared.x[:, 0], (x - x.mean()) / x.std(), atol=1e-3)
    np.testing.assert_allclose(prepared.recipe.restore(prepared.x)[:, 0], x, atol=1e-2, rtol=0)
    raw.save(tmp_path / "raw")
    np.testing.assert_array_equal(Raw.load(tmp_path / "raw").array, raw.array)


def test_numbers_beyond_all_measure_are_blanks(tmp_path: Path) -> None:
    x = WAVES.copy()
    x[4, 5, 1] = 1e300
    raw = inspect(x)
    assert "1 value of *array*" in said(raw).replace("the array", "array")
    assert "beyond all measure, the first in series 5, channel 2, time 6" in said(raw)
    assert prepare(raw, suggest(raw)).x.std() == pytest.approx(1, abs=0.1)
    huge = prepare(raw := inspect(WAVES * 1e298), suggest(raw)).x
    np.testing.assert_allclose(huge, prepare(raw := inspect(WAVES), suggest(raw)).x, atol=1e-4)


def test_one_long_series_among_short_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "MOST_CELLS", 100)
    with pytest.raises(InputError, match="the longest has 50 moments"):
        inspect(ts(["1,2"] * 9 + [",".join(["1"] * 50)], tmp_path))


def test_series_without_a_value_are_said(tmp_path: Path) -> None:
    raw = inspect(ts(["1,2,3", "?,?,?", "4,?,6", "5,5,5"], tmp_path))
    assert "1 series without any value is left out" in said(raw)
    assert "1 value inside the series is blank" in said(raw)
    assert prepare(raw, suggest(raw)).kept.tolist() == [0, 2, 3]

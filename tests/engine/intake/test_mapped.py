"""Long columns, mapped from files, hold what they would hold in memory."""

import gc
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from safetensors.numpy import load_file

from engine.intake import Raw, inspect, mapped, prepare, storage, suggest
from engine.intake.columns import word_counts
from engine.intake.columns.profile import describe
from engine.intake.layout import large_files
from engine.intake.recipes import recipe
from engine.intake.values import typed_column

ROWS = 6_000


@pytest.fixture
def all_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns of 1,000 rows are mapped, and worked on in pieces of 700."""
    monkeypatch.setattr(mapped, "LONG", 1_000)
    monkeypatch.setattr(mapped, "PIECE", 700)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CSV that is laid out on disk."""
    monkeypatch.setattr(large_files, "LARGE", 2**16)
    monkeypatch.setattr(large_files, "HEAD", 2**15)
    monkeypatch.setattr(large_files, "BLOCK", 2**15)
    monkeypatch.setattr(typed_column, "LONG", 1_000)
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": random.normal(1000, 200, ROWS).round(2),
            "visits": random.integers(0, 50, ROWS),
            "weight": [f"{w:.1f} kg" for w in random.gamma(3, 20, ROWS)],
            "paid": random.choice(["True", "False"], ROWS),
            "plan": random.choice(["basic", "plus ", "pro", "PRO"], ROWS),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, ROWS), unit="D"),
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 10**8, ROWS), unit="s"),
            "customer": [f"K{i:06}" for i in random.permutation(ROWS)],
        }
    )
    frame.loc[::97, ["amount", "since", "plan"]] = None
    frame.to_csv(tmp_path / "sales.csv", index=False)
    return tmp_path / "sales.csv"


def mapped_files() -> int:
    """Files without a name that this process has mapped."""
    gc.collect()
    lines = Path("/proc/self/maps").read_text().splitlines() if Path("/proc/self/maps").exists() else []
    return sum("(deleted)" in line for line in lines)


def is_mapped(values: pd.Series) -> bool:
    """Whether a column lies in a file."""
    if values.dtype == mapped.WORDS:
        before = pa.total_allocated_bytes()
        return pa.chunked_array(pa.array(values.array)).nbytes > 0 and pa.total_allocated_bytes() == before
    return mapped.file_of(values.to_numpy()) is not None


def test_a_table_is_the_same_mapped_and_in_memory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = inspect(file)
    monkeypatch.setattr(mapped, "PIECE", 700)
    monkeypatch.setattr(mapped, "LONG", ROWS)  # so that every row still counts where some would do
    raw = inspect(file)
    assert not any(mapped.file_of(whole.rows[name].to_numpy()) for name in ("amount", "visits", "since", "seen"))
    assert all(is_mapped(raw.rows[name]) for name in raw.rows if name != "paid")
    pd.testing.assert_frame_equal(raw.rows, whole.rows)
    assert raw.columns == whole.columns
    assert (raw.notes, raw.formats, raw.fingerprint) == (whole.notes, whole.formats, whole.fingerprint)
    assert suggest(raw) == suggest(whole)
    np.testing.assert_array_equal(prepare(raw, suggest(raw)).x, prepare(whole, suggest(whole)).x)


def test_files_are_gone_with_the_data(file: Path, all_is_long: None) -> None:
    before = mapped_files()
    raw = inspect(file)
    assert mapped_files() > before or before == 0
    del raw
    assert mapped_files() == before


def test_what_was_read_is_opened_by_memory_map(file: Path, all_is_long: None, tmp_path: Path) -> None:
    raw = inspect(file)
    raw.save(tmp_path / "stored")
    opened = Raw.load(tmp_path / "stored")
    pd.testing.assert_frame_equal(opened.rows, raw.rows)
    assert (opened.columns, opened.notes, opened.formats) == (raw.columns, raw.notes, raw.formats)
    assert all(is_mapped(opened.rows[name]) for name in opened.rows)
    np.testing.assert_array_equal(prepare(opened, suggest(opened)).x, prepare(raw, suggest(raw)).x)


@pytest.mark.parametrize("missing", ["median", "drop"])
def test_prepared_data_are_the_same_in_a_file_and_in_memory(
    missing: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = inspect(file)
    chosen = replace(suggest(raw), missing=missing, categories=("visits",), roles={"customer": "ignore"})
    chosen = replace(chosen, date_parts={"seen": ("age", "hour")}, coded_blanks={"visits": (3.0,)})
    whole = prepare(raw, chosen)
    assert mapped.file_of(whole.x) is None
    for name, value in {"LONG": 1_000, "PIECE": 700, "LARGE": 1, "SHARE": 0.0}.items():
        monkeypatch.setattr(mapped, name, value)
    monkeypatch.setattr(recipe, "CELLS", 5_000)
    monkeypatch.setattr(recipe, "LONG", 1_000)
    in_file = prepare(raw, chosen)
    assert mapped.file_of(in_file.x) is not None
    np.testing.assert_array_equal(in_file.x, whole.x)
    np.testing.assert_array_equal(in_file.kept, whole.kept)
    assert in_file.recipe.to_json() == whole.recipe.to_json()
    assert in_file.fingerprint == whole.fingerprint


@pytest.mark.parametrize("shape", [(40, 6, 6, 3), (40, 2, 30)], ids=["pictures", "series"])
def test_pictures_and_series_are_prepared_into_a_file(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    raw = inspect(values if len(shape) == 4 else values.astype(np.float32))
    whole = prepare(raw, suggest(raw)).x
    monkeypatch.setattr(mapped, "LARGE", 1)
    monkeypatch.setattr(mapped, "SHARE", 0.0)
    monkeypatch.setattr(recipe, "CELLS", 700)
    in_file = prepare(raw, suggest(raw)).x
    assert mapped.file_of(in_file) is not None
    np.testing.assert_array_equal(in_file, whole)


def test_truth_values_with_blanks_are_stored_beside_mapped_columns(all_is_long: None, tmp_path: Path) -> None:
    rows = pd.DataFrame({"a": np.arange(2000.0), "b": pd.array([True, None] * 1000, "boolean"), "c": ["x", "y"] * 1000})
    storage.save_rows(rows, tmp_path)
    pd.testing.assert_frame_equal(storage.load_rows(tmp_path, ["a", "b", "c"]), rows)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_large_array_is_opened_by_memory_map(dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "LARGE", 1_000)
    values = np.random.default_rng(0).integers(0, 255, (50, 6, 6, 1)).astype(dtype)
    storage.save_values(values, tmp_path / "values.safetensors")
    opened = storage.load_values(tmp_path / "values.safetensors")
    assert mapped.file_of(opened) is not None
    np.testing.assert_array_equal(opened, values)
    np.testing.assert_array_equal(load_file(tmp_path / "values.safetensors")["values"], values)
    monkeypatch.setattr(mapped, "LARGE", 2**26)
    np.testing.assert_array_equal(storage.load_values(tmp_path / "values.safetensors"), values)


@pytest.mark.parametrize(
    "values", [np.arange(5000) % 3, np.arange(5000.0), np.full(5000, 7.5)], ids=["few", "all", "one"]
)
def test_a_long_column_is_described_as_a_short_one(values: np.ndarray, all_is_long: None) -> None:
    found = describe("x", pd.Series(values))
    counts, edges = np.histogram(values.astype(np.float64), 20)
    assert found.distinct == len(np.unique(values))
    assert found.histogram == tuple(counts)
    assert found.edges == pytest.approx(edges)


@pytest.mark.parametrize("repeated", [0, 1, 40])
def test_words_that_mostly_differ_are_counted_by_hash(
    repeated: int, all_is_long: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_counts, "MOST", 10)
    words = [f"w{i}" for i in range(4000)]
    words += [word for i in range(repeated) for word in [f"w{i * 7}"] * (i % 5 + 1)]
    values = pd.Series(np.random.default_rng(0).permutation(words), dtype="str")
    counts, distinct = word_counts.word_counts(values)
    expected = values.value_counts()
    assert distinct == len(expected)
    assert counts.tolist() == expected.head(10).tolist()
    assert all(expected[word] == n for word, n in counts.items())


def test_rows_from_everywhere_are_at_most_as_many_as_others_have(all_is_long: None) -> None:
    assert len(mapped.some_rows(pd.Series(np.arange(999)))) == 999
    found = mapped.some_rows(pd.Series(np.arange(2501)))
    assert len(found) <= 1_000
    assert found.iloc[-1] > 2_490


def zipped(path: Path, colored: bool, n: int = 40) -> Path:
    """A zip of small pictures in two folders, one of them damaged."""
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(n):
            content = io.BytesIO()
            shape = (9, 8, 3) if colored and i % 3 == 0 else (9, 8)
            Image.fromarray(random.integers(0, 255, shape, np.uint8)).save(content, "png")
            archive.writestr(f"{'ab'[i % 2]}/{i}.png", content.getvalue()[: 60 if i == 7 else None])
    return path


@pytest.mark.parametrize("colored", [True, False])
def test_pictures_are_the_same_in_a_file_and_in_memory(
    colored: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = zipped(tmp_path / "pictures.zip", colored), list[float]()
    whole = inspect(path)
    monkeypatch.setattr(mapped, "LARGE", 1_000)
    raw = inspect(path, report=told.append)
    assert mapped.file_of(whole.array) is None
    assert mapped.file_of(raw.array) is not None
    np.testing.assert_array_equal(raw.array, whole.array)
    pd.testing.assert_frame_equal(raw.rows, whole.rows)
    assert (raw.notes, raw.columns, raw.fingerprint) == (whole.notes, whole.columns, whole.fingerprint)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (1 / 80, 1.0)
    raw.save(tmp_path / "stored")
    assert mapped.file_of(Raw.load(tmp_path / "stored").array) is not None
    np.testing.assert_array_equal(Raw.load(tmp_path / "stored").array, whole.array)


def test_deep_pictures_among_plain_ones_are_read_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "pictures.zip", colored=False)
    with zipfile.ZipFile(path, "a") as archive:
        content = io.BytesIO()
        Image.fromarray(np.full((9, 8), 40_000, np.uint16)).save(content, "png")
        archive.writestr("a/deep.png", content.getvalue())
    whole = inspect(path)
    monkeypatch.setattr(mapped, "LARGE", 1_000)
    np.testing.assert_array_equal(inspect(path).array, whole.array)

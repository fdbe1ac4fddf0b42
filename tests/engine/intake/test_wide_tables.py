"""Tables with very many columns: read and described together, as each column would be by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest
from engine.intake.columns import numeric_groups
from engine.intake.tables import typed as typed_alone
from engine.intake.values import plain_numbers, row_statistics

CASES = Path(__file__).parent / "cases"
FILES = sorted(path for path in CASES.rglob("input.*") if path.suffix in (".csv", ".tsv", ".xlsx", ".ods", ".txt"))


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_numbers, "LEAST_COLUMNS", 10**9)
    monkeypatch.setattr(numeric_groups, "MOST_ROWS", 0)


def together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_numbers, "LEAST_COLUMNS", 1)
    monkeypatch.setattr(numeric_groups, "MOST_ROWS", 20_000)


def read_both_ways(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Raw, Raw]:
    together(monkeypatch)
    many = inspect(path)
    one_by_one(monkeypatch)
    return many, inspect(path)


def check_same(many: Raw, one: Raw) -> None:
    pd.testing.assert_frame_equal(many.rows, one.rows, check_exact=True)
    assert [column.to_json() for column in many.columns] == [column.to_json() for column in one.columns]
    assert many.notes == one.notes
    assert dict(many.formats) == dict(one.formats)
    assert many.alternatives == one.alternatives


def mixed() -> pd.DataFrame:
    """Columns of all kinds of numbers, of words and of dates."""
    random, n = np.random.default_rng(1), 40
    makers = {
        "amount": lambda v: [f"{x:.2f}" for x in v],
        "total": lambda v: [str(int(10 * x)) for x in v],
        "zip": lambda v: ["" if x < 1 else f"{x:.5f}" for x in v],
        "code": lambda v: ["NA" if x < 1 else str(int(x)) for x in v],
        "x": lambda v: ["n.a." if x < 1 else f"{x:.1f}" for x in v],
        "date": lambda v: [f"{x:.3f}" for x in v],
        "store": lambda v: [f"{int(x) + 1}.{int(1000 * x) % 1000:03}" for x in v],
        "v": lambda v: [f"{int(100 * x):05}" for x in v],
        "g": lambda v: [f"{x:.3e}" for x in v],
        "word": lambda v: ["abc"[int(x) % 3] for x in v],
        "no": lambda v: ["9999" if x < 1 else str(int(x)) for x in v],
        "when": lambda v: [str(20240101 + int(x)) for x in v],
        "q": lambda v: [f"-{x:.2f}" if x < 3 else f" {x:.2f} " for x in v],
        "row": lambda v: [str(i) for i in range(len(v))],
        "huge": lambda v: ["1e150" if x < 3 else "-1e150" for x in v],
        "same": lambda v: ["-0"] * len(v),
    }
    columns = {f"{name}{i}": make(random.gamma(1, 5, n)) for i in range(4) for name, make in makers.items()}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_files_come_out_the_same_when_columns_are_read_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together(monkeypatch)
    try:
        many = inspect(path)
    except InputError:
        pytest.skip("it is refused")
    one_by_one(monkeypatch)
    check_same(many, inspect(path))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_all_kinds_of_columns_come_out_the_same_when_read_together(
    delimiter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    mixed().to_csv(path, index=False, sep=delimiter)
    many, one = read_both_ways(path, monkeypatch)
    check_same(many, one)
    prepared = prepare(one, suggest(one))
    together(monkeypatch)
    assert suggest(many) == suggest(one)
    assert prepare(many, suggest(many)).x.tobytes() == prepared.x.tobytes()


def test_columns_with_types_come_out_the_same_when_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(5, 2, (30, 40)).round(3), columns=[f"a{i}" for i in range(40)])
    frame.iloc[3, :5], frame.iloc[4, 7] = np.nan, np.inf
    frame = frame.assign(n=random.integers(0, 9, 30), big=2**60 + np.arange(30), small=np.arange(30, dtype=np.int8))
    frame = frame.assign(half=frame["a3"].astype("float32"), words="x", nullable=pd.array([1, None] * 15, "Int64"))
    frame.to_parquet(tmp_path / "a.parquet")
    check_same(*read_both_ways(tmp_path / "a.parquet", monkeypatch))


def test_whole_numbers_that_only_differ_in_their_last_digits_are_told_apart() -> None:
    raw = inspect(pd.DataFrame({"account": 2**60 + np.random.default_rng(0).permutation(40), "a": [1.5, 2.5] * 20}))
    column = raw.column("account")
    assert (column.distinct, sum(column.histogram)) == (40, 40)
    assert "same in every row" not in column.warning


def test_new_data_are_read_together_as_the_training_data_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed().to_csv(tmp_path / "a.csv", index=False)
    mixed().iloc[5:17].to_csv(tmp_path / "b.csv", index=False)
    options = inspect(tmp_path / "a.csv").options_for_new_data
    together(monkeypatch)
    many = inspect(tmp_path / "b.csv", options=options)
    one_by_one(monkeypatch)
    check_same(many, inspect(tmp_path / "b.csv", options=options))


def test_statistics_of_rows_are_those_of_numpy_and_pandas() -> None:
    random = np.random.default_rng(0)
    matrix = np.concatenate([random.gamma(1, 3, (20, 33)), random.integers(0, 4, (10, 33)), np.full((1, 33), 2.5)])
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    counts, ordered = row_statistics.filled_counts(matrix), np.sort(matrix, axis=1)
    filled = [row[~np.isnan(row)] for row in matrix]
    assert counts.tolist() == [len(row) for row in filled]
    for q in (0.01, 0.1, 0.5, 0.99):
        found = row_statistics.row_quantiles(ordered, q, np.zeros(len(matrix), np.int64), counts)
        assert found.tolist() == [np.quantile(row, q) for row in filled]
    bins, edges = row_statistics.row_histograms(matrix, np.nanmin(matrix, axis=1), np.nanmax(matrix, axis=1), 20)
    expected = [np.histogram(row, 20) for row in filled]
    assert bins.tolist() == [counted.tolist() for counted, _ in expected]
    assert edges.tolist() == [ends.tolist() for _, ends in expected]
    skewness = row_statistics.row_skewness(matrix, counts)
    assert skewness == pytest.approx([float(pd.Series(row).skew()) for row in filled], nan_ok=True)


def test_a_table_of_genes_is_read_in_a_few_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns of plain numbers are not read one by one, however many there are."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.gamma(1, 5, (12, 3000)).round(2), columns=[f"g{i}" for i in range(3000)])
    frame.insert(0, "sample", [f"S{i}" for i in range(12)])
    frame.to_csv(tmp_path / "a.csv", index=False)
    calls: list[str] = []
    monkeypatch.setattr(
        "engine.intake.tables.typed", lambda name, *rest: calls.append(name) or typed_alone(name, *rest)
    )
    raw = inspect(tmp_path / "a.csv")
    assert calls == ["sample"]
    assert len(raw.columns) == 3001
    assert raw.rows["g7"].tolist() == frame["g7"].tolist()

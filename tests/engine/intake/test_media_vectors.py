"""Vectors in tables: lists of numbers in cells become columns, and vectors of one length are compared by direction."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest

X = np.random.default_rng(0).normal(size=(30, 12)).round(4)
X /= np.linalg.norm(X, axis=1, keepdims=True)
ID = [f"item-{i:02d}" for i in range(30)]


def columns(raw: Raw) -> np.ndarray:
    return raw.rows[[f"vector {i}" for i in range(1, X.shape[1] + 1)]].to_numpy()


@pytest.mark.parametrize(
    "spell",
    [
        lambda x: json.dumps(x.tolist()),
        lambda x: str(tuple(x.tolist())),
        lambda x: np.array2string(x, max_line_width=40, floatmode="unique"),
        lambda x: f"array({x.tolist()})",
        lambda x: " ".join(map(repr, x.tolist())),
        lambda x: "; ".join(map(repr, x.tolist())),
    ],
)
def test_lists_in_cells_become_columns(tmp_path: Path, spell) -> None:
    pd.DataFrame({"id": ID, "vector": [spell(row) for row in X]}).to_csv(tmp_path / "a.csv", index=False)
    raw = inspect(tmp_path / "a.csv")
    np.testing.assert_allclose(columns(raw), X)
    assert "vector" not in raw.rows
    assert {c.role for c in raw.columns[1:]} == {"feature"}
    assert (raw.kind, raw.column("id").role) == ("table", "id")
    assert any("12 numbers, a vector" in note for note in raw.notes)
    assert prepare(raw, suggest(raw)).x.shape == (30, 12)


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "frame"])
def test_real_lists_become_columns(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"id": ID, "vector": list(X)})
    if ending == "parquet":
        frame.to_parquet(tmp_path / "a.parquet")
    elif ending == "jsonl":
        frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True, double_precision=15)
    np.testing.assert_allclose(columns(inspect(frame if ending == "frame" else tmp_path / f"a.{ending}")), X)


def test_a_row_without_a_vector_is_blank() -> None:
    raw = inspect(pd.DataFrame({"id": ID, "vector": [None, *(json.dumps(row.tolist()) for row in X[1:])]}))
    assert np.isnan(columns(raw)[0]).all()
    np.testing.assert_allclose(columns(raw)[1:], X[1:])


def test_lists_that_were_cut_off_are_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"\*vector\* were cut off.*json"):
        inspect(pd.DataFrame({"vector": ["[0.1 0.2 ... 0.8 0.9]"] * 9}))


@pytest.mark.parametrize(
    "cells", [["030 123 45 67 89 10 11 12"] * 9, ["[1, 2]", "[1, 2, 3]"] * 5, ["[1, b]", "[2, c]"] * 5]
)
def test_what_is_no_vector_stays(cells: list[str]) -> None:
    assert list(inspect(pd.DataFrame({"word": list("abcdefghij")[: len(cells)], "cell": cells})).rows) == [
        "word",
        "cell",
    ]


def test_vectors_of_one_length_are_compared_by_direction() -> None:
    unit = np.random.default_rng(0).normal(size=(60, 24)) * np.linspace(1, 9, 24)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert suggest(inspect(unit)).scale == "shared"
    assert suggest(inspect(unit * np.arange(1, 61)[:, None])).scale != "shared"


def test_vectors_of_a_projector_are_no_series(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "vectors.tsv", X, delimiter="\t")
    raw = inspect(tmp_path / "vectors.tsv")
    assert (raw.kind, raw.rows.shape) == ("table", (30, 12))


def test_words_with_vectors(tmp_path: Path) -> None:
    lines = [f"{word} {' '.join(f'{v:.5f}' for v in row)}" for word, row in zip(ID, X, strict=True)]
    (tmp_path / "glove.txt").write_text("\n".join(lines))
    raw = inspect(tmp_path / "glove.txt")
    assert [c.role for c in raw.columns] == ["id"] + ["feature"] * 12

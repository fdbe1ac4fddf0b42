"""Tables with a pixel in each column are pictures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from engine.intake import inspect, prepare, suggest

DIGITS = load_digits()


def table(names: list[str], scale: int = 15) -> pd.DataFrame:
    """Digits of 8 x 8 pixels as a table, 200 rows, with their class in front."""
    frame = pd.DataFrame((DIGITS.data[:200] * scale).astype(int), columns=names)
    frame.insert(0, "label", DIGITS.target[:200])
    return frame


@pytest.mark.parametrize(
    "names",
    [
        [f"pixel{i}" for i in range(64)],
        [f"pixel{i}" for i in range(1, 65)],
        [f"{row}x{column}" for row in range(1, 9) for column in range(1, 9)],
        [f"pixel_{row}_{column}" for row in range(8) for column in range(8)],
    ],
)
def test_a_table_of_pixels_is_pictures(tmp_path: Path, names: list[str]) -> None:
    file = tmp_path / "train.csv"
    table(names).to_csv(file, index=False)
    raw = inspect(file)
    assert raw.kind == "image"
    np.testing.assert_array_equal(raw.array[..., 0], DIGITS.images[:200] * 15)
    assert [column.name for column in raw.columns if column.role == "label"] == ["label"]
    assert "pictures of 8 x 8" in " ".join(raw.notes) or "picture of 8 x 8 pixels" in raw.notes[0]
    assert prepare(raw, suggest(raw)).x.shape == (200, 1, 8, 8)


def test_columns_in_another_order_make_the_same_pictures() -> None:
    frame = table([f"pixel{i}" for i in range(64)])
    shuffled = frame[np.random.default_rng(0).permutation(frame.columns)]
    np.testing.assert_array_equal(inspect(shuffled).array, inspect(frame).array)


def test_dim_pictures_are_stretched_together() -> None:
    raw = inspect(table([f"pixel_{row}_{column}" for row in range(8) for column in range(8)], scale=1))
    assert raw.array.max() == 255
    assert any("stretched" in note for note in raw.notes)


def test_it_stays_a_table_where_that_is_asked_for_or_cells_are_no_pixels() -> None:
    names = [f"pixel{i}" for i in range(64)]
    assert inspect(table(names), options={"kind": "table"}).kind == "table"
    assert inspect(table(names) - 1.5).kind == "table"
    assert inspect(table(names).drop(columns="pixel7")).kind == "table"

"""What a program loads: options say how a file is read, and how it is prepared."""

from pathlib import Path

import numpy as np
import pytest

import engine


@pytest.fixture
def amounts(tmp_path: Path) -> Path:
    file = tmp_path / "amounts.csv"
    file.write_text("name,amount,age\n" + "".join(f'r{i},"{i + 1},{i % 9}00",{i % 7 * 10}\n' for i in range(30)))
    return file


def test_options_of_reading_and_of_preparation_go_together(amounts: Path) -> None:
    thousands = engine.read(amounts, decimal=".", scale="none")
    fractions = engine.read(amounts, decimal=",", scale="none")
    np.testing.assert_allclose(thousands.x[:3, 0], [1000.0, 2100.0, 3200.0])
    np.testing.assert_allclose(fractions.x[:3, 0], [1.0, 2.1, 3.2], rtol=1e-6)


def test_a_name_that_is_no_option_is_said(amounts: Path) -> None:
    with pytest.raises(engine.InputError, match="no preparation setting “decimals”"):
        engine.read(amounts, decimals=",")

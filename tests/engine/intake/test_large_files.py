"""Large delimited files, laid out on disk, come out exactly as small ones do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import InputError
from engine.intake import inspect
from engine.intake.layout import large_files
from engine.intake.values import typed_column

ROWS = 12_000


def table(decimal: str = ".", delimiter: str = ",") -> str:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "customer": [f"K{i:06}" for i in range(ROWS)],
            "amount": random.normal(1000, 200, ROWS).round(2),
            "visits": random.integers(0, 50, ROWS),
            "plan": random.choice(["basic", "plus", "pro"], ROWS),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, ROWS), unit="D"),
            "note": random.choice(["", "a, b", 'says "no"', "?"], ROWS),
        }
    )
    frame.loc[::97, "amount"] = None
    return frame.to_csv(index=False, decimal=decimal, sep=delimiter)


PLAIN = table()
FILES = {
    "plain.csv": PLAIN,
    "german.csv": table(",", ";"),
    "tabs.tsv": table(delimiter="\t"),
    "mark.csv": "\ufeff" + PLAIN,
    "title.csv": "Sales of 2024,,,,,\n,,,,,\n" + PLAIN,
    "below.csv": PLAIN + "\nSource: controlling. Figures are preliminary.\n",
    "ends.csv": PLAIN.replace("\n", "\r\n"),
    "names again.csv": PLAIN + PLAIN.split("\n")[0] + "\n" + PLAIN.split("\n")[5] + "\n",
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each file was laid out on disk."""
    monkeypatch.setattr(large_files, "LARGE", 2**18)
    monkeypatch.setattr(large_files, "HEAD", 2**16)
    monkeypatch.setattr(large_files, "BLOCK", 2**17)
    monkeypatch.setattr(typed_column, "LONG", 5_000)
    used, lay_out = list[bool](), large_files._laid_out

    def count(*given: object) -> bool:
        used.append(lay_out(*given))  # type: ignore[arg-type]
        return used[-1]

    monkeypatch.setattr(large_files, "_laid_out", count)
    return used


@pytest.mark.parametrize("name", FILES)
def test_it_comes_out_as_a_small_file_does(name: str, tmp_path: Path, counted: list[bool]) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], newline="")
    laid_out = inspect(path)
    assert counted == [True]
    large_files.LARGE = 2**40
    whole = inspect(path)
    assert counted == [True]
    pd.testing.assert_frame_equal(laid_out.rows, whole.rows)
    assert laid_out.notes == whole.notes
    assert laid_out.columns == whole.columns
    assert laid_out.formats == whole.formats
    assert laid_out.alternatives == whole.alternatives


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_seen_whole(encoding: str, tmp_path: Path, counted: list[bool]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN.replace("basic", "groß").encode(encoding))
    assert "groß" in set(inspect(path).rows["plan"])
    assert not any(counted)


def test_a_fault_far_below_has_its_sentence(tmp_path: Path, counted: list[bool]) -> None:
    path = tmp_path / "a.csv"
    lines = PLAIN.split("\n")
    lines[10_000] += ",one too many"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"Row 10,001 of .* has 7 cells"):
        inspect(path)
    lines[10_000] = lines[10_001] + '"'
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"quotation mark|cells"):
        inspect(path)


def test_the_share_that_was_read_is_told(tmp_path: Path, counted: list[bool]) -> None:
    path, told = tmp_path / "a.csv", list[float]()
    path.write_text(PLAIN)
    assert large_files.read_large(path, "a.csv", large_files.ReadOptions(), told.append) is not None
    assert told == sorted(told)
    assert told[-1] == 1
    assert 0 < told[0] < 0.5

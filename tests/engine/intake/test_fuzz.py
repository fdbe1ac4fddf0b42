"""Real files, damaged in every way that happens: each is read, or refused in a sentence, soon; nothing else comes out."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.errors import InputError
from engine.intake import inspect, prepare, preprocessing_summary, suggest

CASES = Path(__file__).parent / "cases"
SHARED = Path(os.environ.get("CONSTELLA_CASES", "../shared/cases")) / "media"
LARGEST = 60_000
SECONDS = 20
ENDINGS = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xls",
    ".json",
    ".parquet",
    ".zip",
    ".npy",
    ".ts",
    ".png",
    ".sav",
    ".h5",
    ".gz",
)
FILES = sorted(
    path
    for folder in (CASES, SHARED)
    for path in folder.glob("*/*")
    if path.suffix not in (".md",) and path.name != "truth.json" and path.stat().st_size <= LARGEST
)


class Slow(Exception):
    """A file took too long."""


@contextmanager
def soon(seconds: int) -> Iterator[None]:
    def late(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def damaged(data: bytes, random: np.random.Generator) -> bytes:
    """The content with one to three faults: cut off, bytes changed, pieces lost, doubled or moved, columns mixed up."""
    for _ in range(int(random.integers(1, 4))):
        if not data:
            return data
        a, b = sorted(int(i) for i in random.integers(0, len(data) + 1, 2))
        fault = int(random.integers(7))
        if fault == 0:
            data = data[:b]
        elif fault == 1:
            changed = bytearray(data)
            for i in random.integers(0, len(changed), 8):
                changed[int(i)] = int(random.integers(256))
            data = bytes(changed)
        elif fault == 2:
            data = data[:a] + data[b:]
        elif fault == 3:
            data = data[:b] + data[a:b][:4000] + data[b:]
        elif fault == 4:
            data = data[b:] + data[a:b] + data[:a]
        elif fault == 5:
            data = _mixed(data, random)
        else:
            data = data[:a] + bytes(random.choice(list(b'\0",;\t\n\r\xff\xfe(-9e%'), 5).astype(np.uint8)) + data[a:]
    return data


def _mixed(data: bytes, random: np.random.Generator) -> bytes:
    """Cells of every line in another order, where it has cells."""
    lines = data.split(b"\n")
    sign = max((b",", b";", b"\t"), key=lines[0].count)
    order = random.permutation(lines[0].count(sign) + 1)
    cells = [line.split(sign) for line in lines]
    return b"\n".join(sign.join(row[i] for i in order) if len(row) == len(order) else sign.join(row) for row in cells)


def check(folder: Path, path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    ending = str(random.choice(ENDINGS)) if random.random() < 0.2 else path.suffix
    file = folder / f"input{ending}"
    file.write_bytes(damaged(path.read_bytes(), random))
    with soon(SECONDS):
        refusal = refused(file)
    assert refusal is None or len(refusal) > 15


def refused(file: Path) -> str | None:
    """The sentence with which a file is refused; None where it is read and prepared."""
    try:
        raw = inspect(file)
        chosen = suggest(raw)
        assert all(preprocessing_summary(raw, chosen))
        assert np.isfinite(prepare(raw, chosen).x).all()
    except InputError as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_damaged_file_is_read_or_refused_in_a_sentence(path: Path, tmp_path: Path) -> None:
    for seed in range(3):
        check(tmp_path, path, seed)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@settings(
    max_examples=10_000,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=st.sampled_from(FILES), seed=st.integers(0, 2**32 - 1))
def test_ten_thousand_damaged_files(path: Path, seed: int, tmp_path: Path) -> None:
    check(tmp_path, path, seed)

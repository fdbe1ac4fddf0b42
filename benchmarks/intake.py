"""What intake makes of files without a click, and what it takes: `python -m benchmarks.intake [--sizes]`.

Of every labelled file: its kind, the role of each column, and how far k-means on what was prepared, with the true number of
groups, agrees with the labels. With --sizes: seconds and memory of reading generated files up to 1 GB, each in a process of its
own. CONSTELLA_DATA and CONSTELLA_CASES are the folders with the files.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from benchmarks.machine import describe
from benchmarks.tables import write
from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest

DATA = Path(os.environ.get("CONSTELLA_DATA", "../shared/data"))
CASES = Path(os.environ.get("CONSTELLA_CASES", "../shared/cases"))
MOST_ROWS = 10_000
LABELS = {
    "Telco-Customer-Churn.csv.gz": "Churn",
    "adult.csv.gz": "income",
    "bank-full.csv.gz": "y",
    "mushroom.csv": "class",
    "penguins.csv": "species",
    "titanic.csv": "survived",
    "wine_quality.csv": "color",
    "banking77.csv": "label",
    "bbc_news.csv.gz": "label",
    "stackoverflow_titles.csv": "label",
}
"""The known answer of files that hold one, so that it counts even where it is not recognized."""


def files() -> Iterator[tuple[Path, list[object] | None]]:
    """Every file, with the right groups where they lie beside it."""
    for folder in ("csv", "labelled_tables", "text", "series", "images", "."):
        for path in sorted((DATA / folder).glob("*.*")):
            if path.is_file() and path.suffix != ".md":
                yield path, None
    for path in sorted(CASES.glob("*/*/input.*")):
        right = path.parent / "truth.json"
        expected = json.loads((path.parent / "expected.json").read_text())
        yield path, json.loads(right.read_text()) if right.exists() else expected.get("truth")


def outcome(path: Path, right: list[object] | None) -> dict[str, object]:
    """What comes of one file."""
    began = time.perf_counter()
    try:
        raw = inspect(path)
        prepared = prepare(raw, suggest(raw))
    except InputError as refusal:
        return {"refused": str(refusal)}
    found: dict[str, object] = {
        "seconds": round(time.perf_counter() - began, 2),
        "kind": raw.kind,
        "rows": len(raw),
        "roles": roles(raw),
        "prepared": list(prepared.x.shape),
    }
    truth = labels(raw, path, right)
    if truth is not None:
        known = truth[prepared.kept] >= 0
        found["ari"] = agreement(prepared.x[known], truth[prepared.kept][known])
    return found


def roles(raw: Raw) -> dict[str, list[str]]:
    """Names of columns by role."""
    by_role: dict[str, list[str]] = {}
    for column in raw.columns:
        by_role.setdefault(column.role, []).append(column.name)
    return {
        role: names if len(names) <= 12 else [*names[:12], f"and {len(names) - 12} more"]
        for role, names in by_role.items()
    }


def labels(raw: Raw, path: Path, right: list[object] | None) -> np.ndarray | None:
    """Right groups int64 [n], -1 where there is none; None where the file has none."""
    if right is not None:
        while len(right) > len(raw) and None in right:  # lines that are no members
            right.remove(None)
        return pd.factorize(np.array(right, object))[0] if len(right) == len(raw) else None
    name = LABELS.get(path.name, next((column.name for column in raw.columns if column.role == "label"), ""))
    name = "class" if path.parent.name == "labelled_tables" else name
    columns = {column.lower(): column for column in map(str, raw.rows.columns)}
    return pd.factorize(raw.rows[columns[name.lower()]])[0] if name.lower() in columns else None


def agreement(x: np.ndarray, truth: np.ndarray) -> float:
    """Adjusted Rand index of k-means, of some of the rows where there are very many."""
    some = np.random.default_rng(0).permutation(len(x))[:MOST_ROWS]
    x, truth = x[some].reshape(len(some), -1), truth[some]
    found = KMeans(len(np.unique(truth)), n_init=3, random_state=0).fit_predict(x)
    return round(float(adjusted_rand_score(truth, found)), 3)


def table(path: Path, megabytes: int) -> None:
    """A CSV of ten numbers, two words and a date."""
    random, rows = np.random.default_rng(0), 50_000
    frame = pd.DataFrame({f"amount {i}": random.normal(100, 15, rows).round(3) for i in range(10)})
    frame["region"] = random.choice(["north", "south", "east", "west"], rows)
    frame["plan"] = random.choice(["basic", "plus", "pro"], rows)
    frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 2000, rows), unit="D")
    block = frame.to_csv(index=False, header=False).encode()
    with path.open("wb") as file:
        file.write((",".join(frame.columns) + "\n").encode())
        while file.tell() < megabytes * 10**6:
            file.write(block)


def pictures(path: Path, n: int) -> None:
    """A zip of color pictures of 64 x 64 pixels."""
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive, tempfile.TemporaryDirectory() as folder:
        for i in range(n):
            part = Path(folder) / "part.png"
            Image.fromarray(random.integers(0, 255, (64, 64, 3), np.uint8)).save(part)
            archive.write(part, f"{i}.png")


def genes(path: Path, rows: int, columns: int) -> None:
    """A table of many more columns than rows."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.gamma(1.0, 5.0, (rows, columns)).round(2), columns=[f"g{i}" for i in range(columns)])
    frame.to_csv(path, index_label="sample")


SIZES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "CSV of 10 MB": ("a.csv", lambda path: table(path, 10)),
    "CSV of 100 MB": ("b.csv", lambda path: table(path, 100)),
    "CSV of 1,000 MB": ("c.csv", lambda path: table(path, 1000)),
    "10,000 pictures": ("d.zip", lambda path: pictures(path, 10_000)),
    "60 rows of 15,000 columns": ("e.csv", lambda path: genes(path, 60, 15_000)),
    "60 rows of 100,000 columns": ("f.csv", lambda path: genes(path, 60, 100_000)),
}


def sizes() -> Iterator[tuple[str, dict[str, object]]]:
    """Seconds and peak memory of reading each generated file, and of reading nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for title, (name, make) in SIZES.items():
            path = Path(folder) / name
            make(path)
            child = [sys.executable, "-m", "benchmarks.intake", "--measure", str(path)]
            told = subprocess.run(child, capture_output=True, text=True)
            yield title, json.loads(told.stdout) if told.returncode == 0 else {"failed": told.stderr[-300:]}
            path.unlink()


def measure(path: Path) -> dict[str, object]:
    """One reading: seconds, and memory in MiB before it and at its peak."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.perf_counter()
    try:
        raw = inspect(path, limit=6 * 2**30)
        suggest(raw)
    except InputError as refusal:
        return {"refused": str(refusal)}
    return {
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "rows": len(raw),
        "seconds": round(time.perf_counter() - began, 1),
        "memory_before_mib": round(before),
        "memory_peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", action="store_true", help="Measure large generated files only.")
    parser.add_argument("--measure", type=Path, help="Measure one file, for the process that --sizes starts.")
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.measure)))
        return
    if chosen.sizes:
        found: dict[str, object] = {}
        for title, result in sizes():
            found[title] = result
            print(title, result, flush=True)
        write("intake-sizes", {"machine": describe(), "files": found})
        return
    found = {}
    for path, right in files():
        name = path.relative_to(CASES if CASES in path.parents else DATA).as_posix()
        found[name] = result = outcome(path, right)
        print(name, result.get("kind", "refused"), result.get("ari", ""), flush=True)
    write("intake", {"machine": describe(), "files": found})


if __name__ == "__main__":
    main()

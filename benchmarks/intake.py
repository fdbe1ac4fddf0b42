"""What intake makes of files without a click, and what it takes: `python -m benchmarks.intake [--sizes]`.

Of every labelled file: its kind, the role of each column, and how far k-means on what was prepared, with the true number of
groups, agrees with the labels. With --sizes: seconds and memory of reading generated files up to 1 GB, each in a process of its
own; with --runs: of importing, grouping and opening generated data up to 5 GB through a workspace. --only takes part of a title.
Peaks are of private memory: pages of mapped files, which the system lets go where it needs room, do not count.
CONSTELLA_DATA and CONSTELLA_CASES are the folders with the files.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from benchmarks.machine import describe
from benchmarks.tables import read, write
from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest

DATA = Path(os.environ.get("CONSTELLA_DATA", "../shared/data"))
CASES = Path(os.environ.get("CONSTELLA_CASES", "../shared/cases"))
MOST_ROWS = 10_000
LIMIT = 8 * 2**30
NOTE = (
    "Two cores, on which others worked at the same time where load_before is above 2: seconds are then longer than on a quiet "
    "machine."
)
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


def pictures(path: Path, n: int, shape: tuple[int, ...] = (64, 64, 3)) -> None:
    """A zip of pictures."""
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(n):
            part = io.BytesIO()
            Image.fromarray(random.integers(0, 255, shape, np.uint8)).save(part, "png")
            archive.writestr(f"{i}.png", part.getvalue())


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


RUNS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "CSV of 1,000 MB, mini-batch k-means": ("a.csv", lambda path: table(path, 1000), "minibatch_kmeans"),
    "CSV of 5,000 MB, mini-batch k-means": ("b.csv", lambda path: table(path, 5000), "minibatch_kmeans"),
    "20,000 pictures, k-means": ("c.zip", lambda path: pictures(path, 20_000, (28, 28)), "kmeans"),
    "200,000 pictures, k-means": ("d.zip", lambda path: pictures(path, 200_000, (28, 28)), "kmeans"),
}
"""Generated data, and the method that groups them."""


def sizes(made: Mapping[str, tuple[str, Callable[[Path], None], str]]) -> Iterator[tuple[str, dict[str, object]]]:
    """What is measured of each generated file, in a process of its own, with how busy the machine was before."""
    with tempfile.TemporaryDirectory() as folder:
        for title, (name, make, method) in made.items():
            path = Path(folder) / name
            make(path)
            busy = round(os.getloadavg()[1], 1)
            child = [sys.executable, "-m", "benchmarks.intake", "--measure", str(path), "--method", method]
            told = subprocess.run(child, capture_output=True, text=True)
            found = json.loads(told.stdout) if told.returncode == 0 else {"failed": told.stderr[-300:]}
            yield title, {"file_mb": round(path.stat().st_size / 1e6, 1), **found, "load_before": busy}
            path.unlink()


class Peak:
    """The largest private memory of this process since it was last asked, in MiB; Linux alone says it."""

    def __init__(self) -> None:
        self._largest = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def read(self) -> int:
        """The largest value so far; it starts again from now."""
        largest, self._largest = max(self._largest, self.now()), 0
        return largest

    @staticmethod
    def now() -> int:
        """Private memory now."""
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) // 1024

    def _watch(self) -> None:
        while True:
            self._largest = max(self._largest, self.now())
            time.sleep(0.02)


def measure(path: Path) -> dict[str, object]:
    """One reading: seconds, and private memory in MiB before it and at its peak."""
    peak, before, began = Peak(), Peak.now(), time.perf_counter()
    try:
        raw = inspect(path, limit=LIMIT)
        suggest(raw)
    except InputError as refusal:
        return {"refused": str(refusal)}
    return {
        "rows": len(raw),
        "seconds": round(time.perf_counter() - began, 1),
        "private_before_mib": before,
        "private_peak_mib": peak.read(),
    }


def measure_run(path: Path, method: str) -> dict[str, object]:
    """An import, a run and the opening of both: seconds, and peaks of private memory in MiB."""
    from engine.runs import Settings, Workspace
    from engine.runs.workers.worker import Worker

    peak, found = Peak(), dict[str, object]()
    with tempfile.TemporaryDirectory() as home:
        space = Workspace.open({"CONSTELLA_HOME": home, "CONSTELLA_MAX_UPLOAD": str(LIMIT)})
        found["private_before_mib"] = peak.read()

        def step(name: str, began: float) -> None:
            found[name] = {"seconds": round(time.perf_counter() - began, 1), "private_peak_mib": peak.read()}

        began = time.perf_counter()
        imported = space.add(path)
        Worker(space, "light").once()
        step("import", began)
        dataset = space.importing(imported.id).dataset
        if dataset is None:
            return found | {"failed": space.importing(imported.id).sentence}
        space.cache.drop("")
        began = time.perf_counter()
        found["rows"] = len(space.raw(dataset))
        step("open", began)
        began = time.perf_counter()
        run = space.submit(Settings(dataset, method, 5)).id
        Worker(space, "train").once()
        step("run", began)
        began = time.perf_counter()
        found["result"] = space.run(run).sentence or f"{len(space.result(run).sizes)} groups"
        step("open_result", began)
        space.close()
    return found


def record_sizes(made: Mapping[str, tuple[str, Callable[[Path], None], str]]) -> None:
    """Measure generated files, and write each into the record as soon as it is known."""
    files = (read("intake-sizes") or {"files": {}})["files"]
    for title, result in sizes(made):
        print(title, result, flush=True)
        files[title] = result
        write("intake-sizes", {"machine": describe(), "note": NOTE, "files": files})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", action="store_true", help="Measure large generated files only.")
    parser.add_argument("--runs", action="store_true", help="Measure imports and runs of large generated data only.")
    parser.add_argument("--only", default="", help="Part of the titles of what is measured; the rest keeps its record.")
    parser.add_argument("--measure", type=Path, help="Measure one file, for the process that --sizes starts.")
    parser.add_argument("--method", default="", help="The method that groups it; none to read it only.")
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure_run(chosen.measure, chosen.method) if chosen.method else measure(chosen.measure)))
        return
    if chosen.sizes or chosen.runs:
        made = RUNS if chosen.runs else {title: (name, make, "") for title, (name, make) in SIZES.items()}
        record_sizes({title: one for title, one in made.items() if chosen.only in title})
        return
    found = {}
    for path, right in files():
        name = path.relative_to(CASES if CASES in path.parents else DATA).as_posix()
        found[name] = result = outcome(path, right)
        print(name, result.get("kind", "refused"), result.get("ari", ""), flush=True)
    write("intake", {"machine": describe(), "files": found})


if __name__ == "__main__":
    main()

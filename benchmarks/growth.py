"""Seconds and memory as data grow: tables of 50 columns in a file, 10,000 to 10 million rows, trained from where they lie.

    python -m benchmarks.growth [--rows 10000 100000 1000000 10000000] [--methods kmeans ae_kmeans dec]

Each training has a process of its own; its peak memory is what the system counted for it, pages of the file
included. The file is made from a fixed seed: 20 clouds on 8 of the 50 columns, noise on all.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from benchmarks.tables import read, table, write

ROOT = Path(__file__).parents[1]
COLUMNS, CLOUDS, INFORMATIVE = 50, 20, 8
# A network of a quarter of the weights, and batches as large as such data deserve.
NETWORK = {"layers": "250-250-1000", "batch": 1024, "pretrain_epochs": 1, "tolerance": 0.0}
KNOBS = {"kmeans": {"restarts": 1}, "ae_kmeans": NETWORK, "dec": NETWORK | {"epochs": 1}}
STAGES = {"ae_kmeans": "pretrain", "dec": "cluster"}


def make(path: Path, rows: int) -> None:
    """The table, written piece by piece."""
    random = np.random.default_rng(0)
    centers = np.zeros((CLOUDS, COLUMNS), np.float32)
    centers[:, :INFORMATIVE] = random.normal(0, 4, (CLOUDS, INFORMATIVE))
    file = np.lib.format.open_memmap(path, "w+", np.float32, (rows, COLUMNS))
    for start in range(0, rows, 100_000):
        groups = random.integers(0, CLOUDS, min(100_000, rows - start))
        noise = random.standard_normal((len(groups), COLUMNS), np.float32)
        file[start : start + len(groups)] = centers[groups] + noise
    file.flush()


def child(path: str, method: str) -> None:
    """One training; prints its seconds, those of an epoch, and the peak memory of this process."""
    from engine import Clusterer

    began = time.perf_counter()
    model = Clusterer(method, CLOUDS, random_state=0, **KNOBS[method])
    x = np.load(path, mmap_mode="r")
    model.fit(x)
    seconds = time.perf_counter() - began
    history = [moment for moment in model.history_ if moment.stage == STAGES.get(method)]
    epoch = history[-1].seconds - (history[0].seconds if len(history) > 1 else 0.0) if history else seconds
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    print(json.dumps({"seconds": seconds, "epoch": epoch, "peak": peak, "groups": len(set(model.labels_.tolist()))}))


def measure(path: Path, method: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", "--child", str(path), method]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    if done.returncode:
        raise SystemExit(f"{method} on {path.name} failed:\n{done.stderr[-3000:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def exponent(rows: list[int], seconds: list[float]) -> float:
    """b of seconds ~ rows^b, by least squares of the logarithms."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def main() -> None:
    if "--child" in sys.argv:
        child(*sys.argv[2:4])
        return
    parse = argparse.ArgumentParser()
    parse.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parse.add_argument("--methods", nargs="*", default=["kmeans", "ae_kmeans"])
    told = parse.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in told.rows:
            path = Path(folder) / f"{rows}.npy"
            make(path, rows)
            for method in told.methods:
                found.append({"method": method, "rows": rows} | measure(path, method))
                print(found[-1], flush=True)
            path.unlink()
    # Methods that were not measured now keep what this machine said of them before.
    before = read("growth")
    if before and before["machine"] == describe():
        found += [one for one in before["found"] if one["method"] not in told.methods]
        found.sort(key=lambda one: (one["rows"], one["method"]))
    exponents = {}
    for method in dict.fromkeys(one["method"] for one in found):
        mine = [one for one in found if one["method"] == method]
        exponents[method] = {
            key: exponent([one["rows"] for one in mine], [one[key] for one in mine]) for key in ("seconds", "epoch")
        }
    result = {"machine": describe(), "columns": COLUMNS, "knobs": KNOBS, "found": found, "exponents": exponents}
    write("growth", result)
    print(results_table(result))


def results_table(result: dict) -> str:
    """The table as Markdown."""
    rows = [
        [
            one["method"],
            f"{one['rows']:,}",
            f"{one['epoch']:.1f} s",
            f"{one['seconds']:.1f} s",
            f"{one['peak'] / 2**20:,.0f} MiB",
            f"{200 * one['rows'] / 2**20:,.0f} MiB",
        ]
        for one in result["found"]
    ]
    heads = ["method", "rows of 50 columns", "an epoch", "in all", "peak memory", "the file"]
    lines = []
    for name, power in result["exponents"].items():
        last = [one for one in result["found"] if one["method"] == name][-2:]
        end = (
            exponent([one["rows"] for one in last], [one["epoch"] for one in last]) if len(last) > 1 else power["epoch"]
        )
        lines.append(
            f"Seconds of {name} grow with rows to the power {power['seconds']:.2f}, those of an epoch between the two largest "
            f"to the power {end:.2f}."
        )
    return table(heads, rows) + "\n\n" + " ".join(lines)


if __name__ == "__main__":
    main()

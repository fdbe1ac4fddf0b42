"""Everything that needs a GPU, in one command: the tests marked `cuda`, ClustPy's recipe, the distance to the limit,
and what CUDA graphs save.

    make gpu-wheels                      # where a package index is reachable: fills .gpu with wheels and data
    make gpu [OUT=folder]                # on the machine with the GPU: Python, PyTorch and the folder .gpu are enough
    python -m benchmarks.gpu --tiny      # all of it within minutes on a CPU, to see that it runs

Each part is a process of its own with a time limit and writes what it has as it goes: one that is stopped loses only what it
was at. This file imports nothing that is not in Python itself.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CARRIED = ROOT / ".gpu"
"""Wheels and data sets that a machine without a package index needs; ignored by git."""


@dataclass(frozen=True)
class Part:
    """One process: its name, its arguments for Python, and its time limit in seconds."""

    name: str
    command: tuple[str, ...]
    limit: float


def parts(tiny: bool, rows: int) -> tuple[Part, ...]:
    """What is run, the most telling first, within 8 minutes on one large GPU."""
    # Warnings of other versions than ours are no errors there.
    pytest = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "filterwarnings=default",
        "-m",
        "cuda",
        "tests/engine",
    )
    if tiny:
        recipe = ("--rows", "200", "--pretrain", "1", "--epochs", "1", "--seeds", "1", "--methods", "dec", "--presets")
        graphs = ("--rows", "600", "--epochs", "2", "--rounds", "1", "--methods", "dec")
        limit = ("--rounds", "1", "--batches", "256", "--rows", "600")
    else:
        recipe = ("--rows", str(rows), "--seeds", "3", "--presets")
        graphs, limit = ("--rows", str(rows)), ("--rounds", "3", "--batches", "256", "1024", "4096")
    return (
        Part("graphs", ("-m", "benchmarks.graphs", *graphs), 60),
        Part("limit", ("-m", "benchmarks.limit", *limit), 60),
        Part("same-recipe", ("-m", "benchmarks.same_recipe", *recipe), 240),
        Part("tests", pytest, 90),
    )


def installed(folder: Path) -> str:
    """A folder with what the wheels hold, for PYTHONPATH; empty where there are none."""
    wheels = sorted(map(str, (CARRIED / "wheels").glob("*.whl")))
    if not wheels:
        return ""
    site = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile", "--upgrade"]
    subprocess.run([*pip, "--target", str(site), *wheels], check=True)
    return str(site)


def environment(site: str, out: Path) -> dict[str, str]:
    """What the parts find in their environment: our code, the wheels, the data, and where results go."""
    path = os.pathsep.join(filter(None, [str(ROOT), site, os.environ.get("PYTHONPATH", "")]))
    found = os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "CONSTELLA_RESULTS": str(out)}
    if (CARRIED / "data").exists():
        found["CONSTELLA_DATA"] = str(CARRIED / "data")
    if site:
        found.setdefault("CONSTELLA_PEER", sys.executable)
    return found


def run(part: Part, out: Path, env: dict[str, str]) -> dict[str, object]:
    """Run one part, its output into a log; how it ended, its seconds, and the last line that it printed."""
    start, log = time.monotonic(), out / f"{part.name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *part.command], cwd=ROOT, env=env, stdout=file, stderr=file, start_new_session=True
        )
        try:
            status: object = process.wait(part.limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with all that it has started
            process.wait()
            status = f"stopped after {part.limit:.0f} s"
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return {
        "part": part.name,
        "status": status,
        "seconds": round(time.monotonic() - start, 1),
        "last_line": lines[-1][:300] if lines else "",
    }


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder for results and logs")
    parse.add_argument("--tiny", action="store_true", help="sizes for a CPU, to see that everything runs")
    parse.add_argument("--rows", type=int, default=70_000)
    parse.add_argument("--parts", nargs="*", help="only these parts")
    asked = parse.parse_args()
    out = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    env = environment(installed(out), out)
    summary = []
    for part in parts(asked.tiny, asked.rows):
        if asked.parts is None or part.name in asked.parts:
            summary.append(run(part, out, env))
            print(json.dumps(summary[-1]), flush=True)
            (out / "gpu-run.json").write_text(json.dumps(summary, indent=1) + "\n")
    sys.exit(any(one["status"] not in (0, 5) for one in summary))  # 5: no test is marked so, or none was collected


if __name__ == "__main__":
    main()

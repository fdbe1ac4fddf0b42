"""The same recipe here and in ClustPy: network, batch, epochs and learning rates alike, runs in turn, several seeds; then our
presets, and how soon they reach what ClustPy ends at with its own settings.

    python -m benchmarks.same_recipe [--rows 10000] [--pretrain 20] [--epochs 20] [--seeds 3] [--methods dec idec ...]

ClustPy 0.0.3 runs in an environment of its own (`.venv-peer`, made here; CONSTELLA_PEER names another Python that has it).
Both minimize squared errors summed over columns and averaged over samples, of inputs at mean 0 and variance 1. Seconds are those
of `fit` alone: imports and reading are outside, k-means and the last labels inside.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import describe
from benchmarks.sets import load
from benchmarks.tables import spread, table, write
from engine.core.card import Preset, preset
from engine.methods import METHODS as CATALOGUE
from engine.results.evaluate.metrics import with_truth

ROOT = Path(__file__).parents[1]
PEER = "clustpy==0.0.3"
METHODS = ("dec", "idec", "dcn", "dkm", "vade")
# ClustPy's weights and targets, in our terms: its IDEC weighs sharpening by 0.1, ours by gamma times the number of columns.
WEIGHTS = {
    "idec": {"gamma": 0.1 / 784, "target": "batch"},
    "dcn": {"weight": 0.1},
    "dkm": {"weight": 0.1},
    "dec": {"target": "batch"},
    "vade": {"weight": 784.0},
}
DEFAULT_EPOCHS = (100, 150)
"""ClustPy's own."""
SHOWN: tuple[Preset, ...] = ("balanced", "quick")


def peer_python() -> str:
    """The Python that has ClustPy; its environment is made at first use."""
    if os.environ.get("CONSTELLA_PEER"):
        return os.environ["CONSTELLA_PEER"]
    python = ROOT / ".venv-peer" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ROOT / ".venv-peer")], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "torch==2.13.0"], check=True)
        subprocess.run([*pip, "--no-deps", "torchvision==0.28.0", PEER], check=True)
        subprocess.run([*pip, "matplotlib", "numpy", "pandas", "scikit-learn", "scipy", "tqdm", "pillow"], check=True)
    return str(python)


class Bench:
    """The set in files that both sides read, and a way to run one training of either side."""

    def __init__(self, rows: int, folder: Path) -> None:
        data, self.y = load("mnist", rows)
        x = (data.x - data.x.mean()) / data.x.std()
        self.folder, self.rows = folder, len(x)
        np.save(folder / "flat.npy", x.flatten(1).numpy())
        np.save(folder / "pictures.npy", x.numpy())
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.threads = os.cpu_count() or 1

    def run(self, python: str, module: str, task: dict[str, object]) -> dict[str, object]:
        """Seconds, and what the labels say against the truth, at the end and at every look."""
        labels = self.folder / "labels.npy"
        common = {"k": 10, "device": self.device, "threads": self.threads, "labels": str(labels)}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        environment = os.environ | {"PYTHONPATH": path}
        environment.pop("OMP_WAIT_POLICY", None)
        done = subprocess.run(
            [python, str(ROOT / "benchmarks" / module), json.dumps(common | task)],
            capture_output=True,
            text=True,
            env=environment,
        )
        if done.returncode:
            raise SystemExit(f"{module} failed on {task}:\n{done.stderr[-3000:]}")
        told = json.loads(done.stdout.splitlines()[-1])
        found = np.atleast_2d(np.load(labels))
        scores = [with_truth(self.y, one) for one in found]
        told["looks"] = [
            {"seconds": at, "acc": score["acc"], "nmi": score["nmi"]}
            for at, score in zip(told.get("looks", []), scores, strict=False)
        ]
        return told | {"acc": scores[-1]["acc"], "nmi": scores[-1]["nmi"]}

    def peer(self, method: str, seed: int, pretrain: int, epochs: int) -> dict[str, object]:
        task = {"method": method, "seed": seed, "pretrain": pretrain, "epochs": epochs, "batch": 256}
        return self.run(peer_python(), "peer_run.py", task | {"x": str(self.folder / "flat.npy")})

    def ours(
        self, method: str, seed: int, precision: str, knobs: dict[str, object], monitor: bool
    ) -> dict[str, object]:
        task = {"method": method, "seed": seed, "precision": precision, "knobs": knobs, "monitor": monitor}
        # A method that is told the recipe looks at rows of numbers, as the peer does; by default it sees pictures.
        kind, x = ("image", "pictures.npy") if monitor else ("table", "flat.npy")
        return self.run(sys.executable, "our_run.py", task | {"x": str(self.folder / x), "kind": kind})


def recipe(method: str, pretrain: int, epochs: int) -> dict[str, object]:
    """ClustPy's recipe in our knobs."""
    shared = {
        "network": "dense",
        "layers": "500-500-2000",
        "latent": 10,
        "lr": 1e-3,
        "cluster_lr": 1e-4,
        "warmup": 0,
        "tolerance": 0.0,
    }
    return shared | {"pretrain_epochs": pretrain, "epochs": epochs, "batch": 256} | WEIGHTS[method]


def same(bench: Bench, chosen: list[str], seeds: int, pretrain: int, epochs: int) -> Iterator[list[dict[str, object]]]:
    """Both sides in turn, method by method and then with the next seed; yields all that is known after every training."""
    runs: dict[str, dict[str, list[dict[str, object]]]] = {
        method: {"peer": [], "auto": [], "float32": []} for method in chosen
    }
    for seed in range(seeds):
        for method, sides in runs.items():
            knobs = recipe(method, pretrain, epochs)
            sides["peer"].append(bench.peer(method, seed, pretrain, epochs))
            for precision in ("auto", "float32"):
                sides[precision].append(bench.ours(method, seed, precision, knobs, monitor=False))
            last = {side: {k: v for k, v in found[-1].items() if k != "looks"} for side, found in sides.items()}
            print(method, seed, last, flush=True)
            yield [compared(name, found) for name, found in runs.items() if found["peer"]]


def compared(method: str, runs: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    """Means and spreads of both sides, and how many times faster ours is, seed by seed."""
    sides = {
        side: {key: spread([float(one[key]) for one in found]) for key in ("seconds", "acc", "nmi")}
        for side, found in runs.items()
    }
    ratios = {
        side: spread([float(a["seconds"]) / float(b["seconds"]) for a, b in zip(runs["peer"], runs[side], strict=True)])
        for side in ("auto", "float32")
    }
    return {"method": method, "sides": sides, "times_faster": ratios}


def sooner(bench: Bench, chosen: list[str], seeds: int) -> Iterator[dict[str, object]]:
    """When each of our presets first stands where ClustPy ends, on average over seeds, with its own settings."""
    for method in chosen:
        peers = [bench.peer(method, seed, *DEFAULT_EPOCHS) for seed in range(seeds)]
        goal = {key: spread([float(one[key]) for one in peers]) for key in ("seconds", "acc", "nmi")}
        for name in SHOWN:
            knobs = preset(CATALOGUE[method].card.knobs, name)
            ours = [bench.ours(method, seed, "auto", knobs, monitor=True) for seed in range(seeds)]
            reached = {
                key: [
                    next((look["seconds"] for look in one["looks"] if look[key] >= goal[key]["mean"]), None)
                    for one in ours
                ]
                for key in ("acc", "nmi")
            }
            found = {
                "method": method,
                "preset": name,
                "peer": goal,
                "ours": {key: spread([float(one[key]) for one in ours]) for key in ("seconds", "acc", "nmi")},
                "reached_after": reached,
            }
            print("presets", found, flush=True)
            yield found


def results_table(result: dict[str, object]) -> str:
    """Both tables as Markdown."""
    rows = []
    for one in result["same_recipe"]:
        sides, faster = one["sides"], one["times_faster"]
        rows.append(
            [
                one["method"].upper().replace("VADE", "VaDE"),
                f"{sides['peer']['seconds']['mean']:.0f} s",
                f"{sides['auto']['seconds']['mean']:.0f} s",
                f"{faster['auto']['mean']:.1f}×",
                f"{faster['float32']['mean']:.1f}×",
                *(f"{sides[side]['acc']['mean']:.3f} ± {sides[side]['acc']['std']:.3f}" for side in ("peer", "auto")),
            ]
        )
    text = table(
        ["method", "ClustPy", "Constella", "faster", "faster in float32", "ACC ClustPy", "ACC Constella"], rows
    )
    rows = []
    for one in result["presets"]:
        peer, ours = one["peer"], one["ours"]
        rows.append(
            [
                f"{one['method'].upper().replace('VADE', 'VaDE')}, {one['preset']}",
                f"{peer['acc']['mean']:.3f}, {peer['nmi']['mean']:.3f} in {peer['seconds']['mean']:.0f} s",
                *(after(peer["seconds"]["mean"], one["reached_after"][key]) for key in ("acc", "nmi")),
                f"{ours['acc']['mean']:.3f}, {ours['nmi']['mean']:.3f} in {ours['seconds']['mean']:.0f} s",
            ]
        )
    heads = [
        "our preset, ClustPy's own settings",
        "ClustPy ends at ACC, NMI",
        "Constella has that ACC after",
        "that NMI after",
        "Constella ends at",
    ]
    return f"{text}\n\n{table(heads, rows)}" if rows else text


def after(peer: float, reached: list[float | None]) -> str:
    """When each seed was there, and how much sooner that is on average than the peer's end."""
    times = ", ".join("never" if one is None else f"{one:.0f} s" for one in reached)
    there = [one for one in reached if one is not None]
    return f"{times} ({peer * len(there) / sum(there):.0f}× sooner)" if len(there) == len(reached) else times


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--rows", type=int, default=70_000 if torch.cuda.is_available() else 10_000)
    parse.add_argument("--pretrain", type=int, default=20)
    parse.add_argument("--epochs", type=int, default=20)
    parse.add_argument("--seeds", type=int, default=3)
    parse.add_argument("--methods", nargs="*", default=list(METHODS))
    parse.add_argument("--presets", nargs="*", default=["dec"])
    parse.add_argument("--preset-seeds", type=int, default=2)
    told = parse.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(told.rows, Path(folder))
        result = {
            "machine": describe(),
            "peer": PEER,
            "data": f"mnist, {bench.rows} rows",
            "pretrain_epochs": told.pretrain,
            "epochs": told.epochs,
            "batch": 256,
            "seeds": told.seeds,
            "same_recipe": [],
            "presets": [],
        }
        for result["same_recipe"] in same(bench, told.methods, told.seeds, told.pretrain, told.epochs):
            write("same-recipe", result)
        for found in sooner(bench, told.presets, told.preset_seeds):
            result["presets"].append(found)
            write("same-recipe", result)
    print(results_table(result))


if __name__ == "__main__":
    main()

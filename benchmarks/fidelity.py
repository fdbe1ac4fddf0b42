"""Methods on the sets of their papers, in default settings, beside k-means on raw features and beside AE + k-means from the
same pretraining: mean and spread over seeds, and the distance to what was published.

    python -m benchmarks.fidelity [--methods dec ...] [--data optdigits ...] [--rows 10000] [--seeds 3]

What was measured is kept in `results/fidelity-<method>.json`, set by set; a set that is measured again replaces its old figures.
"""

import argparse
import time
from typing import Any

import numpy as np

import engine
from benchmarks.first_way import Memory
from benchmarks.machine import describe
from benchmarks.published import PUBLISHED
from benchmarks.sets import load
from benchmarks.tables import read, spread, table, write
from engine.card import knobs_of
from engine.methods import METHODS
from engine.methods.ae_kmeans import AEKMeans
from engine.redrawing import Redrawing
from engine.results.metrics import with_truth

SETS = ("optdigits", "usps", "mnist", "fashion_mnist", "coil20")
FIGURES = ("acc", "nmi", "ari", "seconds")


def once(method: str, data: engine.Data, y: np.ndarray, seed: int, shelf: Memory, **knobs: Any) -> dict[str, float]:
    """One training and what the labels say against the truth; samples outside of all groups count as one more group."""
    began = time.perf_counter()
    # Nobody is told the number of groups who can find it.
    k = int(y.max()) + 1 if METHODS[method].card.needs_k else None
    model = engine.Clusterer(method, k, random_state=seed, **knobs)
    for _ in model.follow(data, shelf):
        pass
    found = with_truth(y, model.labels_) | {"seconds": time.perf_counter() - began}
    return {key: float(found[key]) for key in FIGURES} | {"groups": float(len(set(model.labels_[model.labels_ >= 0])))}


def yardstick(method: str) -> dict[str, Any]:
    """The settings of AE + k-means under which its network is pretrained as that of `method`."""
    own = {knob.name: knob.default for knob in knobs_of(METHODS[method].card.knobs)}
    known = {knob.name for knob in knobs_of(AEKMeans.card.knobs)} - {"init", "finish"}
    return {name: value for name, value in own.items() if name in known}


def case(method: str, name: str, rows: int | None, seeds: int) -> dict[str, Any]:
    """All seeds of a method on a set, and of its yardsticks."""
    data, y = load(name, rows)
    deep = issubclass(METHODS[method], Redrawing) and method != "ae_kmeans"
    sides: dict[str, list[dict[str, float]]] = {side: [] for side in dict.fromkeys(("kmeans", method))}
    if deep:
        sides["ae_kmeans"] = []
    for seed in range(seeds):
        shelf = Memory()
        if deep:
            sides["ae_kmeans"].append(once("ae_kmeans", data, y, seed, shelf, **yardstick(method)))
        for side in dict.fromkeys(("kmeans", method)):
            sides[side].append(once(side, data, y, seed, shelf))
        print(
            name,
            seed,
            {side: {k: round(v, 3) for k, v in runs[-1].items()} for side, runs in sides.items()},
            flush=True,
        )
    found = {side: {key: spread([one[key] for one in runs]) for key in runs[0]} for side, runs in sides.items()}
    return {"data": name, "n": len(data), "seeds": seeds, "machine": describe(), "found": found}


def shown(method: str, result: dict[str, Any]) -> str:
    """A method's cases as a Markdown table."""
    lines = []
    for one in result["cases"]:
        found, figure = one["found"], PUBLISHED.get((method, one["data"]))
        beside = [acc(found[side]) if side in found else "" for side in ("ae_kmeans", "kmeans")]
        ours = found[method]
        theirs = "" if figure is None else f"{figure.acc:.3f} ({figure.kind}; {figure.source})"
        apart = "" if figure is None else f"{ours['acc']['mean'] - figure.acc:+.3f}"
        nmi = f"{ours['nmi']['mean']:.3f} ± {ours['nmi']['std']:.3f}"
        lines.append([f"{one['data']}, {one['n']:,}", acc(ours), nmi, *beside, theirs, apart])
    heads = ["data", "ACC", "NMI", "AE + k-means, same pretraining", "k-means, raw", "published ACC", "apart"]
    return table(heads, lines)


def acc(found: dict[str, Any]) -> str:
    """Mean and spread."""
    return f"{found['acc']['mean']:.3f} ± {found['acc']['std']:.3f}"


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parse.add_argument("--data", nargs="*", default=["optdigits"], choices=SETS)
    parse.add_argument("--rows", type=int, default=None)
    parse.add_argument("--seeds", type=int, default=3)
    told = parse.parse_args()
    for method in told.methods:
        before = read(f"fidelity-{method}") or {"cases": []}
        for name in told.data:
            new = case(method, name, told.rows, told.seeds)
            cases = [one for one in before["cases"] if one["data"] != name] + [new]
            before["cases"] = sorted(cases, key=lambda one: SETS.index(one["data"]))
            write(f"fidelity-{method}", before)
        print(shown(method, before), flush=True)


if __name__ == "__main__":
    main()

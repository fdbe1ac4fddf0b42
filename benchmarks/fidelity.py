"""Methods on the sets of their papers, beside k-means on the raw features and AE + k-means from the same pretraining: mean and
spread over seeds, in our defaults or in settings like those of a study, and the distance to what was published.

    python -m benchmarks.fidelity [--methods dec ...] [--data optdigits ...] [--settings "uniform study"] [--seeds 3]

Every run is kept in `results/fidelity-<method>.json` at once, and what is there already is not trained again (`--again` does).
"""

import argparse
import time
from typing import Any

import numpy as np
from torch import Tensor

import engine
from benchmarks.machine import describe
from benchmarks.published import AUTHORS, EXPLAINED, figure
from benchmarks.sets import SETS, load
from benchmarks.tables import read, spread, table, write
from engine.core.autoencoder_method import AutoencoderMethod
from engine.core.card import knobs_of
from engine.methods import METHODS
from engine.results.evaluate.metrics import with_truth

FIGURES = ("acc", "nmi", "ari", "seconds")
BASELINES = ("kmeans", "ae_kmeans")
NEAR = 0.02
"""A distance in ACC that needs no explanation."""


class Memory(dict[str, dict[str, Tensor]]):
    """Shares a pretraining between methods."""

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        """Keep pretrained networks, drop checkpoints."""
        if key.startswith("reuse-"):
            self[key] = tensors


class Seed:
    """One seed on one set: what is shared is trained once."""

    def __init__(self, name: str, rows: int | None, seed: int) -> None:
        self.data, self.y = load(name, rows)
        self.name, self.seed, self.tensor_store = name, seed, Memory()
        self.known: dict[str, dict[str, float]] = {}

    def run(self, method: str, **knobs: Any) -> dict[str, float]:
        """What the labels say against the truth; samples outside of all groups count as one more group."""
        told = f"{method} {sorted(knobs.items())}"
        if told not in self.known:
            began = time.perf_counter()
            # Nobody is told the number of groups who can find it.
            k = int(self.y.max()) + 1 if METHODS[method].card.needs_k else None
            model = engine.Clusterer(method, k, random_state=self.seed, **knobs)
            for _ in model.follow(self.data, self.tensor_store):
                pass
            found = with_truth(self.y, model.labels_) | {"seconds": time.perf_counter() - began}
            groups = float(len(set(model.labels_[model.labels_ >= 0])))
            self.known[told] = {"seed": self.seed, **{key: float(found[key]) for key in FIGURES}, "groups": groups}
            shown = {key: round(value, 3) for key, value in self.known[told].items()}
            print(time.strftime("%H:%M"), self.name, method, knobs, shown, flush=True)
        return self.known[told]


def known(method: str) -> dict[str, Any]:
    """The settings that a method has, and their defaults."""
    return {knob.name: knob.default for knob in knobs_of(METHODS[method].card.knobs)}


def yardstick(method: str, knobs: dict[str, Any]) -> dict[str, Any]:
    """The settings of AE + k-means under which its network is pretrained as that of `method` with these."""
    shared = known("ae_kmeans").keys() - {"init", "finish"}
    return {name: value for name, value in (known(method) | knobs).items() if name in shared}


def case(method: str, one: Seed, settings: str) -> dict[str, Any]:
    """An empty record of a method on a set."""
    columns = int(np.prod(one.data.shape))
    knobs = AUTHORS[settings].of(method, one.name, columns, set(known(method))) if settings else {}
    kept = {"data": one.name, "n": len(one.data), "settings": settings, "knobs": knobs}
    return kept | {"machine": describe(), "runs": {}}


def add(method: str, one: Seed, settings: str, again: bool) -> None:
    """Train a method under a seed, and its yardsticks, unless that is on record; write the record."""
    record = read(f"fidelity-{method}") or {"cases": []}
    new = case(method, one, settings)
    found = [kept for kept in record["cases"] if all(kept[key] == new[key] for key in ("data", "settings"))]
    if found and all(found[0][key] == new[key] for key in ("n", "knobs")):
        new = found[0]
    if any(run["seed"] == one.seed for run in new["runs"].get(method, ())) and not again:
        return
    told: dict[str, dict[str, Any]] = {"kmeans": {}}
    if issubclass(METHODS[method], AutoencoderMethod):
        told["ae_kmeans"] = yardstick(method, new["knobs"])
    told[method] = new["knobs"]
    for side, knobs in told.items():
        others = [run for run in new["runs"].get(side, ()) if run["seed"] != one.seed]
        new["runs"][side] = sorted([*others, one.run(side, **knobs)], key=lambda run: run["seed"])
    rest = [kept for kept in record["cases"] if kept not in found]
    record["cases"] = sorted([*rest, new], key=lambda kept: (SETS.index(kept["data"]), kept["settings"]))
    write(f"fidelity-{method}", record)


def results_table(method: str, cases: list[dict[str, Any]]) -> str:
    """A method's cases as a Markdown table, and what the settings of others are."""
    lines = []
    for kept in cases:
        runs, settings = kept["runs"], kept["settings"]
        published = figure(method, kept["data"], settings)
        beside = [
            mean_and_spread(runs[side], "acc") if side in runs and side != method else ""
            for side in reversed(BASELINES)
        ]
        theirs = "" if published is None else f"{published.acc:.3f} ({published.kind}; {published.source})"
        apart = "" if published is None else f"{mean(runs[method], 'acc') - published.acc:+.3f}"
        what = f"{kept['data']}, {kept['n']:,}"
        ours = [mean_and_spread(runs[method], "acc"), mean_and_spread(runs[method], "nmi")]
        lines.append([what, settings or "ours", *ours, *beside, theirs, apart, str(len(runs[method]))])
    heads = ["data", "settings", "ACC", "NMI", "AE + k-means, same pretraining", "k-means, raw"]
    parts = [table([*heads, "published ACC", "apart", "seeds"], lines)]
    for note in filter(None, (honest(method, kept) for kept in cases)):
        parts += ["", note]
    for settings in dict.fromkeys(kept["settings"] for kept in cases if kept["settings"]):
        parts += ["", f'Settings "{settings}": {AUTHORS[settings].says}.']
    return "\n".join(parts)


def honest(method: str, kept: dict[str, Any]) -> str:
    """What has to be said of a case: that its pretraining alone did better, and why it is apart from what was published."""
    where = f"{kept['data']}, {kept['settings'] or 'ours'}"
    found, published = mean(kept["runs"][method], "acc"), figure(method, kept["data"], kept["settings"])
    told = []
    if (
        method not in BASELINES
        and "ae_kmeans" in kept["runs"]
        and found < mean(kept["runs"]["ae_kmeans"], "acc") - NEAR / 2
    ):
        told.append("k-means on the same pretrained code agrees better with the labels.")
    if published is not None and abs(found - published.acc) > NEAR:
        told.append(EXPLAINED.get((method, kept["data"], kept["settings"]), ""))
    said = " ".join(filter(None, told))
    return f"{where}: {said}" if said else ""


def mean(runs: list[dict[str, float]], key: str) -> float:
    """Over the seeds."""
    return float(np.mean([run[key] for run in runs]))


def mean_and_spread(runs: list[dict[str, float]], key: str) -> str:
    """Mean and spread; of one seed nothing is known about the spread."""
    if len(runs) == 1:
        return f"{runs[0][key]:.3f} (one seed)"
    found: Any = spread([run[key] for run in runs])
    return f"{found['mean']:.3f} ± {found['std']:.3f}"


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parse.add_argument("--data", nargs="*", default=["optdigits"], choices=SETS)
    parse.add_argument("--settings", default="", choices=["", *AUTHORS])
    parse.add_argument("--rows", type=int, default=None)
    parse.add_argument("--seeds", type=int, default=3)
    parse.add_argument("--again", action="store_true")
    told = parse.parse_args()
    for name in told.data:
        for number in range(told.seeds):
            one = Seed(name, told.rows, number)
            for method in told.methods:
                add(method, one, told.settings, told.again)
    for method in told.methods:
        print(results_table(method, (read(f"fidelity-{method}") or {"cases": []})["cases"]), flush=True)


if __name__ == "__main__":
    main()

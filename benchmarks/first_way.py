"""DEC on optdigits, IDEC on USPS and DCN on 10,000 MNIST digits, each beside AE + k-means from the same pretraining and
k-means on the raw features: mean and spread over three seeds, our default settings.

    python -m benchmarks.first_way [case ...]
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from torch import Tensor

import engine
from benchmarks.machine import describe
from benchmarks.sets import load
from engine.results.metrics import with_truth

CASES = {"optdigits": ("dec", "optdigits", None), "usps": ("idec", "usps", None), "mnist": ("dcn", "mnist", 10_000)}
SEEDS = (0, 1, 2)
RESULTS = Path(__file__).parent / "results"


class Memory(dict[str, dict[str, Tensor]]):
    """Shares a pretraining between the methods of one case."""

    def put(self, key: str, tensors: dict[str, Tensor]) -> None:
        """Keep pretrained networks, drop checkpoints."""
        if key.startswith("reuse-"):
            self[key] = tensors


def score(method: str, data: engine.Data, y: np.ndarray, seed: int, shelf: Memory) -> dict[str, float]:
    start = time.perf_counter()
    model = engine.Clusterer(method, int(y.max()) + 1, random_state=seed)
    for _ in model.follow(data, shelf):
        pass
    seconds = time.perf_counter() - start
    return with_truth(y, model.labels_) | {"seconds": seconds}


def run(case: str) -> dict[str, object]:
    """All seeds of a case, method by method, so that each seed's pretraining is trained once."""
    deep, name, rows = CASES[case]
    data, y = load(name, rows)
    found: dict[str, list[dict[str, float]]] = {"kmeans": [], "ae_kmeans": [], deep: []}
    for seed in SEEDS:
        shelf = Memory()
        for method, scores in found.items():
            scores.append(score(method, data, y, seed, shelf))
            print(case, seed, method, {key: round(value, 3) for key, value in scores[-1].items()}, flush=True)
    return {"data": name, "n": len(data), "seeds": SEEDS, "machine": describe(), "methods": summary(found)}


def summary(found: dict[str, list[dict[str, float]]]) -> dict[str, object]:
    """Mean, spread and every seed's value of each figure of each method."""
    return {
        method: {key: spread([one[key] for one in scores]) for key in scores[0]} for method, scores in found.items()
    }


def spread(values: list[float]) -> dict[str, object]:
    return {"mean": float(np.mean(values)), "std": float(np.std(values)), "each": values}


def main() -> None:
    for case in sys.argv[1:] or CASES:
        result = run(case)
        path = RESULTS / f"first-way-{case}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
        for method, scores in result["methods"].items():
            print(f"{case:10} {method:10} ACC {scores['acc']['mean']:.3f} +- {scores['acc']['std']:.3f}")


if __name__ == "__main__":
    main()

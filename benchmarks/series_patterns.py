"""What each part of the features `patterns` is worth. `python -m benchmarks.series_patterns`

Each variant differs in one thing from what the encoder does; k-means and spectral clustering look for the true number of groups
in the series of `benchmarks.features`. Of large sets `ROWS` members are drawn. Mean adjusted Rand index over sets and seeds.
"""

import json
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.features import RESULT, by_kmeans, by_spectral, series
from benchmarks.machine import describe
from engine.features import patterns
from engine.features.reduction import Reduction
from engine.features.series import Scale, bridged, standardized
from engine.nets.random_convolutions import random_kernels
from engine.results.evaluate.metrics import with_truth

RECORD = RESULT.with_name("series_patterns.json")
ROWS, SEEDS = 500, 2


def largest(x: np.ndarray, lengths: np.ndarray, moments: int) -> np.ndarray:
    """The largest answer of each kernel [n, kernels], which ROCKET takes beside the share of positive ones."""
    values, ends, found = torch.from_numpy(x), torch.from_numpy(lengths), []
    for kernels in random_kernels(patterns.KERNELS, x.shape[1], moments):
        counts = (ends + 2 * kernels.padding - kernels.reach).clamp_min(1)[:, None, None]
        padded = F.pad(values, (0, max(kernels.reach + 1 - 2 * kernels.padding - x.shape[2], 0)))
        answers = F.conv1d(padded, kernels.weights, kernels.biases, padding=kernels.padding, dilation=kernels.dilation)
        found.append(answers.masked_fill(torch.arange(answers.shape[2]) >= counts, -torch.inf).amax(2))
    return torch.cat(found, 1).numpy()


def axes(found: np.ndarray, most: int = patterns.AXES) -> np.ndarray:
    """The leading principal axes [n, most] of features [n, m]."""
    return Reduction.fit(found, most).apply(found)


def standard(answers: np.ndarray) -> np.ndarray:
    """Columns [n, m] by their deviation, without those that never change."""
    spread = answers.std(axis=0)
    usable = spread > 1e-5 * np.abs(answers).max(axis=0)
    return np.asarray((answers - answers.mean(axis=0))[:, usable] / spread[usable])


def directions(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))


def variants(values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Features [n, d] by what is different in them."""
    x, lengths = bridged(values, -(-values.shape[2] // patterns.LONGEST))
    scaled = Scale.fit(x, lengths).apply(x, lengths)
    moments = int(np.quantile(lengths, patterns.SHORT, method="lower"))
    answers, levels = patterns._answers(scaled, lengths, moments), patterns._levels(scaled, lengths)
    shares = answers[:, : patterns.KERNELS]
    both = directions(standard(answers))
    yield "the encoder", axes(np.hstack([both, levels]))
    yield "without levels", axes(both)
    yield "answers not by their length", axes(standard(answers))
    yield "answers not standardized", axes(np.hstack([directions(answers - answers.mean(axis=0)), levels]))
    yield "shares alone", axes(np.hstack([directions(standard(shares)), levels]))
    most = standard(largest(scaled, lengths, moments))
    yield (
        "largest answers in place of means",
        axes(np.hstack([directions(np.hstack([standard(shares), most])), levels])),
    )
    yield "largest answers as well", axes(np.hstack([directions(np.hstack([standard(answers), most])), levels]))
    yield "ROCKET: shares and largest answers", axes(np.hstack([standard(shares), most]))
    yield "20 axes", axes(np.hstack([both, levels]), 20)
    own = patterns._answers(standardized(x, lengths), lengths, moments)
    yield "each series standardized", axes(directions(standard(own)))


def main() -> None:
    methods: dict[str, Callable[[np.ndarray, int, int], np.ndarray]] = {"kmeans": by_kmeans, "spectral": by_spectral}
    found: dict[str, dict[str, dict[str, float]]] = {}
    for data in series(lambda name: True, ROWS):
        k = int(data.y.max()) + 1
        for name, x in variants(data.values):
            for method, grouped in methods.items():
                scores = [with_truth(data.y, grouped(x, k, seed))["ari"] for seed in range(SEEDS)]
                found.setdefault(name, {}).setdefault(method, {})[data.name] = float(np.mean(scores))
        print(data.name, flush=True)
    means = {
        name: {method: float(np.mean(list(of.values()))) for method, of in by.items()} for name, by in found.items()
    }
    record = {"machine": describe(), "rows": ROWS, "seeds": SEEDS, "means": means, "sets": found}
    RECORD.write_text(json.dumps(record, indent=1) + "\n")
    print("\n".join(f"{name:36} {by['kmeans']:.3f} {by['spectral']:.3f}" for name, by in means.items()))


if __name__ == "__main__":
    main()

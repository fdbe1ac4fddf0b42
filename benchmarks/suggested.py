"""Whether a threshold on cheap statistics of series tells when their values are better than their patterns.

`python -m benchmarks.suggested` reads `benchmarks/results/features.json` and the sets it was measured on. Each set is left out in
turn: the statistic, threshold and side that suit the other sets best decide for it. Only a rule that beats one choice for all
sets in this way would be worth having (`engine.features.suggested.suggested_for_series`).
"""

import json
from collections.abc import Callable

import numpy as np

from benchmarks.features import RESULT, series
from engine.features.series import bridged, inside

RECORD = RESULT.with_name("suggested.json")
CHOICES = ("patterns", "values")


def level_share(x: np.ndarray, within: np.ndarray) -> float:
    """Share of the variance of all values that the mean of each series explains, the mean over channels."""
    counts = within.sum(axis=2)
    means = (x * within).sum(axis=2) / counts
    center = (means * counts).sum(axis=0) / counts.sum(axis=0)
    total = (np.square(x - center[:, None]) * within).sum(axis=(0, 2))
    between = (np.square(means - center) * counts).sum(axis=0)
    return float(np.mean(between / np.maximum(total, 1e-30)))


def alikeness(x: np.ndarray, within: np.ndarray) -> float:
    """Mean correlation of the series with their mean."""
    flat = (x * within).reshape(len(x), -1)
    centered = flat - flat.mean(axis=1, keepdims=True)
    mean = centered.mean(axis=0)
    sizes = np.linalg.norm(centered, axis=1) * np.linalg.norm(mean)
    return float(np.mean(centered @ mean / np.maximum(sizes, 1e-30)))


def roughness(x: np.ndarray, within: np.ndarray) -> float:
    """Mean over series and channels of the variance of steps by that of values."""
    steps = np.diff(x, axis=2).var(axis=2)
    return float(np.mean(steps / np.maximum(x.var(axis=2), 1e-30)))


STATISTICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "members": lambda x, within: float(len(x)),
    "channels": lambda x, within: float(x.shape[1]),
    "moments": lambda x, within: float(x.shape[2]),
    "share of variance between levels": level_share,
    "correlation with the mean series": alikeness,
    "roughness": roughness,
}


def best_rule(facts: np.ndarray, scores: np.ndarray) -> tuple[int, float, bool]:
    """Statistic, threshold and side [facts > threshold is the first choice] with the greatest mean score.

    Parameters
    ----------
    facts : ndarray of shape (sets, statistics)
    scores : ndarray of shape (sets, 2)
        Of the two choices.
    """
    rules = []
    for column in range(facts.shape[1]):
        values = np.unique(facts[:, column])
        for threshold in (values[0] - 1, *(values[1:] + values[:-1]) / 2):
            for side in (True, False):
                first = (facts[:, column] > threshold) == side
                rules.append(
                    (float(np.where(first, scores[:, 0], scores[:, 1]).mean()), column, float(threshold), side)
                )
    _, column, threshold, side = max(rules)
    return column, threshold, side


def main() -> None:
    measured = json.loads(RESULT.read_text())["kinds"]["series"]["sets"]
    rows, pairs, names = [], [], []
    for data in series(measured.__contains__, 2000):
        x, lengths = bridged(data.values)
        rows.append([statistic(x, inside(lengths, x.shape[2])) for statistic in STATISTICS.values()])
        pairs.append([measured[data.name]["features"][choice]["ari"]["mean"] for choice in CHOICES])
        names.append(data.name)
    facts, scores = np.array(rows), np.array(pairs)
    chosen = []
    for i in range(len(names)):
        others = np.arange(len(names)) != i
        column, threshold, side = best_rule(facts[others], scores[others])
        chosen.append(scores[i, 0 if (facts[i, column] > threshold) == side else 1])
    column, threshold, side = best_rule(facts, scores)
    result = {
        "sets": len(names),
        "always patterns": scores[:, 0].mean(),
        "always values": scores[:, 1].mean(),
        "the better of both": scores.max(axis=1).mean(),
        "one threshold, each set left out": float(np.mean(chosen)),
        "threshold on all sets": f"patterns where {tuple(STATISTICS)[column]} {'>' if side else '<='} {threshold:.4g}",
        "statistics": {name: dict(zip(STATISTICS, row, strict=True)) for name, row in zip(names, rows, strict=True)},
    }
    RECORD.write_text(json.dumps(result, indent=1) + "\n")
    print("\n".join(f"{key:34} {value}" for key, value in result.items() if key != "statistics"))


if __name__ == "__main__":
    main()

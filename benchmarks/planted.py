"""Groups that were planted: nodes of graphs, and few telling columns among very many. `python -m benchmarks.planted`

Graphs: k-means with the true k on the numbers that nodes become, beside scikit-learn's spectral clustering of the same adjacency
matrix. Wide tables: k-means with the true k on all columns, and on those that are suggested to be kept.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.metrics import adjusted_rand_score

from benchmarks.machine import describe
from benchmarks.tables import spread, write
from engine.intake import inspect, prepare, suggest
from engine.intake.recipes.preparation import Preparation

SEEDS = 3
PARTITIONS = {
    "4 groups of 50, clear": (4, 50, 0.3, 0.02),
    "4 groups of 50, faint": (4, 50, 0.2, 0.05),
    "10 groups of 40": (10, 40, 0.3, 0.02),
    "3 groups of 300, sparse": (3, 300, 0.03, 0.005),
    "20 groups of 25": (20, 25, 0.4, 0.02),
}
"""Groups, nodes in each, and the chance of a link within and between them."""
DIMENSIONS = (8, 16, 32)
COLUMNS, TELLING, EACH = 10_000, 100, 20


def kmeans(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    return KMeans(k, n_init=10, random_state=seed).fit_predict(x)


def partition(groups: int, each: int, within: float, between: float, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Edges of a planted partition, and the group of each node."""
    random, truth = np.random.default_rng(seed), np.repeat(np.arange(groups), each)
    chance = np.where(truth[:, None] == truth, within, between)
    first, second = np.nonzero(np.triu(random.random(chance.shape) < chance, 1))
    return pd.DataFrame({"source": first, "target": second}), truth


def graphs() -> dict[str, object]:
    """Adjusted Rand index of each partition, by number of dimensions and for the peer."""
    found: dict[str, object] = {}
    for title, shape in PARTITIONS.items():
        scores: dict[str, list[float]] = {}
        for seed in range(SEEDS):
            edges, truth = partition(*shape, seed)
            raw = inspect(edges, options={"kind": "graph"})
            nodes = truth[raw.rows["node"].astype(int)]
            for dimensions in DIMENSIONS:
                prepared = prepare(raw, Preparation(components=dimensions))
                labels = kmeans(prepared.x, shape[0], seed)
                scores.setdefault(f"ours, {dimensions} numbers", []).append(
                    adjusted_rand_score(nodes[prepared.kept], labels)
                )
            peer = SpectralClustering(shape[0], affinity="precomputed", random_state=seed)
            labels = peer.fit_predict(raw.graph.toarray())
            scores.setdefault("scikit-learn, spectral", []).append(adjusted_rand_score(nodes, labels))
        found[title] = {name: spread(values) for name, values in scores.items()}
        print(title, {name: round(float(np.mean(values)), 3) for name, values in scores.items()}, flush=True)
    return found


def counts(random: np.random.Generator, truth: np.ndarray) -> np.ndarray:
    """Counts of genes in cells of unlike depth."""
    means = np.tile(random.gamma(1, 8, COLUMNS) + 0.5, (3, 1))
    means[:, :TELLING] *= np.array([random.permutation([0.4, 1, 2.5]) for _ in range(TELLING)]).T
    return random.poisson(means[truth] * random.lognormal(0, 0.8, len(truth))[:, None])


def expression(random: np.random.Generator, truth: np.ndarray) -> np.ndarray:
    """Logarithms of expression that vary by chance, each column in its own measure."""
    x = random.normal(8, random.uniform(0.2, 1.2, COLUMNS), (len(truth), COLUMNS))
    shifts = np.array([random.permutation([0.0, 1.0, 2.0]) for _ in range(TELLING)]).T
    x[:, :TELLING] = random.normal(8, 0.4, (len(truth), TELLING)) + shifts[truth]
    return x.round(3)


TABLES: dict[str, Callable[[np.random.Generator, np.ndarray], np.ndarray]] = {
    "counts": counts,
    "expression": expression,
}


def wide() -> Iterator[tuple[str, dict[str, object]]]:
    """Adjusted Rand index of each kind of table, with all columns and with those that vary most."""
    truth = np.repeat([0, 1, 2], EACH)
    for title, make in TABLES.items():
        scores: dict[str, list[float]] = {"all columns": [], "those suggested": []}
        for seed in range(SEEDS):
            raw = inspect(pd.DataFrame(make(np.random.default_rng(seed), truth)).add_prefix("gene "))
            chosen = suggest(raw)
            every = Preparation.from_json({**chosen.to_json(), "most_varying": None})
            for name, preparation in (("all columns", every), ("those suggested", chosen)):
                scores[name].append(adjusted_rand_score(truth, kmeans(prepare(raw, preparation).x, 3, seed)))
        print(title, {name: round(float(np.mean(values)), 3) for name, values in scores.items()}, flush=True)
        yield title, {name: spread(values) for name, values in scores.items()}


def main() -> None:
    about = {"columns": COLUMNS, "telling": TELLING, "rows": 3 * EACH}
    write("planted", {"machine": describe(), "seeds": SEEDS, "graphs": graphs(), "wide": {**about, **dict(wide())}})


if __name__ == "__main__":
    main()

"""Every method in its defaults on easy sets, on which k-means is right: no method may fall behind it by more than a twentieth.

    python -m benchmarks.collapse [--method idec ...] [--data iris ...] [--seeds 5] [--quick] [--again]

Every run is kept in `results/collapse.json` at once under its method, set and seed, and is not trained again (`--again` does).
`--quick` is two seeds on the smallest set of each sort.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris, load_wine

import engine
from benchmarks.fidelity import Memory
from benchmarks.machine import describe
from benchmarks.sets import FOLDER
from benchmarks.tables import read, table, write
from engine.core.data import Data
from engine.core.errors import InputError
from engine.methods import METHODS
from engine.results.evaluate.metrics import with_truth
from engine.training.collapse import effective_number

Labels = npt.NDArray[np.int64]
Made = tuple[Data, Labels]

SHARE = 0.95
"""Of the accuracy of k-means that a method has to reach."""
DISTANCE = 8.0
"""Between the centers of any two blobs, at least, in standard deviations of the wider one."""
NOT_JUDGED = {
    "clustergan": "is not trained to the end in its default number of passes on small data",
    "simclr": "finds what is alike under its views of the data, which is not what k-means finds",
    "kmedoids": "takes a member for the center, which in dozens of columns is nearly as far from it as all others are",
    "nrkmeans": "evens out all directions by default, for the sake of several groupings: noise then counts as groups do",
    "skinnydip": "leaves what lies at the rim of its boxes along the axes without a group",
    "xmeans": "takes groups for balls of one size, and chops those that equal spreads of the columns have stretched",
}
"""Methods that are run and recorded, but promise something else than k-means does, and what."""
EQUAL = frozenset({"turtle"})
"""Methods that ask for groups of equal sizes, by a weight of ten for TURTLE: they are judged on blobs where these are equal."""
CLEAR_COLUMNS, CLEAR_MEMBERS = 5, 20
"""Methods that find the number of groups, which k-means is told, are judged where it shows: on blobs in so few columns, with so
many members on average."""


def blobs(columns: int, rows: int, k: int, equal: bool) -> Made:
    """Gaussian blobs that do not touch: of equal sizes and widths, or of sizes 1 to 4 and widths 1 to 2."""
    random = np.random.default_rng([columns, rows, k, equal])
    widths = np.ones(k) if equal else np.linspace(1, 2, k)
    shares = np.ones(k) if equal else np.linspace(1, 4, k)
    sizes = np.maximum(4, np.round(rows * shares / shares.sum()).astype(int))
    centers = placed(random, columns, widths)
    y = np.repeat(np.arange(k), sizes)
    return standardized(centers[y] + widths[y, None] * random.standard_normal((len(y), columns)), y)


def placed(random: np.random.Generator, columns: int, widths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[k, columns] random centers as near to each other as `DISTANCE` allows."""
    box = DISTANCE
    while True:
        for _ in range(200):
            centers = random.uniform(-box, box, (len(widths), columns)) / np.sqrt(columns)
            apart = np.linalg.norm(centers[:, None] - centers, axis=2) / np.maximum(widths[:, None], widths)
            if apart[~np.eye(len(widths), dtype=bool)].min() >= DISTANCE:
                return np.asarray(centers)
        box *= 1.1


def standardized(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Made:
    """Columns at mean 0 and variance 1, as the preparation of a table has them."""
    x = (x - x.mean(0)) / x.std(0)
    return Data(torch.from_numpy(x.astype(np.float32))), y.astype(np.int64)


def penguins() -> Made:
    """The measures of 342 penguins; the species are the groups."""
    data = engine.read(FOLDER / "csv" / "penguins.csv")
    assert data.raw is not None
    species = data.raw.rows["species"].astype("category").cat.codes.to_numpy(np.int64)
    columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    x = data.raw.rows[columns].to_numpy(np.float64)
    complete = np.isfinite(x).all(1)
    return standardized(x[complete], species[complete])


def digits() -> Made:
    """1,797 pictures of 8 x 8."""
    x, y = load_digits(return_X_y=True)
    return Data(torch.from_numpy((x / 16).astype(np.float32)).view(-1, 1, 8, 8), "image"), y


def series(sort: str, rows: int = 150, steps: int = 64) -> Made:
    """Three kinds of series with noise: waves by their form, trends by their direction, bumps by their place."""
    random = np.random.default_rng([rows, steps, len(sort)])
    y, t = np.arange(rows) % 3, np.linspace(0, 1, steps)
    waves = [np.sin(4 * np.pi * t), np.sign(np.sin(8 * np.pi * t)), 4 * (3 * t % 1) - 2]
    trends = [2 * t - 1, 1 - 2 * t, np.sin(2 * np.pi * t)]
    shapes = {"waves": waves, "trends": trends, "bumps": [2.0 * (abs(t - place) < 0.15) for place in (0.2, 0.5, 0.8)]}
    size = random.uniform(0.8, 1.2, (rows, 1))
    x = size * np.stack(shapes[sort])[y] + 0.3 * random.standard_normal((rows, steps))
    return Data(torch.from_numpy(x.astype(np.float32)).unsqueeze(1), "series"), y


BLOBS = [(2, 3), (5, 4), (20, 5), (60, 8)]
"""Columns and groups."""
FEWEST = 10
"""Members of a blob on average, at least: of 40 rows in 60 columns, one start of k-means in a hundred finds groups of 5."""
SETS: dict[str, Callable[[], Made]] = {
    "iris": lambda: standardized(*load_iris(return_X_y=True)),
    "wine": lambda: standardized(*load_wine(return_X_y=True)),
    **{f"series {sort}": partial(series, sort) for sort in ("waves", "trends", "bumps")},
    **{
        f"blobs {columns} x {rows}{'' if equal else ' unequal'}": partial(
            blobs, columns, rows, min(k, rows // FEWEST), equal
        )
        for rows in (40, 200)
        for columns, k in BLOBS
        for equal in (True, False)
    },
    "penguins": penguins,
    "digits": digits,
    **{
        f"blobs {columns} x 2000{'' if equal else ' unequal'}": partial(blobs, columns, 2000, k, equal)
        for columns, k in BLOBS
        for equal in (True, False)
    },
}
CLEAR = frozenset(
    f"blobs {columns} x {rows}{unequal}"
    for columns, k in BLOBS
    for rows in (40, 200, 2000)
    for unequal in ("", " unequal")
    if columns <= CLEAR_COLUMNS and rows >= CLEAR_MEMBERS * k
)
"""Sets on which methods that find the number of groups are judged."""
QUICK = ("iris", "series waves", "blobs 2 x 40", "blobs 5 x 200", "blobs 20 x 200 unequal")


def accuracy(y: Labels, labels: Labels) -> float:
    """ACC over the members that have a group; 0 where these are fewer than half (methods that leave members out)."""
    assigned = labels >= 0
    return float(with_truth(y[assigned], labels[assigned])["acc"]) if assigned.mean() >= 0.5 else 0.0


def plain(data: Data, y: Labels) -> float:
    """ACC of scikit-learn's k-means on the same prepared data."""
    k = int(y.max()) + 1
    labels = KMeans(k, n_init=10, random_state=0).fit(data.x.flatten(1).numpy()).labels_
    return accuracy(y, labels.astype(np.int64))


def run(
    method: str, data: Data, y: Labels, seed: int, tensor_store: Memory | None = None, **knobs: Any
) -> dict[str, Any]:
    """What a training found, and what its code and its reconstructions became; a store shares pretrained networks."""
    began = time.perf_counter()
    k = int(y.max()) + 1 if told_groups(method) else None
    # Methods for several groupings are told that there is one; of two, each would get a part of its directions.
    if hasattr(METHODS[method].card.knobs, "groupings"):
        knobs = {"groupings": "1", **knobs}
    model = engine.Clusterer(method, k, random_state=seed, **knobs)
    try:
        for _ in model.follow(data, tensor_store):
            pass
    except InputError as error:
        return {"acc": 0.0, "refused": str(error), "seconds": round(time.perf_counter() - began, 2)}
    labels = model.labels_
    sizes = np.bincount(labels[labels >= 0])
    told = [moment.terms["reconstruction"] for moment in model.history_ if "reconstruction" in moment.terms]
    code = model.outcome_.embedding
    return {
        "acc": round(accuracy(y, labels), 4),
        "effective groups": round(effective_number(sizes), 2),
        "spread of the code": float(f"{code.std(0).mean():.3g}"),
        "reconstruction": float(f"{told[-1] / max(told[0], 1e-12):.3g}") if told else None,
        "notes": list(model.history_[-1].notes),
        "seconds": round(time.perf_counter() - began, 2),
    }


def told_groups(method: str) -> bool:
    """Whether a method is told the number of groups: all that do not find it, and the tree, which is cut at it."""
    return METHODS[method].card.needs_k or method == "deepect"


def judged(method: str, name: str) -> bool:
    """Whether a method must not fall behind k-means on a set."""
    if method in NOT_JUDGED or (method in EQUAL and name.endswith("unequal")):
        return False
    return told_groups(method) or name in CLEAR


def takes(method: str, data: Data) -> bool:
    """Whether the method takes data of this kind."""
    return data.kind in METHODS[method].card.data


def results_table(record: dict[str, Any]) -> str:
    """By method: sets and runs in which it is judged, those that fall behind k-means, where, and what is not judged."""
    lines = []
    for method, cases in record["runs"].items():
        behind = {name: fallen(record, name, seeds) for name, seeds in cases.items()}
        counted = {name: seeds for name, seeds in cases.items() if judged(method, name)}
        others = [name for name in cases if name not in counted]
        where = ", ".join(f"{name} ({behind[name]} of {len(counted[name])})" for name in counted if behind[name])
        aside = sum(map(len, cases.values())) - sum(map(len, counted.values()))
        besides = f"{sum(behind[name] for name in others)} of {aside}" if aside else ""
        ran, worse = sum(map(len, counted.values())), sum(behind[name] for name in counted)
        lines.append([method, str(len(counted)), str(ran), str(worse), where, besides])
    return table(["method", "sets", "runs", "behind k-means", "where", "behind where not judged"], lines)


def fallen(record: dict[str, Any], name: str, seeds: dict[str, Any]) -> int:
    """How many of the runs on a set, by seed, are behind k-means."""
    return sum(one["acc"] < SHARE * record["k-means"][name] for one in seeds.values())


def main(arguments: Sequence[str] | None = None) -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--method", nargs="*", default=list(METHODS), choices=list(METHODS))
    parse.add_argument("--data", nargs="*", default=None, choices=list(SETS))
    parse.add_argument("--seeds", type=int, default=None)
    parse.add_argument("--quick", action="store_true")
    parse.add_argument("--again", action="store_true")
    told = parse.parse_args(arguments)
    seeds = told.seeds or (2 if told.quick else 5)
    for name in told.data or (QUICK if told.quick else SETS):
        data, y = SETS[name]()
        for seed in range(seeds):
            tensor_store = Memory()
            for method in (method for method in told.method if takes(method, data)):
                record = read("collapse") or {"machine": describe(), "k-means": {}, "runs": {}}
                record["k-means"].setdefault(name, round(plain(data, y), 4))
                kept = record["runs"].setdefault(method, {}).setdefault(name, {})
                if str(seed) in kept and not told.again:
                    continue
                kept[str(seed)] = run(method, data, y, seed, tensor_store)
                write("collapse", record)
                state = "BEHIND" if judged(method, name) and fallen(record, name, {"": kept[str(seed)]}) else ""
                print(method, name, seed, record["k-means"][name], kept[str(seed)], state, flush=True)
    print(results_table(read("collapse") or {"runs": {}, "k-means": {}}), flush=True)


if __name__ == "__main__":
    main()

"""Features: groups that k-means finds with each encoder, beside those on the prepared values. `python -m benchmarks.features`

`--kinds image` runs one kind of data, `--only SET` one set, `--encoders ID` one encoder, `--spectral` adds spectral clustering;
results are put beside those that were recorded before. The known answer never takes part; it only scores. Of sets with more
than `--rows` members so many are drawn.

A further kind is a function that yields `Labelled` sets, and a line in `KINDS`.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

import engine
from benchmarks.machine import describe
from benchmarks.made_pictures import letters, shapes
from benchmarks.preparation import tables, with_answer
from benchmarks.tables import spread
from engine.features import VALUES, encoder, encoders
from engine.intake import Raw, inspect, prepare, suggest
from engine.intake.recipes.feature_recipe import encoded_values, joined_texts
from engine.results.evaluate.metrics import with_truth

RESULT = Path(os.environ.get("CONSTELLA_RESULTS", Path(__file__).parent / "results")) / "features.json"
DATA = Path(os.environ.get("CONSTELLA_DATA", "data"))
SEEDS, RESTARTS = 3, 10
ARRAYS = ("cifar10_5k", "coil20", "orl_faces", "mnist", "fashion_mnist", "usps", "optdigits")
MADE = {"made_letters": letters, "made_shapes": shapes}
ZIPS = ("cifar10_1000_png_folders", "photos_ants_bees_original24")
TEXTS: Mapping[str, tuple[str, Callable[[str], str], int]] = {
    "banking77": ("banking77.csv", str, 1),
    "stackoverflow_titles": ("stackoverflow_titles.csv", str, 1),
    "bbc_news, headlines": ("bbc_news.csv.gz", lambda text: text.split("\n")[0], 1),
    "bbc_news, first 30 words": ("bbc_news.csv.gz", lambda text: " ".join(text.split()[:30]), 1),
    "bbc_news, first 60 words": ("bbc_news.csv.gz", lambda text: " ".join(text.split()[:60]), 2),
    "bbc_news, first 120 words": ("bbc_news.csv.gz", lambda text: " ".join(text.split()[:120]), 2),
    "bbc_news, 200 articles": ("bbc_news.csv.gz", str, 10),
    "bbc_news": ("bbc_news.csv.gz", str, 4),
}
"""Set -> its file, the part of each text that is compared, and by what the number of members is divided: long texts take long."""


@dataclass
class Labelled:
    """A set with its answer.

    Parameters
    ----------
    name : str
    values
        What an encoder of its kind takes, see `engine.features.base.Encoder`.
    prepared : ndarray of shape (n, ...)
        What methods get without an encoder.
    y : ndarray of shape (n,)
        The answer, from 0.
    """

    name: str
    values: Any
    prepared: np.ndarray
    y: np.ndarray


Wanted = Callable[[str], bool]
"""Whether a set of this name takes part."""


def drawn(y: np.ndarray, most: int) -> np.ndarray:
    """Which members take part: all, or `most` of them in their order."""
    return np.sort(np.random.default_rng(0).permutation(len(y))[:most])


def pictures(wanted: Wanted, most: int) -> Iterator[Labelled]:
    """Arrays of pictures with an answer, pictures made for it, and zips of folders."""
    for name in filter(wanted, ARRAYS):
        with np.load(DATA / f"{name}.npz") as file:
            x, y = file["x"], file["y"]
        rows = drawn(y, most)
        x = x[rows].reshape(-1, 8, 8) if name == "optdigits" else x[rows]
        yield _picture_set(name, inspect(x, name=name), y[rows])
    for name, make in filter(lambda item: wanted(item[0]), MADE.items()):
        x, y = make()
        yield _picture_set(name, inspect(x, name=name), y)
    for name in filter(wanted, ZIPS):
        raw = inspect(DATA / "images" / f"{name}.zip")
        yield _picture_set(name, raw, pd.factorize(raw.rows["folder"], sort=True)[0])


def _picture_set(name: str, raw: Raw, y: np.ndarray) -> Labelled:
    return Labelled(name, raw.array, prepare(raw, suggest(raw)).x, y)


def series(wanted: Wanted, most: int) -> Iterator[Labelled]:
    """The sets of the UCR and UEA archives, raw."""
    for path in sorted((*DATA.glob("ts_*.npz"), *DATA.glob("series_ucr/ts_*.npz")), key=lambda path: path.name):
        name = path.stem.removeprefix("ts_")
        if wanted(name):
            with np.load(path) as file:
                x, y = file["x"], file["y"]
            rows = drawn(y, most)
            raw = inspect(x[rows].reshape(len(rows), -1, x.shape[-1]), name=name)
            yield Labelled(name, raw.array, prepare(raw, suggest(raw)).x, y[rows])


def texts(wanted: Wanted, most: int) -> Iterator[Labelled]:
    """Columns of texts with an answer."""
    for name in filter(wanted, TEXTS):
        file, part, fewer = TEXTS[name]
        table = pd.read_csv(DATA / "text" / file)
        table = table.iloc[drawn(table["label"], most // fewer)]
        raw = inspect(pd.DataFrame({"text": table["text"].map(part).to_numpy()}), name=name)
        prepared = prepare(raw, suggest(raw)).x
        yield Labelled(name, joined_texts(raw.rows), prepared, pd.factorize(table["label"], sort=True)[0])


def labelled_tables(wanted: Wanted, most: int) -> Iterator[Labelled]:
    """The tables with an answer on which preparation is measured, too."""
    for name, frame, label in tables():
        if wanted(name):
            raw = with_answer(frame, label, most)
            prepared = prepare(raw, suggest(raw))
            y = pd.factorize(raw.rows[label].astype("str"), sort=True)[0][prepared.kept]
            rows = encoded_values(raw, prepared.recipe).iloc[prepared.kept]
            yield Labelled(name, rows, prepared.x, y)


KINDS: Mapping[str, Callable[[Wanted, int], Iterator[Labelled]]] = {
    "image": pictures,
    "series": series,
    "text": texts,
    "table": labelled_tables,
}
"""Kind of data -> its sets, of those whose name is wanted, with at most so many members."""


def by_kmeans(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    return np.asarray(KMeans(k, n_init=RESTARTS, random_state=seed).fit_predict(x))


def by_spectral(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    return np.asarray(engine.Clusterer("spectral", n_clusters=k, random_state=seed).fit_predict(x))


def scores(
    x: np.ndarray, y: np.ndarray, grouped: Callable[[np.ndarray, int, int], np.ndarray] = by_kmeans
) -> dict[str, Any]:
    """Accuracy, normalized mutual information and adjusted Rand index with the true number of groups."""
    flat, k = x.reshape(len(x), -1), int(y.max()) + 1
    found = [with_truth(y, grouped(flat, k, seed)) for seed in range(SEEDS)]
    return {key: spread([each[key] for each in found]) for key in ("acc", "nmi", "ari")}


def measure(data: Labelled, name: str, spectral: bool = False) -> dict[str, Any]:
    """The scores of one encoder, and the seconds that all threads work for it; its weights are loaded before the clock starts."""
    x, n = data.prepared, len(data.y)
    result: dict[str, Any] = {}
    if name != VALUES:
        encoder(name).fit(data.values[:32])
        start = time.process_time()
        x = encoder(name).fit(data.values)[1]
        result["processor_seconds_per_1000"] = (time.process_time() - start) * 1000 / n
    if spectral:
        result["spectral"] = scores(x, data.y, by_spectral)
    return {"dimensions": int(np.prod(x.shape[1:])), **scores(x, data.y), **result}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--only", nargs="+", metavar="SET", help="these sets alone")
    parser.add_argument("--rows", type=int, default=2000, help="members that are drawn of larger sets")
    parser.add_argument("--encoders", nargs="+", metavar="ID", help="these encoders alone")
    parser.add_argument("--spectral", action="store_true", help="also what spectral clustering finds")
    chosen = parser.parse_args()
    for kind in chosen.kinds:
        names = (VALUES, *(card.id for card in encoders(kind)))
        for data in KINDS[kind](lambda name: chosen.only is None or name in chosen.only, chosen.rows):
            for name in names:
                if chosen.encoders is None or name in chosen.encoders:
                    record(kind, data, name, measure(data, name, chosen.spectral))


def record(kind: str, data: Labelled, name: str, result: dict[str, Any]) -> None:
    """Put one result beside those that were recorded before."""
    recorded = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    recorded |= {"seeds": SEEDS, "restarts": RESTARTS}
    of_kind = recorded.setdefault("kinds", {}).setdefault(kind, {})
    of_kind["machine"] = describe()
    of_set = of_kind.setdefault("sets", {}).setdefault(data.name, {})
    of_set |= {"n": len(data.y), "groups": int(data.y.max()) + 1}
    of_set.setdefault("features", {})[name] = result
    RESULT.write_text(json.dumps(recorded, indent=1) + "\n")
    shown = " ".join(f"{key.upper()} {result[key]['mean']:.3f}" for key in ("acc", "nmi", "ari"))
    print(
        f"{data.name:30} {name:12} {shown} {result.get('processor_seconds_per_1000', 0):7.2f} s per 1,000", flush=True
    )


if __name__ == "__main__":
    main()

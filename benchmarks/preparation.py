"""Preparation: groups found after ours and after scikit-learn's scalers, on labelled tables. `python -m benchmarks.preparation`

Each scaler gets the columns that ours takes, blanks filled with the median, words one-hot. Of large tables 2,000 rows are drawn.
The known answer never takes part; it only scores. With `--slow` an autoencoder with k-means learns the first tables, too.
"""

import argparse
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler

from benchmarks.machine import describe
from engine.intake import Raw, inspect, prepare, suggest

RESULT = Path(__file__).parent / "results" / "preparation.json"
DATA = Path(os.environ.get("CONSTELLA_DATA", "data"))
ROWS, SEEDS, SLOW_TABLES = 2000, 3, 4
KNOWN = {
    "penguins.csv": "species",
    "mushroom.csv": "class",
    "wine_quality.csv": "color",
    "titanic.csv": "survived",
    "adult.csv.gz": "income",
    "bank-full.csv.gz": "y",
    "Telco-Customer-Churn.csv.gz": "Churn",
    "Wholesale_customers_data.csv": "Channel",
    "marketing_campaign.csv": "Response",
}
"""Files with an answer, and its column."""
ARRAYS = ("optdigits", "spambase", "mice_protein", "wisdm_activity", "shuttle")
SCALERS: Mapping[str, Callable[[], Any]] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    "quantile": lambda: QuantileTransformer(n_quantiles=100),
}


def tables() -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Name, rows with the answer among them, and the answer's column."""
    for path in sorted((DATA / "labelled_tables").glob("*.csv")):
        yield path.stem, inspect(path).rows, "class"
    for name, label in KNOWN.items():
        yield name.split(".")[0], inspect(DATA / "csv" / name).rows, label
    for name in ARRAYS:
        with np.load(DATA / f"{name}.npz") as arrays:
            x, y = arrays["x"], arrays["y"]
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
        yield name, frame.assign(answer=y), "answer"
    for name, read in (("wine", load_wine), ("breast_cancer", load_breast_cancer)):
        found = read(as_frame=True)
        yield name, found.data.assign(answer=found.target), "answer"


def with_answer(frame: pd.DataFrame, label: str, most: int = ROWS) -> Raw:
    """At most `most` rows, profiled, with `label` as the only answer."""
    rows = frame.sample(most, random_state=0).reset_index(drop=True) if len(frame) > most else frame
    raw = inspect(rows)
    columns = [
        replace(c, role="label" if c.name == label else "ignore" if c.role == "label" else c.role) for c in raw.columns
    ]
    return replace(raw, columns=tuple(columns))


def plain(raw: Raw) -> np.ndarray:
    """The features [n, columns] as numbers, blanks filled with the median, words one-hot."""
    parts = []
    for column in raw.columns:
        if column.role != "feature":
            continue
        values = raw.rows[column.name]
        if column.dtype == "date":
            values = pd.to_datetime(values).astype("int64") / 8.64e10
        if column.dtype in ("number", "date"):
            numbers = values.astype("float64")
            parts.append(numbers.fillna(numbers.median()).to_frame())
        else:
            parts.append(pd.get_dummies(values.astype("str"), dtype=float))
    return pd.concat(parts, axis=1).to_numpy(np.float64)


def kmeans(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    return KMeans(k, n_init=10, random_state=seed).fit_predict(x)


def mixture(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Full covariances where there are rows enough for them, else diagonal ones."""
    full = x.shape[1] <= 30 and len(x) >= 20 * x.shape[1]
    kind = "full" if full else "diag"
    found = GaussianMixture(k, covariance_type=kind, reg_covar=1e-3 * float(x.var()), random_state=seed)
    return found.fit_predict(x)


def autoencoder(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    from engine import Clusterer

    return Clusterer("ae_kmeans", n_clusters=k, random_state=seed).fit(x.astype(np.float32)).labels_


def measure(
    raw: Raw, label: str, methods: Mapping[str, Callable[[np.ndarray, int, int], np.ndarray]]
) -> dict[str, Any]:
    """Mean adjusted Rand index over the seeds, by method and preparation."""
    answer = pd.factorize(raw.rows[label].astype("str"))[0]
    prepared = prepare(raw, suggest(raw))
    features = plain(raw)
    ways = {"ours": prepared.x} | {
        name: scaler().fit_transform(features)[prepared.kept] for name, scaler in SCALERS.items()
    }
    truth, k = answer[prepared.kept], int(answer.max()) + 1
    return {
        name: {
            way: float(np.mean([adjusted_rand_score(truth, method(x, k, seed)) for seed in range(SEEDS)]))
            for way, x in ways.items()
        }
        for name, method in methods.items()
    }


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """Means over the tables, and by how much ours is above the best of the others on each of them."""
    means: dict[str, dict[str, float]] = {}
    worst: dict[str, dict[str, float]] = {}
    for method in {method for scores in found.values() for method in scores}:
        scores = {table: scores[method] for table, scores in found.items() if method in scores}
        means[method] = {way: float(np.mean([s[way] for s in scores.values()])) for way in ("ours", *SCALERS)}
        above = {table: s["ours"] - max(s[way] for way in SCALERS) for table, s in scores.items()}
        worst[method] = {table: gap for table, gap in above.items() if gap < -0.05}
    return {"means": means, "more_than_0.05_below_the_best": worst}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", action="store_true", help="an autoencoder with k-means, too")
    slow = parser.parse_args().slow
    warnings.simplefilter("ignore", ConvergenceWarning)
    found: dict[str, Any] = {}
    for name, frame, label in tables():
        methods = {"kmeans": kmeans, "gaussian_mixture": mixture}
        if slow and len(found) < SLOW_TABLES:
            methods["ae_kmeans"] = autoencoder
        found[name] = measure(with_answer(frame, label), label, methods)
        shown = {method: {way: round(ari, 3) for way, ari in scores.items()} for method, scores in found[name].items()}
        print(name, shown, flush=True)
    result = {"machine": describe(), "rows": ROWS, "seeds": SEEDS, **summary(found), "tables": found}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(summary(found), indent=1))


if __name__ == "__main__":
    main()

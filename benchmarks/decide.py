"""Decide for me: what the search chooses on labelled sets, beside k-means and the best candidate. `python -m benchmarks.decide`

Every set in CONSTELLA_DATA, and those of scikit-learn. The known answer never takes part; it only scores. A candidate's prior is
its mean over all other sets of its kind, so no set is judged by what was measured on it. `--kinds table series` runs some kinds,
`--only SET` one set, `--experience` writes what the engine ships with from the results that are there.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from benchmarks.machine import describe
from benchmarks.preparation import tables as labelled_tables
from benchmarks.preparation import with_answer
from engine.core.errors import InputError
from engine.intake import Raw, inspect, suggest
from engine.portfolio import candidates
from engine.portfolio.groups import number_of_groups
from engine.portfolio.judge import agreements, weights
from engine.portfolio.search import Search, Trial
from engine.portfolio.source import PreparedSource
from engine.results.evaluate.metrics import with_truth

RESULT = Path(os.environ.get("CONSTELLA_RESULTS", Path(__file__).parent / "results")) / "decide.json"
DATA = Path(os.environ.get("CONSTELLA_DATA", "data"))
BUDGET, ROWS, SEEDS = 240, 10_000, 3
PLAIN = "values|kmeans"
PICTURES = ("cifar10_5k", "coil20", "orl_faces", "mnist", "fashion_mnist", "usps", "optdigits")
TEXTS = {
    "banking77": "banking77.csv",
    "bbc_news": "bbc_news.csv.gz",
    "stackoverflow_titles": "stackoverflow_titles.csv",
}
Set = tuple[str, Raw, npt.NDArray[np.int64]]


def tables() -> Iterator[Set]:
    """Tables with an answer, at most 2,000 rows of each."""
    for name, frame, label in labelled_tables():
        raw = with_answer(frame, label)
        yield name, raw, np.unique(raw.rows[label].astype(str), return_inverse=True)[1]


def series() -> Iterator[Set]:
    """Those of the UCR archive, and others."""
    for path in [*sorted((DATA / "series_ucr").glob("*.npz")), *sorted(DATA.glob("ts_*.npz"))]:
        with np.load(path) as file:
            x, y = file["x"], file["y"]
        name = path.stem.removeprefix("ts_")
        yield name if path.parent.name == "series_ucr" else f"{name} (other)", inspect(_channels(x), name=name), y


def _channels(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return x if x.ndim == 3 else x[:, None]


def pictures() -> Iterator[Set]:
    """Arrays of pictures, at most `ROWS`, the first."""
    for name in PICTURES:
        with np.load(DATA / f"{name}.npz") as file:
            x, y = file["x"][:ROWS], file["y"][:ROWS]
        flat = name == "optdigits"  # a table has this name, too
        yield f"{name} (pictures)" if flat else name, inspect(x.reshape(-1, 8, 8) if flat else x, name=name), y


def texts() -> Iterator[Set]:
    """Texts with an answer, at most 5,000."""
    import pandas as pd

    for name, file in TEXTS.items():
        frame = pd.read_csv(DATA / "text" / file).sample(frac=1, random_state=0).head(5000).reset_index(drop=True)
        label = next(column for column in frame if frame[column].nunique() < 100)
        words = frame.drop(columns=label).select_dtypes(["object", "string"])
        longest = max(words, key=lambda column: words[column].str.len().mean())
        yield name, inspect(frame[[longest]], name=name), np.unique(frame[label].astype(str), return_inverse=True)[1]


KINDS: Mapping[str, Callable[[], Iterator[Set]]] = {
    "table": tables,
    "series": series,
    "text": texts,
    "image": pictures,
}


def tried(raw: Raw, y: npt.NDArray[np.int64], seed: int) -> dict[str, Any]:
    """One search with the true number of groups, and the number that is estimated without it."""
    began = time.perf_counter()
    source = PreparedSource(raw, suggest(raw), seed)
    truth = y[source.base.kept]
    k = len(np.unique(truth))
    found = Search(source, candidates.portfolio(source.kind, k, source.features), BUDGET, seed)
    for _ in found.run():
        pass
    spent = time.perf_counter() - began
    number = number_of_groups(source, BUDGET / 4)
    done = found.ranked()
    if not any(_name(trial) == PLAIN for trial in done):  # it was among those that only the sample saw
        done += [trial for trial in found.trials if trial.done and _name(trial) == PLAIN][:1]
    names = [_name(trial) for trial in done]
    labels = [trial.labels for trial in done if trial.labels is not None]
    scored = [with_truth(truth[source.rows], each) for each in labels]
    return {
        "kind": source.kind,
        "n": source.n,
        "groups": k,
        "seconds": round(spent, 1),
        "estimated": {"k": number.k, "likely": list(number.likely), "others": list(number.others)},
        "candidates": names,
        "filled": [round(float(w), 5) for w in weights([0.0] * len(labels), labels)],
        "agreements": np.round(agreements(labels), 4).tolist(),
        **{key: [round(one[key], 4) for one in scored] for key in ("acc", "nmi", "ari")},
    }


def _name(trial: Trial) -> str:
    return f"{trial.candidate.features}|{trial.candidate.method}"


def summary(sets: Mapping[str, Any]) -> dict[str, Any]:
    """By kind: what is chosen with priors from all other sets, beside k-means on the values and the best in hindsight."""
    told: dict[str, Any] = {}
    for kind in sorted({one["kind"] for one in sets.values()}):
        of_kind = {name: one for name, one in sets.items() if one["kind"] == kind}
        rows = {name: judged(one, experience_of(of_kind, without=name)) for name, one in of_kind.items()}
        chosen, plain, best = (np.array([row[key] for row in rows.values()]) for key in ("ari", "plain", "best"))
        told[kind] = {
            "sets": len(rows),
            "ari": round(float(chosen.mean()), 3),
            "kmeans": None if np.isnan(plain).all() else round(float(np.nanmean(plain)), 3),
            "best_in_hindsight": round(float(best.mean()), 3),
            "regret": round(float((best - chosen).mean()), 3),
            "rank_correlation": round(float(np.nanmean([row["rank_correlation"] for row in rows.values()])), 3),
            "above_kmeans": int((chosen > plain + 0.005).sum()),
            "below_kmeans_by_0.05": [name for name, row in rows.items() if row["ari"] < row["plain"] - 0.05],
            "k_within_one": round(float(np.mean([row["k_within_one"] for row in rows.values()])), 2),
            "chosen": {name: [row["chosen"], round(row["ari"], 3), round(row["acc"], 3)] for name, row in rows.items()},
        }
    return told


def experience_of(sets: Mapping[str, Any], without: str = "") -> dict[str, float]:
    """Mean adjusted Rand index of each candidate over the sets, but one."""
    reached: dict[str, list[float]] = {}
    for name, one in sets.items():
        if name != without:
            for candidate, ari in zip(one["candidates"], one["ari"], strict=True):
                reached.setdefault(candidate, []).append(ari)
    return {candidate: round(float(np.mean(values)), 4) for candidate, values in reached.items()}


def judged(one: Mapping[str, Any], known: Mapping[str, float]) -> dict[str, Any]:
    """The candidate of one set that the judge takes with these priors."""
    from engine.portfolio.judge import SHARPNESS

    middle = float(np.mean(list(known.values()))) if known else 0.0
    priors = np.array([known.get(name, middle) for name in one["candidates"]])
    likely = np.exp(SHARPNESS * priors) * np.array(one["filled"])
    scores = np.array(one["agreements"]) @ (likely / likely.sum())
    at, ari = int(scores.argmax()), np.array(one["ari"])
    k, within = one["groups"], {*one["estimated"]["others"], one["estimated"]["k"]}
    return {
        "chosen": one["candidates"][at],
        "ari": float(ari[at]),
        "acc": float(one["acc"][at]),
        "plain": float(ari[one["candidates"].index(PLAIN)]) if PLAIN in one["candidates"] else float("nan"),
        "best": float(ari.max()),
        "rank_correlation": _rank_correlation(scores, ari),
        "k_within_one": any(abs(k - other) <= 1 for other in within),
    }


def _rank_correlation(scores: npt.NDArray[np.float64], ari: npt.NDArray[np.float64]) -> float:
    """Spearman's, NaN where either is the same everywhere."""
    if len(ari) < 3 or not np.ptp(scores) or not np.ptp(ari):
        return float("nan")
    return float(spearmanr(scores, ari).statistic)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--only", nargs="+", metavar="SET", help="these sets alone")
    parser.add_argument("--experience", action="store_true", help="write the priors that the engine ships with")
    chosen = parser.parse_args()
    recorded: dict[str, Any] = json.loads(RESULT.read_text()) if RESULT.exists() else {"sets": {}}
    if chosen.experience:
        write_experience(recorded["sets"])
        return
    for kind in chosen.kinds:
        for name, raw, y in KINDS[kind]():
            if chosen.only is not None and name not in chosen.only:
                continue
            try:
                recorded["sets"][name] = tried(raw, y, 0)
            except InputError as fault:
                print(name, fault)
                continue
            recorded |= {"machine": describe(), "budget": BUDGET, "summary": summary(recorded["sets"])}
            RESULT.write_text(written(recorded))
            row = judged(recorded["sets"][name], {})
            print(
                f"{name:32} {row['chosen']:24} ARI {row['ari']:.3f} k-means {row['plain']:.3f} best {row['best']:.3f}"
            )


def written(recorded: Mapping[str, Any]) -> str:
    """The results as JSON, each set on a line of its own."""
    sets = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in recorded["sets"].items())
    head = json.dumps({name: value for name, value in recorded.items() if name != "sets"}, indent=1)[:-2]
    return f'{head},\n "sets": {{\n{sets}\n }}\n}}\n'


def write_experience(sets: Mapping[str, Any]) -> None:
    """The mean of each candidate over all sets of a kind, as the engine reads it; what was not run stays as it is."""
    known = json.loads(candidates.EXPERIENCE.read_text())
    for kind in sorted({one["kind"] for one in sets.values()}):
        known.setdefault(kind, {}).update(experience_of({k: one for k, one in sets.items() if one["kind"] == kind}))
    candidates.EXPERIENCE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()

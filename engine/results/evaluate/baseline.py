"""Plain k-means beside every result, and the honest sentence on who does better."""

import time
import warnings

import numpy as np

from engine.core.formatting import format_percent
from engine.results.embed import projection
from engine.results.evaluate import metrics
from engine.results.record.record import Baseline, Floats, Ints, Standing
from engine.results.text.markdown import escape

# Above this many rows k-means runs on batches.
BATCH_ABOVE = 50_000
# Above this many columns the starts are tried on principal components.
WIDE = 100
# Differences smaller than these are called a draw, whatever their significance.
LEAST_ACC, LEAST_SILHOUETTE = 0.01, 0.02


def kmeans(space: Floats, k: int, *, seed: int = 0) -> Ints:
    """Labels of k-means++ with ten starts (Arthur and Vassilvitskii 2007) on [n, d]; MiniBatch above 50,000 rows.

    Of wide data the ten starts run on its leading principal components; the best goes on in all columns to its end.
    """
    if space.shape[1] <= WIDE:
        return _fitted(space, k, seed)
    labels = _fitted(projection.limit_dimensions(space, seed=seed), k, seed)
    present = np.unique(labels)
    centers = np.stack([space[labels == label].mean(0) for label in present])
    return _fitted(space, len(present), seed, centers)


def _fitted(space: Floats, k: int, seed: int, centers: Floats | None = None) -> Ints:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    kind = MiniBatchKMeans if len(space) > BATCH_ABOVE else KMeans
    start = {"n_init": 10} if centers is None else {"n_init": 1, "init": centers}
    with warnings.catch_warnings():
        # Fewer distinct rows than groups: some stay empty, which the sizes show.
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        model = kind(n_clusters=min(k, len(space)), random_state=seed, **start).fit(space)
    return np.asarray(model.labels_, np.int64)


def compare(
    space: Floats,
    labels: Ints,
    ours: dict[str, float],
    *,
    n_clusters: int | None = None,
    truth: Ints | None = None,
    seed: int = 0,
) -> Baseline | None:
    """K-means on [n, d] and how `labels` stand against it; None where there would be fewer than two groups.

    K-means makes the `n_clusters` groups that were asked for, whatever has become of them: a method whose groups ran
    together must not be compared with a k-means of as few. None is as many as were found.
    Without labels both are judged by the silhouette in `space` over the very same rows, those that have a group;
    `ours` holds the numbers of `labels` made with the same seed.
    """
    k = len(np.unique(labels[labels >= 0])) if n_clusters is None else n_clusters
    if k < 2 or len(space) <= k:
        return None
    began = time.perf_counter()
    plain = kmeans(space, k, seed=seed)
    seconds = time.perf_counter() - began
    scores = metrics.without_truth(space, np.where(labels < 0, -1, plain), seed=seed)
    if truth is not None and (truth >= 0).any():
        scores |= metrics.with_truth(truth, plain)
        standing, measure = _by_labels(truth, labels, plain), "acc"
    else:
        standing, measure = _by_separation(ours, scores), "silhouette"
    return Baseline(plain, scores, metrics.agreement(labels, plain), standing, measure, seconds, _moved(labels, plain))


def verdict(method: str, ours: dict[str, float], plain: Baseline | None, *, itself: bool = False) -> str:
    """The comparison in words, Markdown; `itself` is True where the method is plain k-means."""
    if plain is None:
        return "There are fewer than two groups, so there is nothing to compare with plain k-means."
    if itself:
        return "This is plain k-means itself, the yardstick for every other method."
    head = {
        "better": f"**{escape(method)} beats plain k-means**",
        "same": f"**{escape(method)} does about as well as plain k-means**",
        "worse": f"**{escape(method)} does not beat plain k-means here**",
        "unknown": f"**{escape(method)} cannot be compared with plain k-means by a number**",
    }[plain.standing]
    return f"{head}{_numbers(ours, plain)} {_agreed(plain)}"


def _numbers(ours: dict[str, float], plain: Baseline) -> str:
    name = plain.measure
    if plain.standing == "unknown" or name not in ours or name not in plain.metrics:
        return "."
    a, b = ours[name], plain.metrics[name]
    if name == "acc":
        draw = ", no more than chance explains" if plain.standing == "same" else ""
        advice = " Prefer k-means, or try another method." if plain.standing == "worse" else ""
        return f": {format_percent(a)} of the members match their label, against {format_percent(b)}{draw}.{advice}"
    some = (
        f" Counted over the {format_percent(ours['coverage'])} of members that have a group."
        if ours.get("coverage", 1) < 1
        else ""
    )
    favors = " The measure favors k-means, so look whether the groups make sense to you."
    home = favors if plain.standing == "worse" else ""
    return f": in the prepared data its groups have a separation of {a:.2f}, those of k-means {b:.2f}.{home}{some}"


def _agreed(plain: Baseline) -> str:
    score = f"(agreement {plain.agreement:.2f} of 1)"
    if plain.agreement >= 0.9:
        return f"Both find nearly the same groups {score}."
    if plain.agreement >= 0.6:
        return f"Both find largely the same groups {score}."
    return f"The two groupings differ {score}."


def _moved(labels: Ints, plain: Ints) -> float:
    return float(1 - metrics.hits(plain, labels)[labels >= 0].mean())


def _by_labels(truth: Ints, labels: Ints, plain: Ints) -> Standing:
    """Compares the accuracies on the same members by the paired standard error (McNemar 1947)."""
    known = truth >= 0
    difference = metrics.hits(truth, labels)[known].astype(float) - metrics.hits(truth, plain)[known]
    mean, error = float(difference.mean()), float(difference.std() / np.sqrt(len(difference)))
    return _standing(mean, max(LEAST_ACC, 1.96 * error))


def _by_separation(ours: dict[str, float], theirs: dict[str, float]) -> Standing:
    if "silhouette" not in theirs:
        return "unknown"
    if "silhouette" not in ours:  # a single group, where k-means found several
        return "worse"
    return _standing(ours["silhouette"] - theirs["silhouette"], LEAST_SILHOUETTE)


def _standing(difference: float, margin: float) -> Standing:
    return "same" if abs(difference) < margin else "better" if difference > 0 else "worse"

"""A scan over the number of groups: k-means for each, judged by several criteria over several subsamples."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.core.formatting import format_count, format_list, format_percent
from engine.results.embed.projection import limit_dimensions
from engine.results.evaluate import metrics
from engine.results.evaluate.k_criteria import CRITERIA, favored
from engine.results.record.diagnostics import Array, Scan
from engine.results.record.record import Floats, Ints

MOST_GROUPS = 20
# Subsamples, their largest size and share of the rows, and data sets without groups for the gap statistic.
SAMPLES, ROWS, SHARE, REFERENCES = 5, 1000, 0.8, 10
# Rows on which two splits are compared.
COMMON = 2000
# Fewer rows than this in each of the most groups, and the scan ends earlier.
LEAST_EACH = 10
# Share of the votes from which a number stands out, clearly or at all.
CLEAR, LIKELY = 0.6, 0.4

Tell = Callable[[float], None]


def numbers(n: int, own: int, most: int = MOST_GROUPS) -> Ints:
    """The numbers of groups that are tried for n rows: 1 (no groups) to `most`, or to a little more than the run's own."""
    most = max(most, min(own + 5, 40))
    return np.arange(1, max(min(most, int(SHARE * n) // LEAST_EACH), 3) + 1)


def scan(columns: Floats, learned: Floats | None, ks: Ints, *, seed: int = 0, tell: Tell = lambda share: None) -> Scan:
    """Try the numbers `ks` in the prepared columns [n, d] and in the learned space [n, e]; `tell` hears the share done."""
    halves = 1 if learned is None else 2
    first, error = _space(limit_dimensions(columns, seed=seed), ks, seed, lambda share: tell(share / halves))
    if learned is None:
        return Scan(ks, first, None, np.stack([error, np.zeros_like(error)]))
    second, other = _space(limit_dimensions(learned, seed=seed), ks, seed, lambda share: tell((1 + share) / 2))
    return Scan(ks, first, second, np.stack([error, other]))


def _space(x: Floats, ks: Ints, seed: int, tell: Tell) -> tuple[Array, Array]:
    """Values [C, B, K] and the standard error of the gap [K]."""
    draw = np.random.default_rng(seed)
    size = min(ROWS, int(SHARE * len(x)))
    samples = [x[np.sort(draw.choice(len(x), size, replace=False))] for _ in range(SAMPLES)]
    common = x[draw.choice(len(x), min(COMMON, len(x)), replace=False)]
    references = [_without_groups(x, size, draw) for _ in range(REFERENCES)]
    values = np.full((len(CRITERIA), SAMPLES, len(ks)), np.nan, np.float32)
    errors = np.zeros(len(ks), np.float32)
    for i, k in enumerate(int(k) for k in ks):
        expected = np.array([np.log(max(_fitted(reference, k, seed).inertia_, 1e-30)) for reference in references])
        errors[i] = expected.std() * np.sqrt(1 + 1 / REFERENCES)
        models = [_fitted(sample, k, seed) for sample in samples]
        for b, (sample, model) in enumerate(zip(samples, models, strict=True)):
            values[:3, b, i] = _judged(sample, model.labels_.astype(np.int64))
            values[3, b, i] = expected.mean() - np.log(max(model.inertia_, 1e-30))
        values[4, :, i] = np.nan if k == 1 else _agreements([model.predict(common) for model in models])
        tell((i + 1) / len(ks))
    return values, errors


def _fitted(x: Floats, k: int, seed: int) -> Any:
    import warnings

    from sklearn.cluster import KMeans

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        return KMeans(k, n_init=2, random_state=seed).fit(x)


def _without_groups(x: Floats, size: int, draw: np.random.Generator) -> Floats:
    """Rows even within the range of `x` along its principal axes (Tibshirani, Walther and Hastie 2001, section 3b)."""
    middle = x.mean(0)
    _, _, axes = np.linalg.svd(x - middle, full_matrices=False)
    turned = (x - middle) @ axes.T
    uniform = draw.uniform(turned.min(0), turned.max(0), (size, len(axes))) @ axes + middle
    return np.asarray(uniform, np.float32)


def _judged(x: Floats, labels: Ints) -> list[float]:
    scores = metrics.without_truth(x, labels)
    return [scores.get(name, np.nan) for name in list(CRITERIA)[:3]]


def _agreements(labels: list[Ints]) -> list[float]:
    """For each split of the common rows its mean agreement with the others."""
    agreed = np.array([[metrics.agreement(a, b) for b in labels] for a in labels])
    return [float(value) for value in (agreed.sum(1) - 1) / (len(labels) - 1)]


def votes(found: Scan, space: str) -> dict[str, list[int]]:
    """Criterion -> the number it favors in each subsample, in one of the spaces of the scan."""
    values, errors = found.spaces[space], found.errors[0 if space == "columns" else 1]
    return {name: [favored(name, row, found.ks, errors) for row in values[i]] for i, name in enumerate(CRITERIA)}


def sentence(found: Scan, own: int) -> str:
    """Which numbers the criteria favor, how sure that is, and where the run's own number stands; Markdown."""
    columns = f"In the prepared data {_said(votes(found, 'columns'), own)}"
    if found.learned is None:
        return columns
    return (
        f"{columns} In what the method learned {_said(votes(found, 'learned'), own)} A method that sharpens its groups "
        "agrees with itself there, so trust the prepared data more where the two differ."
    )


def _said(cast: dict[str, list[int]], own: int) -> str:
    every = [k for some in cast.values() for k in some]
    order = sorted(set(every), key=lambda k: (-every.count(k), k))
    share = every.count(order[0]) / len(every)
    by = [CRITERIA[name].label.lower() for name, some in cast.items() if some.count(order[0]) > len(some) / 2]
    if share >= LIKELY:
        how = "stand out with" if share >= CLEAR else "are favored most, with"
        none = " (that is, no groups at all)" if order[0] == 1 else ""
        head = f"**{format_count(order[0], 'group')}**{none} {how} {format_percent(share)} of the votes"
        head += f" ({format_list(by)})." if by else "."
    else:
        some = format_list([str(k) for k in order[:3]])
        head = f"**no number stands out**: the criteria disagree, naming {some} most often."
    return f"{head} {_own(own, every, order[0])}"


def _own(own: int, every: list[int], first: int) -> str:
    if own == first:
        return f"The run has {own}."
    share = every.count(own) / len(every)
    return f"The run's own {own} {f'has {format_percent(share)} of them' if share else 'is named by none'}."

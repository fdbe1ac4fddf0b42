"""Why a member is in its group and not in the runner-up: what it has, and how usual that is in either.

A value speaks for a group by its weight of evidence (Good 1950), the logarithm of how many times as frequent such values
are in this group as in the other. Values are taken in ranges that hold equally many members, so that neither units nor
outliers matter; frequencies are smoothed towards those of all members, as if five more members had been seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.core.formatting import format_moments, format_number, format_pair, format_percent, precision_of
from engine.intake.mapped import pieces, some_rows
from engine.results.embed.projection import stratified
from engine.results.explain.differences import COMPARED, LEAST_OF_GROUP
from engine.results.explain.features import VALUES, Feature, measure
from engine.results.explain.keywords import spoken
from engine.results.record.explanations import FeatureBins, FeatureDistributions
from engine.results.record.record import Ints
from engine.results.text.markdown import escape

_RANGES = 12
_WIDTH = VALUES + 2
"""Categories, all rarer ones, and no value."""
_PRIOR = 5.0
CLEAR = float(np.log(2))
"""What is not even twice as frequent in one group is not worth a sentence."""


@dataclass(frozen=True)
class Reason:
    """One aspect of a member that speaks for its group (`weight` above 0) or against it."""

    column: str
    weight: float
    sentence: str
    """Markdown without the final stop."""


@dataclass(frozen=True)
class Sides:
    """The two groups that are weighed against each other, and what they are called; `other` is -1 for all other members."""

    own: int
    other: int
    own_called: str
    other_called: str


def distributions(features: Sequence[Feature], labels: Ints, k: int) -> FeatureDistributions:
    """How the values of each of k groups are spread over every feature."""
    counts = np.zeros((k, len(features), _WIDTH), np.int32)
    medians = np.full((k, len(features)), np.nan)
    binned = []
    some = stratified(labels, COMPARED, least=LEAST_OF_GROUP) if len(labels) > COMPARED else slice(None)
    for i, feature in enumerate(features):
        bins = _bins(feature)
        for part in pieces(len(labels)):
            places, own, inside = _places(bins, feature.values[part]), labels[part], labels[part] >= 0
            pairs = np.bincount(own[inside] * _WIDTH + places[inside], minlength=k * _WIDTH)
            counts[:, i] += pairs.reshape(k, _WIDTH).astype(np.int32)
        if feature.kind in ("number", "date"):
            found = pd.Series(feature.values[some]).groupby(labels[some]).median().reindex(range(k))
            medians[:, i] = found.to_numpy(np.float64)
        binned.append(bins)
    return FeatureDistributions(tuple(binned), counts, medians)


def reasons(distributions: FeatureDistributions, has: Sequence[Any], sides: Sides) -> list[Reason]:
    """What speaks for the own group and against it, strongest first; `has` holds the member's value of each feature."""
    reasons = []
    for i, (bins, value) in enumerate(zip(distributions.bins, has, strict=True)):
        place = _place(bins, value)
        if bins.kind == "word" and place == 0:
            continue  # a text lacks nearly every word
        weight, shares = _weight(distributions.counts[:, i], place, sides)
        if abs(weight) >= CLEAR:
            sentence = _sentence(bins, value, (distributions.medians[:, i], shares, weight), sides)
            reasons.append(Reason(bins.column, weight, sentence))
    return sorted(reasons, key=lambda reason: -abs(reason.weight))


def values_of(
    distributions: FeatureDistributions, kind: str, row: Mapping[Any, Any], value: npt.NDArray[Any] | None
) -> list[Any]:
    """A member's value of each feature, from its raw row and, for pictures and series, its array."""
    measured = {} if value is None else measure(kind, value[None]).iloc[0].to_dict()
    texts: dict[str, frozenset[str]] = {}
    values: list[Any] = []
    for bins in distributions.bins:
        cell = measured.get(bins.column, row.get(bins.column))
        if bins.kind == "word":
            if bins.column not in texts:
                texts[bins.column] = spoken("" if pd.isna(cell) else str(cell))
            values.append(bins.names[0] in texts[bins.column])
        else:
            values.append(_read(bins, cell))
    return values


def summary(found: Sequence[Reason], sides: Sides) -> str:
    """One sentence of Markdown where everything points the same way, or nothing points anywhere; else empty."""
    own, other = escape(sides.own_called, 110), escape(sides.other_called, 110)
    if not found:
        return f"Nothing that can be said of it is much more common in {own} than in {other}, or the other way round."
    if all(reason.weight > 0 for reason in found):
        return f"Nothing that stands out speaks for {other}."
    if all(reason.weight < 0 for reason in found):
        return f"What stands out is more common in {other}. The method looked at everything together and put it here."
    return ""


def _bins(feature: Feature) -> FeatureBins:
    if feature.kind not in ("number", "date"):
        return FeatureBins(feature.column, feature.kind, names=feature.names)
    values = some_rows(pd.Series(feature.values, copy=False)).to_numpy()
    known = values[np.isfinite(values)]
    cuts = np.quantile(known, np.arange(1, _RANGES) / _RANGES, method="lower")
    # Above the last border there has to be something, else its range is always empty.
    edges = [float(cut) for cut in np.unique(cuts) if cut < known.max()]
    return FeatureBins(feature.column, feature.kind, tuple(edges))


def _places(bins: FeatureBins, values: npt.NDArray[Any]) -> Ints:
    """The range of each value."""
    if bins.kind in ("number", "date"):
        ranges = np.searchsorted(np.array(bins.edges), values, side="left")
        return np.where(np.isnan(values), _WIDTH - 1, ranges).astype(np.int64)
    return np.where(values < 0, _WIDTH - 1, values).astype(np.int64)


def _place(bins: FeatureBins, value: Any) -> int:
    if bins.kind == "word":
        return int(value)
    if bins.kind == "category":
        if value == "":
            return _WIDTH - 1
        return bins.names.index(value) if value in bins.names else len(bins.names)
    return int(_places(bins, np.array([value], np.float64))[0])


def _read(bins: FeatureBins, cell: Any) -> Any:
    """A cell as the bins count it: a number, seconds, or text, "" where blank."""
    blank = bool(pd.isna(cell))
    if bins.kind == "date":
        moment = pd.to_datetime(cell, errors="coerce", utc=True)
        return float("nan") if pd.isna(moment) else float(moment.timestamp())
    if bins.kind == "number":
        return float("nan") if blank else float(pd.to_numeric(cell, errors="coerce"))
    if blank:
        return ""
    text = str(cell)
    # Whole numbers are counted without a decimal point.
    return str(int(cell)) if text not in bins.names and isinstance(cell, float) and cell.is_integer() else text


def _weight(counts: npt.NDArray[np.int32], place: int, sides: Sides) -> tuple[float, tuple[float, float]]:
    """The weight of evidence of a value for the own group, and its plain share in both."""
    overall = counts.sum(0)
    own = counts[sides.own]
    other = overall - own if sides.other < 0 else counts[sides.other]
    prior = (overall[place] + 1) / (overall.sum() + np.count_nonzero(overall) + 1)
    smooth = [(side[place] + _PRIOR * prior) / (side.sum() + _PRIOR) for side in (own, other)]
    plain = (float(own[place] / max(own.sum(), 1)), float(other[place] / max(other.sum(), 1)))
    return float(np.log(smooth[0] / smooth[1])), plain


def _sentence(
    bins: FeatureBins, value: Any, known: tuple[npt.NDArray[np.float64], tuple[float, float], float], sides: Sides
) -> str:
    medians, shares, weight = known
    own, other = escape(sides.own_called, 110), escape(sides.other_called, 110)
    name = f"*{escape(bins.column)}*"
    often = f"{format_percent(shares[0])} of {own} and {format_percent(shares[1])} of {other}"
    if bins.kind == "word":
        return f"says *{escape(bins.names[0])}*: so do {often}"
    if value == "" or (bins.kind != "category" and np.isnan(value)):
        return f"{name} is blank: so it is for {often}"
    if bins.kind == "category":
        return f"{name} is *{escape(value)}*: so it is for {often}"
    times = f"{format_number(np.exp(abs(weight)))} times as common in {own if weight > 0 else other}"
    if sides.other < 0 or not np.isfinite([medians[sides.own], medians[sides.other]]).all():
        return f"{name} is {_written(bins, value)[0]}: values like this are {times}"
    near = abs(value - medians[sides.own]) < abs(value - medians[sides.other])
    has, a, b = _written(bins, value, medians[sides.own], medians[sides.other])
    usually = f"{name} is {has}: usual is {a} in {own} and {b} in {other}"
    return usually if near == (weight > 0) else f"{usually}, but values like this are {times}"


def _written(bins: FeatureBins, value: float, *medians: float) -> list[str]:
    """The member's value, and the medians of the two groups beside each other."""
    if bins.kind == "date":
        return format_moments(value, *medians, precision=precision_of(bins.edges))
    return [format_number(value), *(format_pair(*medians) if medians else ())]

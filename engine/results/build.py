"""From a trained method's outcome to everything that is said about it; runs in the worker."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from engine.core.card import Card
from engine.core.snapshot import Outcome
from engine.intake.mapped import same, selected
from engine.results.embed import projection
from engine.results.evaluate import baseline as plain
from engine.results.evaluate import certainty, column_dominance, metrics, silhouette_by_cluster, warnings
from engine.results.evaluate.certainty import Certainty
from engine.results.explain import differences, features, interpolations
from engine.results.explain import prototypes as examples
from engine.results.explain.cluster_names import names
from engine.results.explain.explain import understand
from engine.results.explain.node_groups import around, with_links
from engine.results.record.diagnostics import ResultWarning
from engine.results.record.explanations import Explanations
from engine.results.record.history import moments
from engine.results.record.record import Bands, Difference, Floats, Group, Ints, Prototypes, Result


class Arrived(Protocol):
    """The raw data, as far as results need it."""

    kind: Any
    rows: pd.DataFrame
    values: Any
    columns: tuple[Any, ...]
    graph: Any


class Ready(Protocol):
    """The prepared data, as far as results need it."""

    x: Floats
    kept: Ints
    truth: Ints | None
    class_names: tuple[str, ...]
    recipe: Any

    @property
    def shown(self) -> Any:
        """The same rows in a form that can be turned back into the user's units."""
        ...


def build(
    outcome: Outcome,
    prepared: Ready,
    raw: Arrived,
    *,
    card: Card,
    n_clusters: int | None = None,
    seed: int = 0,
    seconds: float = 0.0,
    history: Iterable[Any] = (),
) -> Result:
    """Everything that is said about a finished run.

    Parameters
    ----------
    outcome
        Of the trained method.
    prepared, raw
        The data, after and before preparation.
    card
        Of the method.
    n_clusters
        Groups that were asked for, which plain k-means is given, too; None where the method was to find their number.
    seed
        Of what is sampled.
    seconds
        Seconds of training.
    history
        Snapshots of the training, or their records.

    Returns
    -------
    Result
    """
    labels, k = outcome.labels, certainty.groups_of(outcome)
    space = np.ascontiguousarray(prepared.x.reshape(len(prepared.x), -1))
    certain = certainty.certainty(outcome, k)
    truth = prepared.truth if prepared.truth is not None and (prepared.truth >= 0).any() else None
    numbers = _metrics(outcome, space, truth, certain, seed)
    rows, types = features.readable(raw, prepared.kept, column_types(prepared.shown))
    contrasts = differences.of_rows(rows, types, labels, k)
    compared = plain.compare(space, labels, numbers, n_clusters=n_clusters, truth=truth, seed=seed)
    graph = raw.kind == "graph"
    prototypes = None if graph else examples.prototypes(outcome, prepared, raw, k)
    course = moments(history)
    content = _by_content(prepared)
    understood = Explanations() if content else understand(rows, types, labels, k, seed=seed)
    called = around(rows, labels, k) if graph else names([()] * k if content else contrasts)
    groups = _groups(outcome, called, contrasts, certain, str(raw.kind))
    embedding = projection.limit_dimensions(outcome.embedding, seed=seed)
    return Result(
        kind=str(raw.kind),
        method=card.id,
        k=k,
        labels=labels,
        sure=certain.sure,
        second=certain.second,
        doubtful=certain.doubtful,
        kept=prepared.kept,
        sizes=np.bincount(labels[labels >= 0], minlength=k).astype(np.int64),
        metrics=numbers,
        verdict=plain.verdict(card.name, numbers, compared, itself=card.id == "kmeans"),
        baseline=compared,
        groups=with_links(groups, raw.graph[prepared.kept][:, prepared.kept], labels) if graph else groups,
        prototypes=prototypes,
        bands=_bands(raw, prepared.kept, labels, k),
        confusion=None if truth is None else metrics.confusion(truth, labels, prepared.class_names),
        truth=truth,
        class_names=tuple(prepared.class_names),
        maps=projection.maps(embedding, seed=seed),
        alternatives=dict(outcome.alternatives),
        tree=outcome.tree,
        report={name: float(value) for name, value in outcome.report.items()},
        history=course,
        warnings=_warnings(outcome, prepared, raw, space, course[-1].notes if course else (), seed),
        separation=silhouette_by_cluster.by_group(space, labels, k, compared, seed=seed),
        seconds=seconds,
        embedding=embedding,
        outlier_score=outcome.outlier_score,
        reconstruction_error=outcome.reconstruction_error,
        explanations=_completed(understood, outcome, prepared, raw, prototypes),
    )


def _completed(
    explanations: Explanations, outcome: Outcome, prepared: Ready, raw: Arrived, prototypes: Prototypes | None
) -> Explanations:
    """Explanations with what the method decodes and generates, and with the averages of a table; a graph has none of these.

    What a method decodes to features cannot be shown.
    """
    if raw.kind == "graph":
        return explanations
    decodes = prepared.shown is prepared
    explanations = replace(
        explanations,
        interpolations=interpolations.from_outcome(outcome, prepared.recipe) if decodes else None,
        generated=interpolations.generated_from_outcome(outcome, prepared.recipe) if decodes else None,
    )
    if raw.kind != "table":
        return explanations
    k = certainty.groups_of(outcome)
    return replace(
        explanations,
        overall=examples.overall(prototypes, prepared.shown, raw.rows),
        averages=examples.group_averages(prototypes, prepared.shown, raw.rows, outcome.labels, k),
    )


def _by_content(prepared: Ready) -> bool:
    """Whether a network has compared what is on pictures: their brightness and color then neither name nor explain a group."""
    encoder = getattr(prepared.recipe, "fitted", None)
    return encoder is not None and "image" in encoder.card.kinds and bool(encoder.card.trained_on)


def _found(labels: Ints) -> int:
    """Groups that have members."""
    return len(np.unique(labels[labels >= 0]))


def _metrics(outcome: Outcome, space: Floats, truth: Ints | None, certain: Certainty, seed: int) -> dict[str, float]:
    labels = outcome.labels
    numbers = {} if truth is None else metrics.with_truth(truth, labels)
    numbers |= metrics.without_truth(space, labels, seed=seed)
    if learns(outcome, space):
        learned = metrics.silhouette(outcome.embedding, labels, seed=seed)
        numbers |= {} if learned is None else {"silhouette_learned": learned}
    assigned = labels >= 0
    numbers["coverage"] = float(assigned.mean())
    if assigned.any():
        numbers["sure"] = float(certain.sure[assigned].mean())
        numbers["doubtful"] = float(certain.doubtful[assigned].mean())
    return numbers


def learns(outcome: Outcome, space: Floats) -> bool:
    """False for methods that learn no space of their own: they embed a row as itself."""
    return not same(outcome.embedding, space)


def _warnings(
    outcome: Outcome, prepared: Ready, raw: Arrived, space: Floats, notes: tuple[str, ...], seed: int
) -> tuple[ResultWarning, ...]:
    rows = selected(raw.rows, prepared.kept)
    column_shares = column_dominance.uncertainty_coefficients(
        rows, outcome.labels, column_types(prepared.shown), seed=seed
    )
    learned = outcome.embedding if learns(outcome, space) else None
    return warnings.find(warnings.Grounds(outcome.labels, space, learned, column_shares, seed, notes))


def _groups(
    outcome: Outcome, called: list[str], contrasts: list[tuple[Difference, ...]], certain: Certainty, kind: str
) -> tuple[Group, ...]:
    labels = outcome.labels
    centers = certainty.centers_of(outcome, len(called))
    compared = _found(labels) + (labels < 0).any()
    said = [
        (name, each, differences.sentence(each, int((labels == g).sum()), int(compared), kind))
        for g, (name, each) in enumerate(zip(called, contrasts, strict=True))
    ]
    return tuple(_group(outcome, certain, centers, g, one) for g, one in enumerate(said))


def _group(
    outcome: Outcome, certain: Certainty, centers: Floats, label: int, said: tuple[str, tuple[Difference, ...], str]
) -> Group:
    name, contrasts, sentence = said
    inside = outcome.labels == label
    size = int(inside.sum())
    typical = certainty.typical(outcome, label, centers) if size else ()
    return Group(
        label=label,
        name=name,
        size=size,
        share=size / max(len(inside), 1),
        sure=float(certain.sure[inside].mean()) if size else 0.0,
        sentence=sentence,
        differences=contrasts,
        typical=typical,
        doubtful=certainty.doubtful(certain, outcome.labels, label),
        nearest=typical[0] if typical else None,
    )


def column_types(prepared: Ready) -> dict[str, str]:
    """Type of each of the user's columns that took part, by name."""
    return {block.column: _type(block) for block in _blocks(prepared)}


def _type(block: Any) -> str:
    """Type of the user's column: earlier versions prepared dates as numbers; times of day are hours."""
    return "date" if getattr(block, "date", False) else {"time": "number"}.get(block.type, block.type)


def _blocks(prepared: Ready) -> Iterable[Any]:
    """The prepared columns; pictures and series have none."""
    return getattr(prepared.recipe, "blocks", ())


def _bands(raw: Arrived, kept: Ints, labels: Ints, k: int) -> Bands | None:
    if raw.kind != "series" or raw.values is None:
        return None
    return examples.bands(raw.values[kept], labels, k)

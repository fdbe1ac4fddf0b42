"""Results of very many members, described piece by piece, say what those of few do."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.api.catalogue import catalogue
from engine.core.snapshot import Outcome
from engine.intake import inspect, mapped, prepare, suggest
from engine.results import sampling_note
from engine.results.build import build
from engine.results.embed import projection
from engine.results.evaluate import certainty, metrics, outliers, warnings
from engine.results.explain import differences, surrogate_tree
from engine.results.record.record import Result

N = 3_000


def result() -> Result:
    """Of two groups in numbers, words and dates, without the rows that have a blank."""
    random = np.random.default_rng(0)
    group = random.integers(0, 2, N)
    frame = pd.DataFrame(
        {
            "amount": random.normal(10 + 30 * group, 2),
            "visits": random.integers(0, 40, N),
            "plan": np.where(random.random(N) < 0.2 + 0.6 * group, "basic", "plus"),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, N), unit="D"),
        }
    )
    frame.loc[::50, "plan"] = None
    raw = inspect(frame)
    prepared = prepare(raw, replace(suggest(raw), missing="drop"))
    labels = group[prepared.kept].astype(np.int64)
    centers = np.stack([prepared.x[labels == g].mean(0) for g in (0, 1)])
    outcome = Outcome(labels, None, prepared.x, centers, None, {}, None, {})
    outcome = replace(outcome, outlier_score=outliers.outlier_scores(prepared.x))
    card = next(card for card in catalogue() if card.id == "kmeans")
    return build(outcome, prepared, raw, card=card)


@pytest.fixture
def whole() -> Result:
    return result()


@pytest.fixture
def in_pieces(whole: Result, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The same result, of columns in files and in pieces of a few hundred."""
    for module, values in {
        mapped: {"LONG": 500, "PIECE": 300, "LARGE": 10_000},
        projection: {"PIECE": 300, "LEARNED": N},
        certainty: {"_CHUNK": 300},
        surrogate_tree: {"PIECE": 300},
        outliers: {"AT_ONCE": 300},
    }.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)
    return result()


def test_members_are_described_alike(whole: Result, in_pieces: Result) -> None:
    assert in_pieces.groups == whole.groups
    assert in_pieces.metrics == pytest.approx(whole.metrics)
    assert in_pieces.warnings == whole.warnings
    assert in_pieces.explanations.surrogate == whole.explanations.surrogate
    np.testing.assert_array_equal(in_pieces.sure, whole.sure)
    np.testing.assert_allclose(in_pieces.outlier_score, whole.outlier_score, rtol=1e-5)
    for name, positions in whole.maps.items():
        found = in_pieces.maps[name]
        signs = np.sign((found * positions).sum(0))  # the direction of a principal axis is open
        np.testing.assert_allclose(found * signs, positions, atol=1e-4)
    assert whole.prototypes is not None
    assert in_pieces.prototypes is not None
    pd.testing.assert_frame_equal(in_pieces.prototypes.table, whole.prototypes.table, rtol=1e-5)


def test_of_very_many_members_some_are_compared(whole: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "COMPARED", 1_000)
    monkeypatch.setattr(metrics, "SPREAD_ROWS", 1_000)
    monkeypatch.setattr(warnings, "ROWS", 1_000)
    some = result()
    assert [len(g.differences) > 0 for g in some.groups] == [True, True]
    assert [g.differences[0].column for g in some.groups] == ["amount", "amount"]
    assert [g.size for g in some.groups] == [g.size for g in whole.groups]
    assert some.metrics["davies_bouldin"] == pytest.approx(whole.metrics["davies_bouldin"], rel=0.1)
    assert some.metrics["davies_bouldin"] != whole.metrics["davies_bouldin"]


def test_a_small_group_among_very_many_members_is_drawn_whole() -> None:
    labels = np.zeros(100_000, np.int64)
    labels[:150] = 1
    rows = projection.stratified(labels, 10_000, least=200)
    assert (labels[rows] == 1).sum() == 150
    assert len(rows) < 10_200


def test_embeddings_of_very_many_rows_keep_fewer_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "MAX_NUMBERS", 4_000)
    x = np.random.default_rng(0).normal(size=(1_000, 9)).astype(np.float32)
    assert projection.limit_dimensions(x).shape == (1_000, 4)
    assert projection.limit_dimensions(x[:100]).shape == (100, 9)


def test_figures_of_a_sample_are_said_to_be_of_one() -> None:
    assert sampling_note(1_000_000) == ""
    assert sampling_note(1_000_001).startswith("Of the 1,000,001 members about 1,000,000, drawn at random")

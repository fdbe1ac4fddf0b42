"""The whole result of a run, ordinary and at the edges."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.results import MEASURES, load_result, save_result
from engine.results.build import build


def test_a_table_with_labels(penguins):
    result = penguins.result
    assert result.k == 3
    assert result.sizes.sum() == len(result) == 344
    assert (
        {"acc", "nmi", "ari", "silhouette", "coverage", "doubtful", "sure"} <= result.metrics.keys() <= MEASURES.keys()
    )
    assert result.metrics["acc"] > 0.85
    assert result.confusion.counts.sum() == 344
    # Its embedding is the data itself, so there is no learned space to measure.
    assert "silhouette_learned" not in result.metrics
    assert [group.size for group in result.groups] == result.sizes.tolist()
    assert len(result.history) == 10


def test_kmeans_is_given_the_number_of_groups_that_was_asked_for(penguins):
    merged = np.minimum(penguins.outcome.labels, 1)
    outcome = replace(penguins.outcome, labels=merged, centers=None)
    result = build(outcome, penguins.prepared, penguins.raw, card=penguins.card, n_clusters=3)
    assert len(np.unique(result.baseline.labels)) == 3
    assert result.baseline.standing == "worse"
    assert len(result.separation.plain) == result.k == 2


def test_averages_are_the_members_own_numbers(penguins):
    result, rows = penguins.result, penguins.raw.rows.iloc[penguins.result.kept]
    assert result.prototypes.source == "mean"
    expected = rows["body_mass_g"].groupby(result.labels).mean()
    assert result.prototypes.table["body_mass_g"].tolist() == pytest.approx(expected.tolist())


def test_decoded_prototypes_are_restored_and_named_so(penguins):
    decoded, codes = penguins.prepared.x[[3, 5, 8]], penguins.outcome.embedding[:, :2]
    outcome = replace(penguins.outcome, prototypes=decoded, embedding=codes, centers=None)
    result = build(outcome, penguins.prepared, penguins.raw, card=penguins.card)
    rows = penguins.raw.rows.iloc[penguins.result.kept[[3, 5, 8]]]
    assert result.prototypes.source == "decoded"
    assert "silhouette_learned" in result.metrics
    assert result.prototypes.table["body_mass_g"].to_numpy() == pytest.approx(
        rows["body_mass_g"].fillna(rows["body_mass_g"].median()).to_numpy(), rel=0.2
    )
    assert result.prototypes.table["island"].tolist() == rows["island"].tolist()


def test_centers_of_a_plain_method_are_not_called_imagined(penguins):
    outcome = replace(penguins.outcome, prototypes=penguins.outcome.centers)
    result = build(outcome, penguins.prepared, penguins.raw, card=penguins.card)
    assert result.prototypes.source == "center"
    assert "center" in result.prototypes.caption


def test_pictures_have_average_pictures_and_nearest_members(pictures):
    result = pictures.result
    assert result.prototypes.values.shape == (10, 8, 8, 1)
    assert result.prototypes.values.dtype == np.uint8
    group = result.groups[0]
    assert result.labels[group.nearest] == 0
    assert group.nearest == group.typical[0]


def test_series_have_bands(waves):
    bands = waves.result.bands
    assert bands.mean.shape == (2, 1, 50)
    assert (bands.low <= bands.mean).all()
    assert (bands.mean <= bands.high).all()


def test_members_come_surest_first(penguins):
    rows = penguins.result.members(1)
    assert (penguins.result.labels[rows] == 1).all()
    assert (np.diff(penguins.result.sure[rows]) <= 0).all()


def test_groups_can_be_renamed(penguins):
    renamed = penguins.result.renamed({1: "Gentle giants"})
    assert renamed.groups[1].name == "Gentle giants"
    assert renamed.groups[0] == penguins.result.groups[0]


@pytest.mark.parametrize("labels", ["one group", "nobody", "one member", "an empty group"])
def test_edges(penguins, labels):
    n = len(penguins.result)
    made = {
        "one group": np.zeros(n, np.int64),
        "nobody": np.full(n, -1, np.int64),
        "one member": np.r_[1, np.zeros(n - 1, np.int64)],
        "an empty group": penguins.outcome.labels * 2,
    }[labels]
    outcome = replace(penguins.outcome, labels=made, centers=None)
    result = build(outcome, penguins.prepared, penguins.raw, card=penguins.card)
    parts = {}
    save_result(result, parts.__setitem__)
    back = load_result(parts.__getitem__)
    assert back.sizes.tolist() == result.sizes.tolist()
    assert all(np.isfinite(list(result.metrics.values())))
    if labels in ("one group", "nobody"):
        assert result.baseline is None
        assert "nothing to compare" in result.verdict
        assert "silhouette" not in result.metrics
    if labels == "an empty group":
        assert result.groups[1].sentence == "No member ended up here."
        assert result.groups[1].nearest is None
    if labels == "one member":
        assert result.groups[1].sentence.startswith("Too few members")


def test_the_same_inputs_give_the_same_result(penguins):
    again = build(penguins.outcome, penguins.prepared, penguins.raw, card=penguins.card)
    assert again.metrics == penguins.result.metrics
    assert again.groups == penguins.result.groups
    assert np.array_equal(again.maps["pca2"], penguins.result.maps["pca2"])


def test_customers_are_described_in_their_own_columns(finished, shared):
    result = finished(shared("csv/Wholesale_customers_data.csv"), 4).result
    said = [column for group in result.groups for column in {d.column for d in group.differences[:3]}]
    assert "Customer ID" not in said
    assert {"Grocery", "Milk"} & set(said)
    assert len({group.name for group in result.groups}) == 4


def test_a_column_called_script_is_carried_as_text(finished):
    draw = np.random.default_rng(0)
    half = np.repeat([0, 9], 40)
    table = pd.DataFrame({"<script>": half + draw.normal(size=80), "b": draw.normal(size=80)})
    result = finished(table, 2, name="odd").result
    assert result.groups[0].differences[0].column == "<script>"
    assert r"\<script\>" in result.groups[0].sentence


def test_reading_a_result_imports_neither_torch_nor_scikit_learn():
    code = (
        "import sys; from engine.results import Result, MEASURES, labels_csv; import engine.view; engine.view.profile; "
        "sys.exit(sum(name in sys.modules for name in ('torch', 'sklearn', 'umap', 'streamlit')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

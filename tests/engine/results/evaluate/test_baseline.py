"""Plain k-means and the sentence that compares with it."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs, make_moons

from engine.results.evaluate import baseline, metrics
from engine.results.record.record import Baseline


def _compare(x, labels, truth=None):
    numbers = metrics.without_truth(x, labels) | ({} if truth is None else metrics.with_truth(truth, labels))
    numbers["coverage"] = float((labels >= 0).mean())
    made = baseline.compare(x, labels, numbers, truth=truth)
    return made, baseline.verdict("DEC", numbers, made)


def test_kmeans_is_scikit_learns():
    x, _ = make_blobs(200, centers=4, random_state=0)
    mine = baseline.kmeans(x.astype(np.float32), 4, seed=0)
    theirs = KMeans(4, n_init=10, random_state=0).fit(x).labels_
    assert metrics.agreement(mine, theirs) == 1
    assert mine.dtype == np.int64


def test_wide_data_reaches_the_cost_of_ten_full_starts():
    draw = np.random.default_rng(0)
    x = (draw.normal(size=(8, 150))[draw.integers(0, 8, 400)] + draw.normal(size=(400, 150))).astype(np.float32)

    def cost(labels):
        return sum(((x[labels == g] - x[labels == g].mean(0)) ** 2).sum() for g in np.unique(labels))

    assert cost(baseline.kmeans(x, 8)) <= 1.005 * KMeans(8, n_init=10, random_state=0).fit(x).inertia_


def test_many_rows_run_in_batches(monkeypatch):
    monkeypatch.setattr(baseline, "BATCH_ABOVE", 100)
    x, y = make_blobs(300, centers=3, cluster_std=0.3, random_state=1)
    assert metrics.agreement(baseline.kmeans(x.astype(np.float32), 3), y) == 1


def test_duplicates_only_give_fewer_groups_and_no_warning():
    x = np.repeat(np.array([[0.0], [1.0]], np.float32), 5, 0)
    assert len(np.unique(baseline.kmeans(x, 4))) == 2


def test_a_method_that_beats_kmeans_is_told_so():
    x, truth = make_moons(400, noise=0.03, random_state=0)
    made, said = _compare(x.astype(np.float32), truth, truth)
    assert made.standing == "better"
    assert said.startswith("**DEC beats plain k-means**: 100 % of the members match their label, against ")


def test_a_method_that_loses_is_told_so():
    x, truth = make_blobs(300, centers=3, cluster_std=0.5, random_state=3)
    wrong = np.where(np.arange(300) % 3 == 0, (truth + 1) % 3, truth)
    made, said = _compare(x.astype(np.float32), wrong, truth)
    assert made.standing == "worse"
    assert "does not beat plain k-means" in said
    assert "Prefer k-means" in said


def test_the_same_groups_are_a_draw_with_their_agreement():
    x, truth = make_blobs(300, centers=3, cluster_std=0.5, random_state=3)
    made, said = _compare(x.astype(np.float32), (truth + 1) % 3, truth)
    assert (made.standing, made.agreement) == ("same", 1.0)
    assert said.endswith("Both find nearly the same groups (agreement 1.00 of 1).")


def test_a_difference_within_chance_is_a_draw():
    x, truth = make_blobs(40, centers=2, cluster_std=0.2, random_state=0)
    nearly = truth.copy()
    nearly[0] = 1 - nearly[0]
    assert _compare(x.astype(np.float32), nearly, truth)[0].standing == "same"


def test_without_labels_both_are_judged_in_the_same_space_and_rows():
    x, y = make_blobs(300, centers=3, cluster_std=0.5, random_state=3)
    x = x.astype(np.float32)
    noisy = np.where(np.arange(300) % 4 == 0, -1, (y + np.arange(300) % 2) % 3)
    made, said = _compare(x, noisy)
    kept = noisy >= 0
    assert made.measure == "silhouette"
    assert made.metrics["silhouette"] == pytest.approx(metrics.silhouette(x[kept], made.labels[kept]))
    assert "The measure favors k-means" in said
    assert "75 % of members that have a group" in said


def test_one_group_has_nothing_to_compare_with():
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    made, said = _compare(x, np.zeros(20, int))
    assert made is None
    assert "nothing to compare" in said


def test_kmeans_makes_as_many_groups_as_were_asked_for_after_groups_ran_together():
    x, truth = make_blobs(300, centers=4, cluster_std=0.3, random_state=2)
    x, merged = x.astype(np.float32), np.minimum(truth, 1)
    numbers = metrics.without_truth(x, merged) | metrics.with_truth(truth, merged)
    made = baseline.compare(x, merged, numbers, n_clusters=4, truth=truth)
    assert len(np.unique(made.labels)) == 4
    assert (made.metrics["acc"], made.standing) == (1.0, "worse")
    assert len(np.unique(baseline.compare(x, merged, numbers, truth=truth).labels)) == 2


def test_all_in_one_group_do_not_beat_kmeans():
    x, _ = make_blobs(60, centers=3, cluster_std=0.3, random_state=2)
    one = np.zeros(60, int)
    made = baseline.compare(x.astype(np.float32), one, {"coverage": 1.0}, n_clusters=3)
    assert made.standing == "worse"
    said = baseline.verdict("IDEC", {"coverage": 1.0}, made)
    assert said == "**IDEC does not beat plain k-means here**. The two groupings differ (agreement 0.00 of 1)."


def test_kmeans_itself_is_the_yardstick():
    plain = Baseline(np.zeros(3, int), {}, 1.0, "same", "silhouette")
    assert "plain k-means itself" in baseline.verdict("k-means", {}, plain, itself=True)

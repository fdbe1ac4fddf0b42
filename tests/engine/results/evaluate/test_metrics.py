"""Metrics against values computed by hand and by scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics as reference

from engine.results.evaluate import metrics

TRUTH = np.array([0, 0, 0, 1, 1, 1, 2, 2])
# Groups 5, 3, 7 stand for 0, 1, 2; one member of class 0 and one of class 2 lie wrong.
LABELS = np.array([5, 5, 3, 3, 3, 3, 7, 3])


def test_accuracy_by_hand():
    assert metrics.with_truth(TRUTH, LABELS)["acc"] == 6 / 8
    assert metrics.matched(TRUTH, LABELS) == {5: 0, 3: 1, 7: 2}
    assert metrics.hits(TRUTH, LABELS).tolist() == [True, True, False, True, True, True, True, False]


def test_accuracy_pairs_each_group_once():
    # A greedy pairing would take (0, 0) for its 5 members and lose the 4 + 4 of the best one.
    truth = np.repeat([0, 0, 1], [5, 4, 4])
    labels = np.repeat([0, 1, 0], [5, 4, 4])
    assert metrics.with_truth(truth, labels)["acc"] == pytest.approx(8 / 13)


def test_permuted_names_change_nothing():
    assert metrics.with_truth(TRUTH, 9 - LABELS) == pytest.approx(metrics.with_truth(TRUTH, LABELS))


def test_nmi_and_ari_as_scikit_learn():
    found = metrics.with_truth(TRUTH, LABELS)
    assert found["nmi"] == pytest.approx(reference.normalized_mutual_info_score(TRUTH, LABELS))
    assert found["ari"] == pytest.approx(reference.adjusted_rand_score(TRUTH, LABELS))


def test_unassigned_are_a_group_of_their_own_against_labels():
    noisy = np.array([0, 0, -1, 1, 1, 1, -1, -1])
    # -1 pairs with class 2, so the member of class 0 that has no group is the only miss.
    assert metrics.with_truth(TRUTH, noisy)["acc"] == 7 / 8


def test_members_without_a_label_are_left_out():
    truth = np.where(np.arange(8) < 4, TRUTH, -1)
    assert metrics.with_truth(truth, LABELS) == metrics.with_truth(TRUTH[:4], LABELS[:4])
    assert metrics.with_truth(np.full(8, -1), LABELS) == {}


def test_separation_as_scikit_learn(digits):
    x, y = digits
    found = metrics.without_truth(x, y)
    assert found["silhouette"] == pytest.approx(reference.silhouette_score(x, y))
    assert found["davies_bouldin"] == pytest.approx(reference.davies_bouldin_score(x, y))
    assert found["calinski_harabasz"] == pytest.approx(reference.calinski_harabasz_score(x, y), rel=1e-4)


def test_separation_ignores_unassigned(digits):
    x, y = digits
    noisy = np.where(np.arange(len(y)) % 3 == 0, -1, y)
    kept = noisy >= 0
    assert metrics.without_truth(x, noisy) == pytest.approx(metrics.without_truth(x[kept], y[kept]))


def test_sampled_silhouette_is_seeded_and_close(digits, monkeypatch):
    x, y = digits
    exact = metrics.silhouette(x, y)
    monkeypatch.setattr(metrics, "SILHOUETTE_ROWS", 600)
    assert metrics.silhouette(x, y, seed=1) == metrics.silhouette(x, y, seed=1)
    assert metrics.silhouette(x, y, seed=1) == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("labels", [np.zeros(6, int), np.full(6, -1), np.arange(6), np.array([0, -1, -1, -1, -1, -1])])
def test_undefined_is_absent(labels):
    assert metrics.without_truth(np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32), labels) == {}


def test_confusion_lies_on_the_diagonal():
    table = metrics.confusion(TRUTH, np.where(np.arange(8) == 7, -1, LABELS), ("a", "b", "c"))
    assert table.groups == (5, 3, 7, -1)
    assert table.counts.tolist() == [[2, 1, 0, 0], [0, 3, 0, 0], [0, 0, 1, 1]]
    assert table.classes == ("a", "b", "c")
    assert table.shares.sum(1) == pytest.approx([1, 1, 1])


def test_more_groups_than_classes_keep_their_place():
    labels = np.array([0, 0, 3, 1, 1, 1, 2, 2])
    assert metrics.confusion(TRUTH, labels, ("a", "b", "c")).groups == (0, 1, 2, 3)


class _Counted(dict[int, int]):
    asked = 0

    def get(self, key, default=None):
        self.asked += 1
        return super().get(key, default)


def test_members_are_compared_all_at_once(monkeypatch):
    draw = np.random.default_rng(0)
    truth, labels = draw.integers(-1, 6, 2000), draw.integers(-1, 9, 2000)
    known = truth >= 0
    pairing = _Counted(metrics.matched(truth[known], labels[known]))
    one_by_one = [dict.get(pairing, int(group), -2) == own for group, own in zip(labels, truth, strict=True)]
    monkeypatch.setattr(metrics, "matched", lambda truth, labels: pairing)
    assert metrics.hits(truth, labels).tolist() == one_by_one
    assert pairing.asked <= len(np.unique(labels)), "once a group, not once a row"
    assert metrics.hits(truth[:0], labels[:0]).tolist() == []

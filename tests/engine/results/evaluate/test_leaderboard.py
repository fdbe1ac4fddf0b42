"""Runs side by side: means and spreads over seeds, the best of each column, tables to take along."""

import math

import pytest

from engine.results.evaluate.leaderboard import Entry, best, board, latex, measures, table

ENTRIES = [
    Entry("a", "IDEC_5 & co", 0, {"acc": 0.90, "silhouette": 0.10, "davies_bouldin": 2.0, "coverage": 1.0}, 10.0),
    Entry("a", "IDEC_5 & co", 1, {"acc": 0.80, "silhouette": 0.20, "davies_bouldin": 1.0, "coverage": 1.0}, 30.0),
    Entry("b", "k-means", 0, {"acc": 0.79, "silhouette": 0.30, "davies_bouldin": 1.8, "coverage": 1.0}, 1.0),
]


def test_means_and_spreads_over_seeds() -> None:
    first, second = board(ENTRIES)
    assert (first.name, first.seeds, second.seeds) == ("IDEC_5 & co", (0, 1), (0,))
    assert first.scores["acc"].mean == pytest.approx(0.85)
    assert first.scores["acc"].spread == pytest.approx(math.sqrt(0.005))
    assert first.scores["seconds"].mean == 20
    assert second.scores["acc"].spread is None


def test_best_of_each_column_knows_which_way_is_better() -> None:
    lines = board(ENTRIES)
    assert best(lines, "acc") == {"a"}
    assert best(lines, "silhouette") == {"b"}
    assert best(lines, "davies_bouldin") == {"a"}  # 1.5 is less overlap than 1.8
    assert best(lines[:1], "acc") == set()
    alike = board([Entry(name, name, 0, {"acc": 0.5}, 1.0) for name in "xy"])
    assert best(alike, "acc") == set()


def test_columns_are_those_that_say_something() -> None:
    assert measures(board(ENTRIES)) == ["acc", "silhouette", "davies_bouldin"]
    some = Entry("c", "HDBSCAN", 0, {"silhouette": 0.4, "coverage": 0.7}, 1.0)
    lines = board([*ENTRIES, some])
    assert measures(lines) == ["acc", "silhouette", "davies_bouldin", "coverage"]
    assert [line.setting for line in lines] == ["c", "b", "a"], "by the first measure that all of them have"


def test_tables_to_take_along() -> None:
    lines = board(ENTRIES)
    numbers = table(lines)
    assert list(numbers["run"]) == ["IDEC_5 & co", "k-means"]
    assert list(numbers["seeds"]) == [2, 1]
    assert numbers["acc"].tolist() == pytest.approx([0.85, 0.79])
    assert math.isnan(numbers["acc_spread"][1])
    tex = latex(lines)
    assert r"IDEC\_5 \& co & 2 & $\mathbf{0.850} \pm 0.071$ & $0.150 \pm 0.071$" in tex
    assert r"$\mathbf{0.300}$" in tex
    assert r"\toprule" in tex

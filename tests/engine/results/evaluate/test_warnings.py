"""Warnings: each fault that was built in is named with its advice, and healthy groups are left in peace."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs, make_moons

from engine.results import load_result, save_result
from engine.results.evaluate import column_dominance, null_test
from engine.results.evaluate.warnings import Grounds, find


def blobs(n=900, k=4, seed=0):
    x, labels = make_blobs(n, 6, centers=k, cluster_std=1.0, random_state=seed)
    return x.astype(np.float32), labels.astype(np.int64)


def kinds(*given, **more):
    return [warning.kind for warning in find(Grounds(*given, **more))]


@pytest.mark.parametrize("seed", range(3))
def test_healthy_groups_are_left_in_peace(seed):
    x, labels = blobs(seed=seed)
    assert kinds(labels, x, x @ np.ones((6, 3), np.float32), {"a": 0.9, "b": 0.8}) == []


@pytest.mark.parametrize("shape", ["normal", "uniform"])
@pytest.mark.parametrize(("columns", "k"), [(2, 3), (10, 8), (50, 4)])
def test_groups_in_noise_are_no_better_than_chance(shape, columns, k):
    draw = np.random.default_rng(columns)
    x = getattr(draw, shape)(size=(1200, columns)).astype(np.float32)
    labels = KMeans(k, n_init=3, random_state=0).fit(x).labels_.astype(np.int64)
    (warning,) = find(Grounds(labels, x))
    assert warning.kind == "chance"
    assert "no better separated than chance" in warning.sentence


def test_groups_that_are_not_round_are_better_than_chance():
    x, labels = make_moons(1000, noise=0.06, random_state=0)
    assert not null_test.no_better(x.astype(np.float32), labels.astype(np.int64))


def test_nothing_is_said_about_chance_where_too_little_is_known():
    x = np.random.default_rng(0).normal(size=(1200, 2)).astype(np.float32)
    assert not null_test.no_better(x, np.arange(1200) % 600)
    assert not null_test.no_better(x[:40], np.arange(40) % 2)
    assert not null_test.no_better(x, np.zeros(1200, np.int64))


def test_a_network_that_collapsed_is_named_first():
    x, labels = blobs()
    draw = np.random.default_rng(0)
    constant = (7 + 1e-5 * draw.normal(size=(len(x), 5))).astype(np.float32)
    few_apart = constant.copy()
    few_apart[:10] += 3
    for learned in (constant, few_apart, np.zeros((len(x), 5), np.float32)):
        assert kinds(labels, x, learned)[0] == "collapsed"
    heavy = draw.standard_t(2, size=(len(x), 5)).astype(np.float32)
    assert "collapsed" not in kinds(labels, x, heavy)


def test_what_the_training_said_is_a_warning():
    x, labels = blobs()
    note = "The groups ran together at a rate of 0.001; training went back and on with 0.0001."
    (found,) = find(Grounds(labels, x, notes=(note,)))
    assert (found.kind, found.sentence) == ("retrained", note)


def test_tiny_groups_are_named_by_number():
    x, labels = blobs(k=4)
    labels[labels == 2] = 1
    labels[:3] = 2
    warning = next(warning for warning in find(Grounds(labels, x)) if warning.kind == "tiny")
    assert "Group 3 (3) is **a tiny group**" in warning.sentence


def test_one_group_that_holds_nearly_all_is_named():
    x, labels = blobs(k=5)
    labels[np.flatnonzero(labels)[:-60]] = 0
    warning = next(warning for warning in find(Grounds(labels, x)) if warning.kind == "imbalance")
    assert "93 %" in warning.sentence


def test_many_members_without_a_group_are_counted():
    x, labels = blobs()
    labels[:600] = -1
    warning = next(warning for warning in find(Grounds(labels, x)) if warning.kind == "unassigned")
    assert warning.sentence.startswith("**67 % of the members are in no group.**")


def test_the_column_that_decides_is_named():
    draw = np.random.default_rng(0)
    rows = pd.DataFrame({name: draw.normal(size=800) for name in ("age", "height", "*pay*")})
    rows["city"] = draw.choice(["a", "b", "c"], 800)
    rows.loc[:20, "height"] = np.nan
    types = dict.fromkeys(("age", "height", "*pay*"), "number") | {"city": "category"}
    labels = np.digitize(rows["*pay*"], [-0.5, 0.5]).astype(np.int64)
    found = column_dominance.uncertainty_coefficients(rows, labels, types)
    assert found["*pay*"] > 0.95
    assert max(found["age"], found["height"], found["city"]) < 0.1
    x = rows[["age", "height", "*pay*"]].fillna(0).to_numpy(np.float32)
    warning = next(warning for warning in find(Grounds(labels, x, column_shares=found)) if warning.kind == "dominated")
    assert r"*\*pay\**" in warning.sentence
    by_city = column_dominance.uncertainty_coefficients(rows, pd.factorize(rows["city"])[0].astype(np.int64), types)
    assert by_city["city"] == pytest.approx(1, abs=0.02)


def test_columns_that_agree_do_not_decide_alone():
    x, labels = blobs()
    assert "dominated" not in kinds(labels, x, column_shares={"length": 0.99, "width": 0.95})


def test_a_healthy_run_stores_that_nothing_was_found(penguins):
    assert penguins.result.warnings == ()
    parts = {}
    save_result(penguins.result, parts.__setitem__)
    back = load_result(parts.__getitem__)
    assert back.warnings == ()
    assert back.separation == penguins.result.separation


def test_a_few_outliers_do_not_hide_groups():
    x, labels = blobs()
    x[:4] += 1000
    assert not null_test.no_better(x, labels)

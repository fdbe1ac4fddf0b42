"""What is said of a table's content: values far from all others, edges, genes in rows."""

import numpy as np
import pandas as pd

from engine.intake import inspect


def notes(frame: pd.DataFrame) -> str:
    return " ".join(inspect(frame).notes)


def test_a_value_far_from_all_others_is_named_with_its_row() -> None:
    rng = np.random.default_rng(0)
    balance = rng.normal(50, 10, 60).round(1)
    balance[7] = 9_999_999
    said = notes(pd.DataFrame({"balance": balance, "visits": rng.integers(1, 9, 60)}))
    assert "*balance* is 9,999,999 in row 8" in said
    assert "*visits*" not in said


def test_long_tails_rare_ones_and_two_groups_are_no_slips() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "spent": rng.lognormal(3, 1.5, 500),
            "rare": (np.arange(500) % 50 == 0) * 7.0,
            "groups": np.r_[rng.normal(0, 1, 490), rng.normal(1000, 1, 10)],
            "normal": rng.normal(size=500),
        }
    )
    assert "Far from" not in notes(frame)


def test_many_columns_share_one_sentence() -> None:
    x = np.random.default_rng(0).normal(size=(60, 40))
    x[3] = 1e6
    raw = inspect(x)
    assert len([note for note in raw.notes if "Far from" in note]) == 1
    assert "and so in 37 more columns" in " ".join(raw.notes)


def test_edges_of_a_graph_are_said_to_be_some() -> None:
    rng = np.random.default_rng(0)
    names = [f"page {i}" for i in range(30)]
    edges = pd.DataFrame(
        {"source": rng.choice(names, 200), "target": rng.choice(names, 200), "weight": rng.random(200)}
    )
    assert "edge of a graph, from *source* to *target*" in notes(edges)
    numbered = pd.DataFrame({"from": rng.integers(0, 40, 200), "to": rng.integers(0, 40, 200)})
    assert "edge of a graph" in notes(numbered)
    points = pd.DataFrame({"x": rng.integers(0, 40, 200), "y": rng.integers(0, 40, 200)})
    assert "edge of a graph" not in notes(points)


def test_genes_in_rows_are_noticed_and_samples_in_rows_are_not() -> None:
    values = np.random.default_rng(0).lognormal(size=(80, 30)).round(2)
    genes, samples = [f"ENSG{i:011}" for i in range(80)], [f"S{i}" for i in range(30)]
    assert "transpose" in notes(pd.DataFrame(values, columns=samples).assign(gene=genes))
    assert "transpose" in notes(pd.DataFrame(values, columns=samples).assign(which=genes))
    assert "transpose" not in notes(pd.DataFrame(values.T, columns=genes).assign(sample=samples))

"""Graphs: edge lists are recognized and stay tables until somebody says graph; then nodes are members, grouped by their links."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.io import mmwrite
from sklearn.metrics import adjusted_rand_score

import engine
from engine.core.errors import InputError
from engine.intake import Raw, graph_facts, inspect, prepare, preprocessing_summary, suggest
from engine.intake.recipes import graph_recipe
from engine.intake.recipes.stored import recipe_from_json

KARATE = """
1 2;1 3;2 3;1 4;2 4;3 4;1 5;1 6;1 7;5 7;6 7;1 8;2 8;3 8;4 8;1 9;3 9;3 10;1 11;5 11;6 11;1 12;1 13;4 13;1 14;2 14;3 14;4 14;6 17;
7 17;1 18;2 18;1 20;2 20;1 22;2 22;24 26;25 26;3 28;24 28;25 28;3 29;24 30;27 30;2 31;9 31;1 32;25 32;26 32;29 32;3 33;9 33;15 33;
16 33;19 33;21 33;23 33;24 33;30 33;31 33;32 33;9 34;10 34;14 34;15 34;16 34;19 34;20 34;21 34;23 34;24 34;27 34;28 34;29 34;
30 34;31 34;32 34;33 34
"""
"""Friends in a karate club that fell apart (Zachary, 1977)."""
WITH_THE_TEACHER = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22)
GRAPH = {"kind": "graph"}


@pytest.fixture
def karate(tmp_path: Path) -> Path:
    """The club's edges as its file is passed around: two columns without names, parted by spaces."""
    path = tmp_path / "karate.txt"
    path.write_text(KARATE.replace("\n", "").replace(";", "\n"))
    return path


def planted(groups: int, each: int, within: float, between: float, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Edges of a graph with links mostly inside groups, each listed once, and the group of each node."""
    rng, truth = np.random.default_rng(seed), np.repeat(np.arange(groups), each)
    chance = np.where(truth[:, None] == truth, within, between)
    first, second = np.nonzero(np.triu(rng.random(chance.shape) < chance, 1))
    return pd.DataFrame({"source": [f"page {i}" for i in first], "target": [f"page {i}" for i in second]}), truth


def by_name(raw: Raw, truth: np.ndarray) -> np.ndarray:
    """The true group of each node called page i."""
    return truth[raw.rows["node"].str.removeprefix("page ").astype(int)]


def groups(raw: Raw, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The members, and their groups by k-means."""
    prepared = prepare(raw, suggest(raw))
    return prepared.kept, engine.Clusterer("kmeans", k, random_state=0).fit_predict(prepared.x)


def test_an_edge_list_stays_a_table_and_can_be_read_as_a_graph(karate: Path) -> None:
    raw = inspect(karate)
    assert (raw.kind, len(raw)) == ("table", 78)
    assert raw.alternatives["kind"] == ("table", "graph")
    assert "looks like an edge of a graph, from *column 1* to *column 2*" in " ".join(raw.notes)


def people(rng: np.random.Generator, n: int) -> list[str]:
    return [f"person {i}" for i in rng.integers(0, 40, n)]


EDGES = {
    "names": lambda rng, n: {"who": people(rng, n), "whom": people(rng, n), "when": pd.date_range("2024", periods=n)},
    "numbered": lambda rng, n: {"node1": rng.integers(0, 60, n), "node2": rng.integers(0, 60, n)},
    "ids": lambda rng, n: {"FromNodeId": rng.integers(0, 60, n), "ToNodeId": rng.integers(0, 60, n)},
    "proteins": lambda rng, n: {
        "protein_a": [f"P{i}" for i in rng.integers(0, 50, n)],
        "protein_b": [f"P{i}" for i in rng.integers(0, 50, n)],
        "score": rng.random(n),
    },
    "program": lambda rng, n: {
        "Source": rng.integers(0, 60, n),
        "Target": rng.integers(0, 60, n),
        "Type": ["Undirected"] * n,
        "Id": np.arange(n),
        "Weight": rng.integers(1, 9, n),
    },
}
NO_EDGES = {
    "foreign keys": lambda rng, n: {"customer_id": rng.integers(1, 60, n), "product_id": rng.integers(1, 60, n)},
    "unlike words": lambda rng, n: {
        "customer": people(rng, n),
        "product": [f"item {i}" for i in rng.integers(0, 40, n)],
    },
    "points": lambda rng, n: {"x": rng.integers(0, 60, n), "y": rng.integers(0, 60, n)},
    "answers": lambda rng, n: {"answer1": rng.integers(1, 8, n), "answer2": rng.integers(1, 8, n)},
    "measures": lambda rng, n: {"m1": rng.normal(size=n), "m2": rng.normal(size=n)},
    "a wide table": lambda rng, n: (
        {"source": people(rng, n), "target": people(rng, n)} | {f"x{i}": rng.normal(size=n) for i in range(5)}
    ),
    "two spellings": lambda rng, n: {"name": (a := people(rng, n)), "name again": a},
}


@pytest.mark.parametrize("case", EDGES)
def test_edges_are_recognized(case: str) -> None:
    raw = inspect(pd.DataFrame(EDGES[case](np.random.default_rng(0), 150)))
    assert raw.kind == "table"
    assert raw.alternatives.get("kind") == ("table", "graph")


@pytest.mark.parametrize("case", NO_EDGES)
def test_other_tables_are_no_edges(case: str) -> None:
    raw = inspect(pd.DataFrame(NO_EDGES[case](np.random.default_rng(0), 150)))
    assert "kind" not in raw.alternatives
    assert "edge of a graph" not in " ".join(raw.notes)


def test_nodes_become_the_members(karate: Path) -> None:
    raw = inspect(karate, options=GRAPH)
    assert (raw.kind, len(raw)) == ("graph", 34)
    assert raw.rows["node"].tolist() == list(range(1, 35))
    assert raw.rows["links"].tolist()[:3] == [16, 9, 10]
    assert {column.name: column.role for column in raw.columns} == {"node": "id", "links": "ignore"}
    assert raw.graph.shape == (34, 34)
    assert (raw.graph != raw.graph.T).nnz == 0
    facts = graph_facts(raw)
    assert (facts.nodes, facts.links, facts.isolated, facts.parts) == (34, 78, 0, 1)
    assert facts.density == pytest.approx(78 / (34 * 33 / 2))
    assert raw.alternatives["kind"] == ("graph", "table")
    with pytest.raises(TypeError):
        graph_facts(inspect(karate))


def test_k_means_finds_the_two_sides_of_the_karate_club(karate: Path) -> None:
    raw = inspect(karate, options=GRAPH)
    _, found = groups(raw, 2)
    teacher = raw.rows["node"].isin(WITH_THE_TEACHER).to_numpy()
    wrong = int((found == teacher).sum())
    assert min(wrong, 34 - wrong) <= 2


def test_a_planted_partition_is_found() -> None:
    edges, truth = planted(4, 60, 0.15, 0.02)
    raw = inspect(edges, options=GRAPH)
    kept, found = groups(raw, 4)
    assert len(kept) == 240
    assert adjusted_rand_score(by_name(raw, truth), found) > 0.9


def test_weights_count() -> None:
    """Everybody is linked as much to others as to their own group, but weakly."""
    edges, truth = planted(3, 40, 0.25, 0.25, seed=1)
    first, second = (truth[edges[end].str.removeprefix("page ").astype(int)] for end in edges)
    raw = inspect(edges.assign(weight=np.where(first == second, 10.0, 1.0)), options=GRAPH)
    assert adjusted_rand_score(by_name(raw, truth), groups(raw, 3)[1]) > 0.9
    assert "with the weight *weight*" in raw.notes[0]
    assert "weight of links" in raw.rows
    assert adjusted_rand_score(by_name(raw, truth), groups(inspect(edges, options=GRAPH), 3)[1]) < 0.3


def test_every_method_of_tables_takes_the_nodes_as_rows(karate: Path) -> None:
    cards = engine.catalogue()
    assert all(card.takes("graph") == bool({"table", "graph"} & card.data) for card in cards)
    prepared = prepare(raw := inspect(karate, options=GRAPH), suggest(raw))
    assert (prepared.kind, prepared.x.dtype, prepared.x.shape) == ("table", np.float32, (34, 16))
    assert prepared.graph.shape == (34, 34)  # for methods that take a graph itself
    data = engine.read(karate, kind="graph", components=4)
    assert (data.kind, data.shape) == ("table", (4,))


def test_what_is_done_is_said() -> None:
    edges, _ = planted(3, 30, 0.3, 0.02)
    loops = pd.DataFrame({"source": ["page 1", "page 2"], "target": ["page 1", "page 2"]})
    blank = pd.DataFrame({"source": ["page 1", None], "target": [None, "page 2"]})
    back = edges.iloc[:5].rename(columns={"source": "target", "target": "source"})
    table = pd.concat([edges, edges.iloc[:7], back, loops, blank], ignore_index=True)
    raw = inspect(table, options=GRAPH)
    said = " ".join(raw.notes)
    assert "each row is a link from *source* to *target*" in said
    assert "2 rows with a blank in place of a node were left out" in said
    assert "7 rows repeat a link that came before: such a link counts as often as it is listed" in said
    assert "2 links of a node with itself do not count" in said
    assert "5 pairs of nodes are linked both ways, and the weights of both are added up" in said
    assert "Which way a link runs does not count" in said
    assert graph_facts(raw).links == len(edges)
    assert raw.graph.data.max() == 3  # once more, and back
    summary = " ".join(preprocessing_summary(raw, suggest(raw)))
    assert f"90 nodes will be grouped by {len(edges)} links, the more the larger its weight" in summary
    assert "each node becomes 16 numbers: the leading eigenvectors of the normalized adjacency matrix" in summary
    assert "New nodes cannot be placed" in summary


def test_weights_that_are_none_are_left_out_and_counted() -> None:
    edges, _ = planted(2, 20, 0.4, 0.05)
    weights = np.ones(len(edges))
    weights[:3] = [0, -2, np.nan]
    raw = inspect(edges.assign(weight=weights), options=GRAPH)
    assert "3 rows with a weight that is blank, infinite or not above 0 were left out" in " ".join(raw.notes)
    assert graph_facts(raw).links == len(edges) - 3


def test_a_link_that_is_listed_both_ways_is_one() -> None:
    edges, _ = planted(2, 20, 0.4, 0.05)
    both = pd.concat([edges, edges.rename(columns={"source": "target", "target": "source"})])
    raw = inspect(both, options=GRAPH)
    assert graph_facts(raw).links == len(edges)
    assert set(raw.graph.data) == {1.0}
    assert "both ways" not in " ".join(raw.notes)


def test_small_parts_are_left_out_and_said() -> None:
    edges, truth = planted(2, 60, 0.2, 0.02)
    pairs = pd.DataFrame({"source": [f"far {i}" for i in range(10)], "target": [f"away {i}" for i in range(10)]})
    raw = inspect(pd.concat([edges, pairs], ignore_index=True), options=GRAPH)
    assert graph_facts(raw).parts == 11
    kept, found = groups(raw, 2)
    assert len(raw) == 140
    assert raw.rows["node"].iloc[kept].str.startswith("page").all()
    names = raw.rows["node"].iloc[kept].str.removeprefix("page ").astype(int)
    assert adjusted_rand_score(truth[names], found) > 0.9
    said = " ".join(preprocessing_summary(raw, suggest(raw)))
    assert "20 nodes in parts of fewer than 3 nodes, which have no link to the others, are left out" in said


def test_parts_without_a_link_between_them_are_groups() -> None:
    edges, truth = planted(3, 50, 0.15, 0.0)
    raw = inspect(edges, options=GRAPH)
    assert graph_facts(raw).parts == 3
    prepared = prepare(raw, suggest(raw))
    assert prepared.x.shape[1] == 18  # each part has a dimension of its own beside the 16
    assert adjusted_rand_score(by_name(raw, truth), groups(raw, 3)[1]) == 1.0


def test_a_graph_of_nothing_but_small_parts_is_refused() -> None:
    pairs = pd.DataFrame({"source": [f"far {i}" for i in range(60)], "target": [f"away {i}" for i in range(60)]})
    raw = inspect(pairs, options=GRAPH)
    with pytest.raises(InputError, match="falls into parts of fewer than 3 nodes"):
        prepare(raw, suggest(raw))


def adjacency() -> tuple[np.ndarray, np.ndarray]:
    edges, truth = planted(2, 30, 0.3, 0.03)
    first, second = (edges[end].str.removeprefix("page ").astype(int).to_numpy() for end in edges)
    matrix = np.zeros((62, 62))
    matrix[first, second] = matrix[second, first] = 1
    return matrix, truth


def _npz(matrix: np.ndarray, path: Path) -> None:
    sparse.save_npz(path, sparse.csr_matrix(matrix))


def _mtx(matrix: np.ndarray, path: Path) -> None:
    mmwrite(path, sparse.coo_matrix(matrix), symmetry="symmetric")


def _npy(matrix: np.ndarray, path: Path) -> None:
    np.save(path, matrix)


def _csv(matrix: np.ndarray, path: Path) -> None:
    names = [f"n{i}" for i in range(len(matrix))]
    pd.DataFrame(matrix.astype(int), columns=names, index=names).to_csv(path)


@pytest.mark.parametrize(("write", "ending"), [(_npz, "npz"), (_mtx, "mtx"), (_npy, "npy"), (_csv, "csv")])
def test_a_square_matrix_is_a_graph_where_the_user_says_so(write, ending: str, tmp_path: Path) -> None:
    matrix, truth = adjacency()
    write(matrix, tmp_path / f"links.{ending}")
    assert inspect(tmp_path / f"links.{ending}").kind == "table"
    raw = inspect(tmp_path / f"links.{ending}", options=GRAPH)
    assert raw.kind == "graph"
    assert np.array_equal(raw.graph.toarray(), matrix)
    assert raw.rows["node"].tolist()[:2] == (["n0", "n1"] if ending == "csv" else [1, 2])
    assert graph_facts(raw).isolated == 2
    assert "2 nodes have no link" in " ".join(raw.notes)
    kept, found = groups(raw, 2)
    assert kept.tolist() == list(range(60))
    assert adjusted_rand_score(truth, found) > 0.9


def test_what_is_no_graph_is_refused_with_what_to_bring(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((4, 6)))
    with pytest.raises(InputError, match="4 x 6; the matrix of a graph"):
        inspect(tmp_path / "a.npy", options=GRAPH)
    measures = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=["a", "b", "c"])
    with pytest.raises(InputError, match="no two columns with the names or numbers of nodes"):
        inspect(measures, options=GRAPH)
    alone = pd.DataFrame({"source": ["a", "b"] * 20, "target": ["a", "b"] * 20})
    with pytest.raises(InputError, match="no link between two different nodes"):
        inspect(alone, options=GRAPH)


def test_sizes_that_a_file_claims_are_not_trusted(tmp_path: Path) -> None:
    huge = tmp_path / "huge.mtx"
    huge.write_text("%%MatrixMarket matrix coordinate real general\n900000000000 900000000000 1\n1 2 1.0\n")
    with pytest.raises(InputError, match="more than the 10,000,000"):
        inspect(huge, options=GRAPH)
    huge.write_text("%%MatrixMarket matrix coordinate real general\n9 9 90000000000\n1 2 1.0\n")
    with pytest.raises(InputError, match="ends in the middle"):
        inspect(huge, options=GRAPH)
    parts = {"format": np.array("coo"), "shape": np.array([10**12, 10**12]), "data": np.ones(1)}
    np.savez(tmp_path / "huge.npz", **parts, row=np.zeros(1, int), col=np.ones(1, int))
    with pytest.raises(InputError, match="more than the 10,000,000"):
        inspect(tmp_path / "huge.npz", options=GRAPH)


def test_a_graph_is_stored_and_read_back(karate: Path, tmp_path: Path) -> None:
    raw = inspect(karate, options=GRAPH)
    raw.save(tmp_path / "raw")
    back = Raw.load(tmp_path / "raw")
    assert (back.graph != raw.graph).nnz == 0
    assert back.graph.dtype == np.float32
    assert prepare(back, suggest(back)).fingerprint == prepare(raw, suggest(raw)).fingerprint
    assert np.array_equal(prepare(back, suggest(back)).x, prepare(raw, suggest(raw)).x)


def test_the_recipe_is_of_one_graph(karate: Path, tmp_path: Path) -> None:
    raw = inspect(karate, options=GRAPH)
    prepared = prepare(raw, suggest(raw))
    recipe = recipe_from_json(json.loads(json.dumps(prepared.recipe.to_json())))
    assert np.array_equal(recipe.apply(raw), prepared.x)
    assert recipe.restore(prepared.x[[33, 0]])["node"].tolist() == ["34", "1"]
    more = tmp_path / "more.txt"
    more.write_text(karate.read_text() + "\n34 35\n")
    with pytest.raises(InputError, match=r"nodes of \*more\.txt\* cannot be placed"):
        recipe.apply(inspect(more, options=GRAPH))
    with pytest.raises(InputError, match="cannot be placed"):
        recipe.apply(inspect(karate))


def test_iterations_find_what_all_eigenvectors_at_once_do(monkeypatch: pytest.MonkeyPatch) -> None:
    edges, _ = planted(3, 60, 0.2, 0.02)
    raw = inspect(edges, options=GRAPH)
    whole = prepare(raw, suggest(raw)).x
    monkeypatch.setattr(graph_recipe, "DENSE", 10)
    iterated = prepare(raw, suggest(raw)).x
    np.testing.assert_allclose(iterated @ iterated.T, whole @ whole.T, atol=1e-2)
    assert np.array_equal(prepare(raw, suggest(raw)).x, iterated)


def test_lines_that_tell_about_an_edge_list_are_no_edges(tmp_path: Path) -> None:
    """The format in which large graphs are published: comments, then ends parted by tabs."""
    edges, _ = planted(2, 30, 0.3, 0.03)
    ends = edges.replace("page ", "", regex=True)
    buffer = io.StringIO()
    ends.to_csv(buffer, sep="\t", index=False, header=False)
    head = f"# Undirected graph: pages.txt\n# Nodes: 60 Edges: {len(ends)}\n# FromNodeId\tToNodeId\n"
    (tmp_path / "pages.txt").write_text(head + buffer.getvalue())
    raw = inspect(tmp_path / "pages.txt", options=GRAPH)
    assert (len(raw), graph_facts(raw).links) == (60, len(ends))

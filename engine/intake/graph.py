"""Graphs: nodes and the weights of the links between them, from a list of edges or an adjacency matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.columns.edges import Edges, find_edges, weight_of
from engine.intake.columns.profile import describe
from engine.intake.raw import Content, Raw
from engine.intake.wording import be, count, italic

NODE = "node"
LINKS, STRENGTH, PART = "links", "weight of links", "part"
"""Columns of the rows of a graph: what a node is called, how many others it is linked to, their weights added up, and which of
the parts that are not linked to each other it is in, the largest first."""

DESCRIBED = {LINKS: "number", STRENGTH: "number", PART: "category"}
"""Columns by which groups of nodes are described."""

MOST_NODES = 10_000_000


@dataclass(frozen=True)
class GraphFacts:
    """What a graph is like.

    Attributes
    ----------
    nodes, links
        How many there are; a link joins two different nodes.
    density
        The share of all pairs of nodes that are linked.
    isolated
        Nodes without any link.
    parts
        Sets of linked nodes without a link between them.
    degrees
        int64 [nodes]: to how many others each node is linked.
    """

    nodes: int
    links: int
    density: float
    isolated: int
    parts: int
    degrees: np.ndarray


def graph_facts(raw: Raw) -> GraphFacts:
    """Count the nodes and links of a graph; TypeError for other data."""
    if raw.graph is None:
        raise TypeError(f"{raw.kind} data has no links")
    degrees = np.diff(raw.graph.indptr).astype(np.int64)
    nodes, links = len(degrees), int(degrees.sum()) // 2
    parts = components(raw.graph)
    linked = len(np.unique(parts[degrees > 0]))
    return GraphFacts(nodes, links, 2 * links / max(nodes * (nodes - 1), 1), int((degrees == 0).sum()), linked, degrees)


def components(graph: Any) -> np.ndarray:
    """int64 [n]: the part that each node of an adjacency matrix [n, n] is in, numbered by size, the largest 0."""
    from scipy.sparse.csgraph import connected_components

    _, parts = connected_components(graph, directed=False)
    order = np.argsort(-np.bincount(parts), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[parts])


def as_graph(content: Content, name: str) -> Content:
    """A table of edges, or of the adjacency matrix, as a graph; its nodes become the rows. A graph stays as it is.

    Parameters
    ----------
    content
        What a reader found.
    name
        What the user calls it.

    Returns
    -------
    Content
        With the adjacency matrix in `graph`.

    Raises
    ------
    InputError
        Where the content is neither.
    """
    if content.graph is not None:
        return content
    rows = content.rows.reset_index(drop=True)
    if content.values is not None:
        raise InputError(f"{italic(name)} holds no table, so it is no graph: bring a list of edges or a square matrix.")
    matrix = _matrix(rows)
    made = from_adjacency(matrix[0], name, matrix[1]) if matrix is not None else _from_edges(rows, name)
    made.notes[:0] = content.notes
    made.alternatives |= content.alternatives
    return made


def _matrix(rows: pd.DataFrame) -> tuple[np.ndarray, Sequence[Any]] | None:
    """The numbers of a square table, and the names of its nodes: those of its columns; names before the rows may stand first."""
    numbers = rows.select_dtypes("number")
    if not len(rows) or numbers.shape[1] != len(rows) or rows.shape[1] - numbers.shape[1] > 1:
        return None
    matrix = numbers.to_numpy(np.float64)
    symmetric = np.array_equal(matrix, matrix.T, equal_nan=True)
    return (matrix, list(map(str, numbers.columns))) if symmetric or len(rows) > 4 else None


def from_adjacency(matrix: Any, name: str, names: Sequence[Any] | None = None) -> Content:
    """A graph from a square matrix of the weights of links, dense or sparse; nodes are numbered from 1 where they have no names.

    InputError where the matrix is not square, or holds no numbers.
    """
    from scipy import sparse

    check_square(matrix.shape, name)
    if matrix.dtype.kind not in "biuf":
        raise InputError(f"{italic(name)} holds {matrix.dtype.name} values where the weights of links are needed.")
    directed = sparse.csr_array(matrix, dtype=np.float64)
    directed.sum_duplicates()
    directed.eliminate_zeros()
    start = f"Read as a graph: each cell of the matrix is the weight of the link between two of its {matrix.shape[0]:,} nodes."
    usable = np.isfinite(directed.data) & (directed.data > 0)
    left_out = _unusable(int((~usable).sum()), "cell", "a weight that is blank, infinite or not above 0")
    directed.data[~usable] = 0
    directed.eliminate_zeros()
    nodes = pd.Series(np.arange(1, directed.shape[0] + 1) if names is None else list(names), name=NODE)
    return _content(directed, nodes, name, [start, *left_out])


def check_square(shape: Sequence[int], name: str) -> None:
    """InputError unless a matrix of this shape can be that of a graph."""
    if len(shape) != 2 or shape[0] != shape[1]:
        said = " x ".join(f"{n:,}" for n in shape)
        raise InputError(
            f"{italic(name)} has the shape {said}; the matrix of a graph has a row and a column for each node, so it is square."
        )
    if shape[0] > MOST_NODES:
        raise InputError(
            f"{italic(name)} has {shape[0]:,} nodes, more than the {MOST_NODES:,} that are taken: bring a part of it."
        )


def _from_edges(rows: pd.DataFrame, name: str) -> Content:
    from scipy import sparse

    edges = _edges_of(rows, name)
    ends = rows[[edges.source, edges.target]]
    weights = np.ones(len(rows)) if edges.weight is None else rows[edges.weight].to_numpy(np.float64, na_value=np.nan)
    whole = ends.notna().all(axis=1).to_numpy()
    usable = whole & np.isfinite(weights) & (weights > 0)
    if not usable.any():
        raise InputError(f"{italic(name)} has no row with two nodes and a weight above 0: there is no link in it.")
    sources, targets = (_as_names(ends[column][usable]) for column in (edges.source, edges.target))
    codes, nodes = pd.factorize(pd.concat([sources, targets]), sort=pd.api.types.is_numeric_dtype(sources.dtype))
    half, n = len(sources), len(nodes)
    directed = sparse.coo_array((weights[usable], (codes[:half], codes[half:])), (n, n)).tocsr()
    notes = [
        _start(edges, rows, n),
        *_unusable(int((~whole).sum()), "row", "a blank in place of a node"),
        *_unusable(int((whole & ~usable).sum()), "row", "a weight that is blank, infinite or not above 0"),
        *_repeated(half - directed.nnz, edges),
    ]
    return _content(directed, pd.Series(nodes, name=NODE), name, notes)


def _edges_of(rows: pd.DataFrame, name: str) -> Edges:
    """The ends of the edges as found, else the first two columns that can name nodes."""
    columns = [describe(str(column), rows[column]) for column in rows.columns]
    found = find_edges(rows, columns)
    if found is not None:
        return found
    named = [c for c in columns if c.distinct and c.dtype in ("category", "text", "number") and _is_whole(rows[c.name])]
    if len(named) < 2:
        raise InputError(
            f"{italic(name)} has no two columns with the names or numbers of nodes: a graph is a list of edges, each with the "
            "two nodes that it links and maybe a weight, or a square matrix."
        )
    return Edges(named[0].name, named[1].name, weight_of([c for c in columns if c not in named[:2]], rows))


def _is_whole(values: pd.Series[Any]) -> bool:
    return not pd.api.types.is_numeric_dtype(values.dtype) or bool((values.dropna() % 1 == 0).all())


def _as_names(values: pd.Series[Any]) -> pd.Series[Any]:
    """Nodes as they are called: whole numbers, else words."""
    return values.astype("int64") if pd.api.types.is_numeric_dtype(values.dtype) else values.astype("str")


def _start(edges: Edges, rows: pd.DataFrame, nodes: int) -> str:
    weight = f", with the weight {italic(edges.weight)}" if edges.weight else ""
    rest = rows.shape[1] - 2 - (edges.weight is not None)
    others = f" {count(rest, 'other column')} {'does' if rest == 1 else 'do'} not count." if rest else ""
    return (
        f"Read as a graph of {nodes:,} nodes: each row is a link from {italic(edges.source)} to {italic(edges.target)}"
        f"{weight}.{others}"
    )


def _unusable(n: int, what: str, why: str) -> list[str]:
    return [f"{count(n, what)} with {why} {be(n, past=True)} left out."] if n else []


def _repeated(n: int, edges: Edges) -> list[str]:
    if not n:
        return []
    so = "their weights are added up" if edges.weight else "such a link counts as often as it is listed"
    return [f"{count(n, 'row')} {'repeats' if n == 1 else 'repeat'} a link that came before: {so}."]


def _content(directed: Any, nodes: pd.Series[Any], name: str, notes: list[str]) -> Content:
    """The graph without direction and loops, its nodes as rows, and sentences on what that changed."""
    from scipy import sparse

    loops = int((directed.diagonal() != 0).sum())
    directed = directed - sparse.diags_array(directed.diagonal())
    directed.eliminate_zeros()
    if not directed.nnz:
        raise InputError(f"{italic(name)} has no link between two different nodes: there is nothing to group by.")
    graph, direction = _without_direction(directed)
    if loops:
        notes.append(f"{count(loops, 'link')} of a node with itself {'does' if loops == 1 else 'do'} not count.")
    rows = _rows(graph, nodes)
    isolated = int((rows[LINKS] == 0).sum())
    if isolated:
        notes.append(f"{count(isolated, 'node')} {'has' if isolated == 1 else 'have'} no link.")
    roles: dict[str, Any] = {column: "id" if column == NODE else "ignore" for column in map(str, rows)}
    alternatives: dict[str, tuple[str, ...]] = {"kind": ("graph", "table")}
    return Content(rows, "graph", None, [*notes, *direction], roles, alternatives=alternatives, graph=graph)


def _without_direction(directed: Any) -> tuple[Any, list[str]]:
    """The sum of both directions of each link, or one where both are the same."""
    back = directed.T.tocsr()
    both = (directed != 0).multiply(back != 0).nnz // 2
    if (directed != back).nnz == 0:
        return _sorted(directed), []
    said = (
        f"{count(both, 'pair')} of nodes {be(both)} linked both ways, and the weights of both are added up. "
        if both
        else ""
    )
    return _sorted(directed + back), [f"{said}Which way a link runs does not count."]


def _sorted(graph: Any) -> Any:
    graph = graph.tocsr().astype(np.float32)
    graph.sort_indices()
    return graph


def _rows(graph: Any, nodes: pd.Series[Any]) -> pd.DataFrame:
    rows = pd.DataFrame({NODE: nodes, LINKS: np.diff(graph.indptr).astype(np.int64)})
    if len(np.unique(graph.data)) > 1:
        rows[STRENGTH] = np.asarray(graph.sum(axis=1), np.float64).ravel()
    parts = components(graph)
    if parts.max() > 0:
        rows[PART] = parts + 1
    return rows

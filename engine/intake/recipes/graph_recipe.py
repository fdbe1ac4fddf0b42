"""Nodes of a graph as numbers: the leading eigenvectors of its normalized adjacency matrix, for methods that take vectors.

Eigenvectors of D^-1/2 A D^-1/2 with rows of one length (Ng, Jordan and Weiss, 2001), each weighted by the third power of its
eigenvalue, which makes distances those of walks of three steps (Coifman and Lafon, 2006) and the number of eigenvectors matter
little. Parts of a graph without a link between them have eigenvectors of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.intake.graph import NODE, components
from engine.intake.raw import Kind, Raw
from engine.intake.recipes.preparation import Preparation
from engine.intake.recipes.recipe import Recipe, pack, unpack
from engine.intake.wording import italic

STEPS = 3
DENSE = 400
"""Nodes up to which all eigenvectors are computed at once."""
LEAST_PART = 0.02
"""Share of the nodes that a part has at least to be grouped."""
LEAST_NODES = 3


@dataclass(frozen=True, eq=False)
class GraphRecipe(Recipe):
    """`vectors` [n, d] of the `nodes`, float32; methods see them as rows of a table. It is of one graph, known by its hash."""

    nodes: tuple[str, ...]
    vectors: np.ndarray
    fingerprint: str
    kind: Kind = "table"

    @property
    def columns_out(self) -> tuple[str, ...]:
        """`dimension i` for each eigenvector."""
        return tuple(f"dimension {i}" for i in range(1, self.vectors.shape[1] + 1))

    @property
    def share_columns(self) -> dict[str, str]:
        """None: no column of `restore` is the share of another."""
        return {}

    def checked(self, raw: Raw) -> Raw:
        """The same graph; InputError for any other data."""
        if raw.kind != "graph" or raw.fingerprint != self.fingerprint:
            raise InputError(
                f"Groups of a graph come from all of its links at once, so the nodes of {italic(raw.name)} cannot be placed in "
                "them: add their links to the graph, read it again and group it anew."
            )
        return raw

    def apply_piece(self, raw: Raw) -> np.ndarray:
        """float32 [n, d]."""
        at = pd.Index(self.nodes).get_indexer(pd.Index(raw.rows[NODE].astype("str")))
        return np.ascontiguousarray(self.vectors[at])

    def restore(self, x: np.ndarray) -> pd.DataFrame:
        """The node whose vector is nearest to each of `x` [m, d]."""
        from scipy.spatial import cKDTree

        _, nearest = cKDTree(self.vectors).query(np.asarray(x, np.float64))
        return pd.DataFrame({NODE: pd.Series([self.nodes[i] for i in np.ravel(nearest)], dtype="str")})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        arrays = pack({"vectors": self.vectors})
        return {"kind": "graph", "nodes": list(self.nodes), "fingerprint": self.fingerprint, "arrays": arrays}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> GraphRecipe:
        """The recipe back from `to_json`."""
        return cls(tuple(values["nodes"]), unpack(values["arrays"])["vectors"], values["fingerprint"])


def grouped_nodes(graph: Any) -> np.ndarray:
    """bool [n]: nodes in parts that are large enough to be grouped; smaller ones would each take up a dimension."""
    parts = components(graph)
    sizes = np.bincount(parts)
    return np.asarray((sizes >= least_part(len(parts)))[parts])


def least_part(nodes: int) -> int:
    """The fewest nodes that a part of a graph has to be grouped."""
    return max(LEAST_NODES, int(np.ceil(LEAST_PART * nodes)))


def dimensions(graph: Any, components_wanted: int) -> int:
    """How many numbers a node becomes: those that are wanted, one more for each further part, never more than nodes."""
    return min(components_wanted + int(components(graph).max()), int(graph.shape[0]))


def fit_graph(raw: Raw, preparation: Preparation) -> GraphRecipe:
    """The vectors of all nodes of `raw`, each of which has a link."""
    assert raw.graph is not None
    vectors = spectral_embedding(raw.graph, dimensions(raw.graph, preparation.components))
    return GraphRecipe(tuple(raw.rows[NODE].astype("str")), vectors, raw.fingerprint)


def spectral_embedding(graph: Any, d: int) -> np.ndarray:
    """float32 [n, d], the mean square of each row 1; `graph` is symmetric [n, n], and every node has a link."""
    from scipy import sparse

    inverse = sparse.diags_array(1 / np.sqrt(np.asarray(graph.sum(axis=1), np.float64).ravel()))
    normalized = (inverse @ graph @ inverse).tocsr()
    parts = components(graph)
    found = [_eigenvectors(normalized, np.flatnonzero(parts == part), d) for part in range(int(parts.max()) + 1)]
    values = np.concatenate([values for values, _, _ in found])
    leading = np.argsort(-values, kind="stable")[:d]
    x = np.zeros((graph.shape[0], len(values)))
    start = 0
    for _, vectors, members in found:
        x[members, start : start + vectors.shape[1]] = vectors
        start += vectors.shape[1]
    x = x[:, leading] * np.maximum(values[leading], 0) ** STEPS
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x * (np.sqrt(x.shape[1]) / np.maximum(lengths, 1e-12)), np.float32)


def _eigenvectors(normalized: Any, members: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At most d eigenvalues of one part, the largest first, its eigenvectors [m, d] with a settled sign, and its members [m]."""
    part = normalized[members][:, members]
    values, vectors = _dense(part) if len(members) <= max(DENSE, 4 * d) else _iterated(part, d)
    order = np.argsort(-values, kind="stable")[:d]
    values, vectors = values[order], vectors[:, order]
    largest = np.abs(vectors).argmax(axis=0)
    return values, vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])]), members


def _dense(part: Any) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = np.linalg.eigh(part.toarray().astype(np.float64))
    return values, vectors


def _iterated(part: Any, d: int) -> tuple[np.ndarray, np.ndarray]:
    """By Lanczos iterations from a fixed start; those that have converged where it takes very many."""
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    start = np.random.default_rng(0).uniform(0.5, 1.5, part.shape[0])
    try:
        values, vectors = eigsh(part.astype(np.float64), d, which="LA", v0=start, ncv=max(2 * d + 1, 40), tol=1e-3)
    except ArpackNoConvergence as stopped:
        values, vectors = stopped.eigenvalues, stopped.eigenvectors
        if not len(values):
            raise InputError("The links of this graph have no leading structure that could be computed.") from stopped
    return values, vectors

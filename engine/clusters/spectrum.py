"""Spectral embedding of a graph of nearest neighbors, and its extension to new samples.

Graphs are symmetric sparse [n, n] float64 with an empty diagonal.

References
----------
A. Y. Ng, M. I. Jordan, Y. Weiss, NIPS 2001, "On Spectral Clustering: Analysis and an Algorithm".
U. von Luxburg, Statistics and Computing 17, 2007, "A Tutorial on Spectral Clustering".
Y. Bengio et al., NIPS 2003, "Out-of-Sample Extensions for LLE, Isomap, MDS, Eigenmaps, and Spectral Clustering".
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.sparse.linalg import ArpackNoConvergence, eigsh
from scipy.spatial.distance import pdist, squareform
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from engine.clusters.neighbors import nearest
from engine.core.errors import InputError

SCALE = 7
"""The neighbor whose distance is a row's own scale (Zelnik-Manor & Perona, NIPS 2004)."""
FAINT = 20.0
"""No link is weaker than exp of minus this: the network must not fall apart by underflow."""
DENSE = 600
"""Rows up to which all vibrations are computed at once."""
PARTS = 5000
"""Unconnected parts at most: their distances take 0.2 GB."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NeighborGraph:
    """A graph of nearest neighbors."""

    weights: csr_array[Any]
    """[n, n]"""
    scales: Floats
    """[n] each row's own scale; empty where all links weigh the same."""
    parts: int
    """Parts it had before they were linked."""


@dataclass(frozen=True)
class Spectrum:
    """The largest eigenvalues of the normalized graph, one minus those of its Laplacian, and their vectors."""

    values: Floats
    """[count] descending, the first is 1."""
    vectors: Floats
    """[n, count] of unit length; their largest entry is positive."""
    degrees: Floats
    """[n] sums of weights."""


def neighbor_graph(points: Floats, neighbors: int, *, local: bool) -> NeighborGraph:
    """Symmetric graph of nearest neighbors, connected throughout.

    Two samples are linked where one is among the nearest of the other; components are joined by the weakest weight there is.

    Parameters
    ----------
    points : ndarray of shape (n, d), float64
        n >= 2.
    neighbors : int
        Nearest neighbors of each sample, not counting itself.
    local : bool
        Whether links weigh exp(-d^2 / (s_i s_j)), with the distance s to the seventh neighbor, or 1.

    Returns
    -------
    NeighborGraph

    Raises
    ------
    InputError
        Where there are more than `PARTS` components.

    Examples
    --------
    >>> import numpy as np
    >>> found = neighbor_graph(np.array([[0.0], [1.0], [10.0], [11.0]]), 1, local=False)
    >>> found.parts, int(found.weights.toarray().sum())  # three links, of which one joins the two components
    (2, 6)
    """
    n, points = len(points), points - points.mean(0)
    asked = min(max(neighbors, SCALE if local else 0), n - 1)
    away, index = NearestNeighbors(n_neighbors=asked).fit(points).kneighbors()
    scales = _scales(away[:, min(SCALE, asked) - 1]) if local else np.zeros(0)
    count = min(neighbors, n - 1)
    rows, columns = np.repeat(np.arange(n), count), index[:, :count].ravel()
    weights = np.ones(rows.size)
    if local:
        weights = np.exp(-np.minimum(away[:, :count].ravel() ** 2 / (scales[rows] * scales[columns]), FAINT))
    graph = csr_array(coo_array((weights, (rows, columns)), shape=(n, n)))
    graph = csr_array(graph.maximum(graph.T))
    parts, part = connected_components(graph, directed=False)
    return NeighborGraph(graph if parts == 1 else _linked(graph, points, part, parts), scales, parts)


def _scales(away: Floats) -> Floats:
    """Rows that lie on their own neighbors have no scale: they take the mean of the others."""
    positive = away[away > 0]
    return np.where(away > 0, away, positive.mean() if len(positive) else 1.0)


def _linked(graph: csr_array[Any], points: Floats, part: npt.NDArray[np.int32], parts: int) -> csr_array[Any]:
    """The graph with its parts joined along the shortest tree between their centroids, each time by the weakest weight there is.

    The link goes from the member nearest to the centroid of the other part to that part's member nearest to it.
    """
    if parts > PARTS:
        raise InputError(
            f"With so few neighbors the network falls into {parts:,} parts; at most {PARTS:,} can be linked: "
            "choose more neighbors."
        )
    order = np.argsort(part, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(part))[:-1])
    centers = np.stack([points[own].mean(0) for own in members])
    distances = pdist(centers)
    # SciPy takes a distance near zero for no link at all; with 1 added to all, the shortest tree stays the same.
    tree = coo_array(minimum_spanning_tree(squareform(1 + distances / (distances.max() or 1.0))))
    links = np.zeros((2, len(tree.row)), np.int64)
    for i, (one, other) in enumerate(zip(tree.row, tree.col, strict=True)):
        links[0, i] = _closest(members[one], points, centers[other])
        links[1, i] = _closest(members[other], points, points[links[0, i]])
    added = coo_array((np.full(links.shape[1], graph.data.min()), tuple(links)), shape=graph.shape)
    return csr_array(graph.maximum(added).maximum(added.T))


def _closest(members: npt.NDArray[np.int64], points: Floats, place: Floats) -> int:
    return int(members[((points[members] - place) ** 2).sum(1).argmin()])


def spectrum(weights: csr_array[Any], count: int) -> Spectrum:
    """Largest eigenvalues of the normalized graph D^-1/2 W D^-1/2 and their eigenvectors, the same at every call.

    Parameters
    ----------
    weights : csr_array of shape (n, n)
    count : int
        How many.

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        Where the eigenvalues lie too close together to be found.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> spectrum(csr_array(np.array([[0.0, 1.0], [1.0, 0.0]])), 2).values.round(3).tolist()
    [1.0, -1.0]
    """
    degrees = np.asarray(weights.sum(1), np.float64).ravel()
    half = diags_array(1 / np.sqrt(degrees))
    normalized = csr_array(half @ weights @ half)
    if len(degrees) <= max(DENSE, 2 * count):
        values, vectors = np.linalg.eigh(normalized.toarray())
    else:
        start = np.random.default_rng(0).uniform(-1, 1, len(degrees))
        try:
            values, vectors = eigsh(normalized, count, which="LA", v0=start, ncv=max(2 * count + 1, 40))
        except ArpackNoConvergence as error:
            raise InputError(
                "The network of neighbors hangs together so loosely that its vibrations cannot be told apart: "
                "choose more neighbors, or fewer groups."
            ) from error
    order = np.argsort(-values, kind="stable")[:count]
    vectors = vectors[:, order]
    signs = np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])
    return Spectrum(values[order], vectors * signs, degrees)


def eigengaps(values: Floats) -> Floats:
    """By how much each eigenvalue exceeds the next: the gap at i speaks for i + 1 clusters.

    Parameters
    ----------
    values : ndarray of shape (count,)
        Descending.

    Returns
    -------
    ndarray of shape (count - 1,)

    Examples
    --------
    >>> import numpy as np
    >>> eigengaps(np.array([1.0, 0.75, 0.25])).tolist()
    [0.25, 0.5]
    """
    return -np.diff(values)


def nystroem(
    x: Tensor, members: Tensor, neighbors: int, scales: Tensor, degrees: Tensor, values: Tensor, vectors: Tensor
) -> Tensor:
    """Nyström extension of a spectral embedding to new samples.

    A member has its own embedding; for another sample, y = 1/lambda sum_j w_j v_j / sqrt(degree_j), as holds for every member.

    Parameters
    ----------
    x : Tensor of shape (n, d)
        New samples.
    members : Tensor of shape (m, d)
    neighbors : int
        As of the graph.
    scales : Tensor of shape (m,) or (0,)
        Scale of each member; empty where all links weigh the same.
    degrees : Tensor of shape (m,)
    values : Tensor of shape (k,)
        Eigenvalues.
    vectors : Tensor of shape (m, k)
        Eigenvectors.

    Returns
    -------
    Tensor of shape (n, k)
        Rows of unit length.

    Examples
    --------
    >>> import torch
    >>> members, none = torch.tensor([[0.0], [1.0]]).double(), torch.zeros(0).double()
    >>> one, vectors = torch.ones(2).double(), torch.eye(2).double()
    >>> nystroem(members[:1], members, 1, none, one, one, vectors)  # a member
    tensor([[1., 0.]], dtype=torch.float64)
    """
    index, away = nearest(x, members, max(neighbors, SCALE))
    count = min(neighbors, index.shape[1])
    # Only the direction of a row counts, so that its own degree falls out, and so does a factor of all its weights.
    weights = torch.ones_like(away[:, :count])
    if len(scales):
        own = away[:, min(SCALE, away.shape[1]) - 1].clamp_min(torch.finfo(torch.float32).tiny).unsqueeze(1)
        steps = away[:, :count].square() / (own * scales[index[:, :count]])
        weights = torch.exp((steps.amin(1, keepdim=True) - steps).clamp_min(-FAINT))
    weights = weights / degrees[index[:, :count]].sqrt()
    between = (weights.unsqueeze(2) * vectors[index[:, :count]]).sum(1) / values.clamp_min(0.01)
    found = torch.where(away[:, :1] == 0, vectors[index[:, 0]], between)
    return torch.nn.functional.normalize(found, eps=1e-300)

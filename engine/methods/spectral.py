"""Spectral clustering.

A. Y. Ng, M. I. Jordan, Y. Weiss, NIPS 2001, "On Spectral Clustering: Analysis and an Algorithm"; local scale: L.
Zelnik-Manor, P. Perona, NIPS 2004, "Self-Tuning Spectral Clustering"; new rows: Y. Bengio et al., NIPS 2003,
"Out-of-Sample Extensions for LLE, Isomap, MDS, Eigenmaps, and Spectral Clustering".

k-means on the leading eigenvectors of the normalized Laplacian of a graph of neighbors.

Deviations
----------
- Only nearest neighbors are linked (U. von Luxburg, Statistics and Computing 2007), so that memory grows with the
  rows and not with their square.
- A graph in several parts is connected by its weakest weight, along the shortest tree between the centroids of the
  parts, because the eigenvectors of separate parts would be arbitrary.
- An unknown number of groups is that of the largest gap between eigenvalues, from two groups on, where Zelnik-Manor
  and Perona rotate the eigenvectors instead.
- No weight is below e^-20.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from engine.clusters import centroids, kmeans, require
from engine.clusters.spectrum import eigengaps, neighbor_graph, nystroem, spectrum
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Terms
from engine.losses import squared_distances


@dataclass(frozen=True)
class Knobs:
    """Settings of spectral clustering."""

    neighbors: int = knob(10, 2, 500, "Nearest samples to which each is linked.", unit="samples")
    weights: str = knob(
        "local",
        choices=("local", "equal"),
        help="Local: a link weighs less the farther it reaches beyond what is usual around both its ends; equal: all "
        "links weigh the same.",
        label="Weight of a link",
    )
    restarts: int = knob(
        20, 1, 200, "How often k-means starts anew on the coordinates; the best is kept.", quick=5, thorough=50
    )
    most: int = knob(12, 2, 200, "Largest number of groups tried where the number is to be found.", unit="groups")


class Spectral(Method):
    card = Card(
        id="spectral",
        name="Spectral clustering",
        authors="A. Y. Ng, M. I. Jordan, Y. Weiss; L. Zelnik-Manor, P. Perona",
        year=2001,
        paper="On Spectral Clustering: Analysis and an Algorithm, NIPS 2001",
        idea="Links every sample to its neighbors and cuts the network where the fewest links are lost.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="normalized cut",
        combination="no network",
        update="once",
        knobs=Knobs,
        estimates_k=True,
        curves={
            "eigenvalue of the Laplacian": "One for each number of groups: near 0 as long as the network of "
            "neighbors falls into that many parts.",
            "eigengap": "The jump after the last group: a large one says that the number of groups is right.",
            "parts": "Pieces of the network of neighbors that no link connects.",
        },
        shows=(Shows.SPECTRAL_COORDINATES, Shows.EIGENGAP),
        caution="Only rows linked as neighbors count as alike: too few neighbors tear groups apart, too many glue them together; "
        "for long thin groups the number must be given.",
    )
    members: Tensor
    scales: Tensor
    degrees: Tensor
    values: Tensor
    vectors: Tensor
    centers: Tensor
    averages: Tensor
    facts: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, k, knobs)
        for name in ("members", "centers", "averages"):
            self.register_buffer(name, torch.zeros(0))
        for name in ("scales", "degrees", "values", "vectors", "facts"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.float64))

    def plan(self, data: Data) -> Iterator[Stage]:
        x = data.x.flatten(1)
        require(x, self.k or 2, least=2)
        linked = neighbor_graph(x.double().cpu().numpy(), self.knobs.neighbors, local=self.knobs.weights == "local")
        found = spectrum(linked.weights, min(len(x), (self.k or self.knobs.most) + 1))
        between = eigengaps(found.values)
        k = self.k or 2
        if self.k is None and len(between) > 1:
            k += int(between[1:].argmax())
        self.members = x.to(data.device, copy=True)
        self.scales, self.degrees, self.values, self.vectors = (
            torch.from_numpy(part).to(data.device)
            for part in (linked.scales, found.degrees, found.values[:k], found.vectors[:, :k].copy())
        )
        gap = float(between[k - 1]) if k <= len(between) else 0.0
        self.facts = self.values.new_tensor([gap, float(linked.parts)])
        places = torch.nn.functional.normalize(self.vectors, eps=1e-300)
        self.centers, groups = kmeans(places, k, self.knobs.restarts)
        self.averages = centroids(self.members, groups, k)
        for value in found.values.tolist():
            yield Stage(
                "eigenvectors",
                "Slowest vibrations",
                (),
                batch=None,
                after_step=partial(self.plotted, value),
                total_epochs=len(found.values),
            )

    def plotted(self, value: float, batch: Batch) -> Terms:
        return {"eigenvalue of the Laplacian": torch.tensor(1 - value)}

    def encode(self, x: Tensor) -> Tensor:
        """Spectral coordinates [n, k] of rows [n, ...], of new ones by the Nystroem extension."""
        return nystroem(
            x, self.members, self.knobs.neighbors, self.scales, self.degrees, self.values, self.vectors
        ).float()

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: squared_distances(z, self.centers).argmin(1), exact=True)

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.averages.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        if len(self.facts) == 0:
            return {}
        gap, parts = self.facts.tolist()
        return {"groups": float(len(self.centers)), "eigengap": gap, "parts": parts}

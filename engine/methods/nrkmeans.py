"""NR-Kmeans, Non-redundant k-means.

D. Mautz, W. Ye, C. Plant, C. Böhm, KDD 2018, "Discovering Non-Redundant K-means Clusterings in Optimal Subspaces".

Several k-means at once, each in a subspace of its own, which are found by rotating the data.

Deviations
----------
- The data are whitened first (PCA, 90% of the variance, at most one direction for ten rows), because directions of
  large variance draw all groupings to themselves; `whiten` off is the paper's own way, on at most 200 principal axes.
- The axes are sought on 20,000 random rows, fewer if they are wide, to save time; all others, and new rows, take
  their nearest centers.
- An axis is noise where the share of its squared length between groups is below 1e-7, instead of an absolute value,
  which would depend on units.
- A group that loses its members moves to the row farthest from its center instead of being dropped, so that there are
  as many groups as asked for.
- A grouping keeps at least one axis, the noise space may lose all; it is left out where there are too few axes.
- The embedding has the axes in which the groups of the first grouping differ, each as long as they differ there,
  because a map of whitened axes would choose two of them by chance.
- A prototype is the center on these axes and the mean of all rows elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from engine.clusters.kmeans import COPIED, require, seed
from engine.clusters.nrkmeans import Groupings, nrkmeans, parse_sizes, rotate_within
from engine.clusters.whitening import Axes, principal_axes
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Batch, Data
from engine.core.method import Method, Stage, Terms
from engine.losses import squared_distances

ROWS = 20_000
"""Rows on which the axes are sought, at most."""
SHORT = 0.01
"""Length of an axis in which groups do not differ at all."""


@dataclass(frozen=True)
class Knobs:
    """Settings of NR-Kmeans."""

    groupings: str = knob(
        "2", help="How many groupings to look for, or the number of groups in each, like 3-4.", main=True
    )
    noise: bool = knob(
        True,
        help="Directions in which nothing forms groups are set aside, and no grouping looks at them.",
        label="Noise",
    )
    restarts: int = knob(20, 1, 500, "How often to start anew; the best start is kept.", quick=10, thorough=50)
    whiten: bool = knob(
        True,
        help="Every direction counts alike, however far the samples vary along it.",
        label="Even out directions",
    )


class NRKMeans(Method):
    card = Card(
        id="nrkmeans",
        name="Non-redundant k-means",
        short="NR-Kmeans",
        authors="D. Mautz, W. Ye, C. Plant, C. Böhm",
        year=2018,
        paper="Discovering Non-Redundant K-means Clusterings in Optimal Subspaces, KDD 2018",
        idea="Finds several groupings of the same samples at once, such as by shape and by color, each in directions of its own.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="k-means loss in subspaces",
        combination="no network",
        update="alternating",
        knobs=Knobs,
        curves={
            "axes without groups": "Directions that are set aside because nothing forms groups in them.",
        },
        shows=(Shows.GROUPINGS, Shows.CLUSTER_AXES, Shows.CENTERS),
        caution="The number of groupings and of groups in each must be right: compare a few.",
    )
    former_names: ClassVar = {"middle": "mean", "onto": "projection", "back": "inverse", "length": "scales"}
    mean: Tensor
    """[features]"""
    projection: Tensor
    """[features, axes] from centered samples to the new axes."""
    inverse: Tensor
    """[axes, features]"""
    means: Tensor
    """[groups of all groupings, axes] centers."""
    scales: Tensor
    """[separating] by which the axes of the first grouping count in the embedding."""
    axes: Tensor
    """[groupings] int64: how many axes each has."""

    def __init__(self, data: Data, k: int | None, knobs: Any) -> None:
        super().__init__(data, k, knobs)
        self.numbers = self.wanted()
        for name in ("mean", "projection", "inverse", "means", "scales"):
            self.register_buffer(name, torch.zeros(0))
        self.register_buffer("axes", torch.zeros(0, dtype=torch.int64))

    def wanted(self) -> tuple[int, ...]:
        """Groups in each grouping; one group is a noise space."""
        found = parse_sizes(self.knobs.groupings, self.k)
        return (*found, 1) if self.knobs.noise and 1 not in found[1:] else found

    def plan(self, data: Data) -> Iterator[Stage]:
        rows = self.some(data)
        require(rows, max(self.numbers), least=2)
        axes = principal_axes(rows, self.knobs.whiten, len(self.numbers))
        points = ((rows.flatten(1) - axes.mean) @ axes.projection).cpu().numpy().astype(np.float64)
        spare = points.shape[1] < len(self.numbers) and self.numbers[-1] == 1
        sizes = self.numbers[:-1] if spare else self.numbers
        best = float("inf")
        for _ in range(self.knobs.restarts):
            found = nrkmeans(points, sizes, seed(), restarts=1)
            if found.cost < best:
                best = found.cost
                self.keep(axes, rotate_within(found))
            plotted = partial(self.plotted, found.cost / len(points))
            yield Stage("rotate", "Turning axes", (), batch=None, after_step=plotted, total_epochs=self.knobs.restarts)

    def some(self, data: Data) -> Tensor:
        """Rows on which the axes are sought, [n, features]."""
        x = data.x.flatten(1)
        count = min(ROWS, max(COPIED // x.shape[1], *self.numbers))
        if len(x) > count:
            x = x[torch.randperm(len(x))[:count].sort().values.to(x.device)]
        return x.to(data.device)

    def keep(self, axes: Axes, found: Groupings) -> None:
        """The axes of the first grouping come first, then those of the second, and so on."""
        order = np.concatenate(found.axes)
        turn = torch.from_numpy(found.rotation[:, order]).to(axes.projection)
        self.mean, self.projection, self.inverse = axes.mean, axes.projection @ turn, turn.T @ axes.inverse
        self.means = torch.from_numpy(np.concatenate(found.centers)).to(turn) @ turn
        self.axes = torch.tensor([len(own) for own in found.axes], device=turn.device)
        self.scales = torch.ones(self.separating, device=turn.device)
        if self.knobs.whiten:
            sizes = torch.from_numpy(np.bincount(found.labels[:, 0], minlength=self.numbers[0])).to(turn)
            between = sizes @ self.centers().square() / len(found.labels)
            self.scales = between.sqrt().clamp_min(SHORT)

    def plotted(self, cost: float, batch: Batch) -> Terms:
        return {"distance": torch.tensor(cost)}

    def rotate(self, x: Tensor, axes: int | None = None) -> Tensor:
        """Samples [n, ...] in their coordinates [n, axes] along the first of the new axes."""
        with torch.autocast(x.device.type, enabled=False):
            return (x.flatten(1).float() - self.mean) @ self.projection[:, :axes]

    def encode(self, x: Tensor) -> Tensor:
        """Samples [n, ...] along the axes [n, d] that tell the groups of the first grouping apart."""
        return self.rotate(x, self.separating) * self.scales

    @property
    def separating(self) -> int:
        """Axes that tell the groups of the first grouping apart: at most one less than it has groups."""
        return min(int(self.axes[0]), max(1, self.numbers[0] - 1))

    def centers(self) -> Tensor:
        """[k, separating] of the first grouping."""
        return self.means[: self.numbers[0], : self.separating]

    def labels(self, data: Data) -> Tensor:
        return self.map_codes(data, lambda z: squared_distances(z / self.scales, self.centers()).argmin(1))

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        axes = self.axes.tolist()
        centers = torch.split(self.means, list(self.numbers[: len(axes)]))
        own = [torch.split(c, axes, 1)[j] for j, c in enumerate(centers)]

        def nearest(x: Tensor) -> Tensor:
            """Groups [n, groupings] of samples [n, ...]."""
            parts = zip(torch.split(self.rotate(x), axes, 1), own, strict=True)
            return torch.stack([squared_distances(z, c).argmin(1) for z, c in parts], 1)

        found = [self.labels(data), *self.map_batches(data, nearest).T[1:]]
        return {f"grouping {j}": own for j, (own, k) in enumerate(zip(found, self.numbers, strict=False), 1) if k > 1}

    def group_centers(self) -> Tensor | None:
        return self.centers() * self.scales

    def prototypes(self) -> Tensor | None:
        decoded = self.centers() @ self.inverse[: self.separating] + self.mean
        return decoded.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        counts = zip(self.axes.tolist(), self.numbers, strict=False)
        named = [
            ("axes without groups" if k == 1 else f"axes of grouping {j}", n) for j, (n, k) in enumerate(counts, 1)
        ]
        return {name: float(n) for name, n in named}

"""SkinnyDip.

S. Maurus, C. Plant, KDD 2016, "Skinny-dip: Clustering in a Sea of Noise".

Cuts each axis in turn into its modes by the dip test of unimodality; what lies outside of all modes is noise.

Deviations
----------
- Equal values of a column are spread over the smallest gap between different ones before the test, because whole
  numbers would otherwise have as many modes as values.
- Neighboring modes that are one by the same test are merged, of the larger only the nearer part is tested, as in
  ClustPy.
- A mode that is unimodal together with everything beside it extends to the edges of the whole.
- A stretch in which samples lie evenly, so that not even their mirror image shows an edge, does not cut the box; the
  paper would keep an arbitrary part of it.
- The probability of a dip comes from the formula of Bauer et al. (SDM 2023).
- Instead of SparseDip's search for directions with a deep dip, the axes can be principal or independent components.
- A given number of groups keeps that many of the largest boxes at most.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from engine.clusters import require, sample
from engine.clusters.components import independent_components, principal_components
from engine.clusters.unidip import split_boxes
from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.core.method import Method, Stage


@dataclass(frozen=True)
class Knobs:
    """Settings of SkinnyDip."""

    significance: float = knob(
        0.05,
        1e-9,
        0.5,
        "How likely a cut may be where samples gather in one place only: less cuts less.",
        log=True,
    )
    axes: str = knob(
        "columns",
        choices=("columns", "principal", "independent"),
        help="Columns: look along each column as it is; principal: along the directions in which samples differ most; "
        "independent: along directions that say least about each other.",
    )
    components: int = knob(
        10, 1, 1000, "Directions looked along where they are not the columns, at most.", label="Directions"
    )


class SkinnyDip(Method):
    identity = True
    card = Card(
        id="skinnydip",
        name="SkinnyDip",
        authors="S. Maurus, C. Plant",
        year=2016,
        paper="Skinny-dip: Clustering in a Sea of Noise, KDD 2016",
        idea="Looks along one column at a time, cuts out the stretches where samples gather, and calls all else noise.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="dip test",
        combination="no network",
        update="one column after the other",
        knobs=Knobs,
        needs_k=False,
        estimates_k=True,
        curves={
            "axes cut along": "Axes along which the members were cut into stretches.",
        },
        shows=(Shows.NOISE,),
        caution="Groups are boxes along the axes: it suits a few columns that each tell something, and not raw pictures. "
        "Samples at the rim of a box count as noise.",
    )
    former_names: ClassVar = {"middle": "mean"}
    mean: Tensor
    axes: Tensor
    low: Tensor
    high: Tensor
    centers: Tensor

    def __init__(self, data: Data, k: int | None, knobs: Knobs) -> None:
        super().__init__(data, None, knobs)
        self.most = k
        for name in ("mean", "axes", "low", "high"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.float64))
        self.register_buffer("centers", torch.zeros(0))

    def plan(self, data: Data) -> Iterator[Stage]:
        """Each axis cuts the boxes that the axes before it have left; at first all is one box."""
        x = data.x.flatten(1)
        require(x, 1, least=2)
        count = self.fit_axes(sample(x, 1).to(data.device))
        boxes = torch.zeros(len(x), dtype=torch.int64).numpy()
        low = torch.zeros(1, 0, dtype=torch.float64, device=data.device)
        high, moving = low, len(self.axes) > 0
        for axis in range(count):
            values = self.map_batches(data, partial(self.project, axis=axis)).double()
            found = split_boxes(values.cpu().numpy(), boxes, self.knobs.significance, moving)
            parents, boxes = torch.from_numpy(found.parents).to(data.device), found.boxes
            low = torch.cat([low[parents], torch.from_numpy(found.low).to(low)[:, None]], 1)
            high = torch.cat([high[parents], torch.from_numpy(found.high).to(high)[:, None]], 1)
            self.low, self.high = low, high
            yield Stage("modes", "Cutting out bumps", (), batch=None, total_epochs=count)
        sizes = torch.from_numpy(boxes + 1).bincount(minlength=len(low) + 1)[1:]
        largest = sizes.argsort(descending=True, stable=True)[: self.most].sort().values.to(data.device)
        self.low, self.high = low[largest], high[largest]
        self.centers = self.means(data)

    def fit_axes(self, x: Tensor) -> int:
        """Choose the axes from samples [n, d]; returns their number."""
        if self.knobs.axes == "columns":
            self.mean = self.axes = torch.zeros(0, dtype=torch.float64, device=x.device)
            return x.shape[1]
        if self.knobs.axes == "principal":
            self.mean, self.axes, _ = principal_components(x, self.knobs.components)
        else:
            self.mean, self.axes = independent_components(x, self.knobs.components)
        return self.axes.shape[1]

    def project(self, x: Tensor, axis: int | slice = slice(None)) -> Tensor:
        """Where samples [n, ...] lie along the axes [n, axes], or along one of them [n]."""
        x = x.flatten(1)
        return x[:, axis] if not len(self.axes) else ((x.double() - self.mean) @ self.axes[:, axis]).float()

    def boxes(self, x: Tensor) -> Tensor:
        """[n] the box in which each row lies, -1 outside of all; boxes do not overlap."""
        found = torch.full((len(x),), -1, device=x.device)
        z = self.project(x, slice(self.low.shape[1])).double()
        for box, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
            found[((z >= low) & (z <= high)).all(1)] = box
        return found

    def labels(self, data: Data) -> Tensor:
        return self.map_batches(data, self.boxes)

    def means(self, data: Data) -> Tensor:
        """[k, d] mean of each box's members."""
        k, width = len(self.low), data.x[0].numel()
        sums = torch.zeros(k + 1, width + 1, dtype=torch.float64, device=data.device)
        for _, x in data.chunks():
            rows = torch.nn.functional.pad(x.flatten(1).double(), (0, 1), value=1.0)
            sums.index_add_(0, self.boxes(x) + 1, rows)
        return (sums[1:, :-1] / sums[1:, -1:]).float()

    def group_centers(self) -> Tensor | None:
        return self.centers

    def prototypes(self) -> Tensor | None:
        return self.centers.view(-1, *self.shape)

    def report(self) -> dict[str, float]:
        cut = (self.low.isfinite() | self.high.isfinite()).any(0) if self.low.dim() == 2 else self.low
        return {"groups": float(len(self.low)), "axes cut along": float(cut.sum())}

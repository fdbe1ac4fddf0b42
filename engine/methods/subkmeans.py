"""SubKmeans.

D. Mautz, W. Ye, C. Plant, C. Böhm, KDD 2017, "Towards an Optimal Subspace for K-Means".

k-means in a rotated subspace beside a noise space: NR-Kmeans with a single grouping, with which it shares every step.

Deviations
----------
- Those of NR-Kmeans, except that the data are whitened only on request (`whiten`): the paper's own way is better on
  most real sets.
"""

from dataclasses import dataclass

from torch import Tensor

from engine.core.card import Card, Family, Shows, knob
from engine.core.data import Data
from engine.methods.nrkmeans import NRKMeans


@dataclass(frozen=True)
class Knobs:
    """Settings of SubKmeans."""

    restarts: int = knob(30, 1, 500, "How often to start anew; the best start is kept.", quick=15, thorough=200)
    whiten: bool = knob(
        False,
        help="Every direction counts alike, however far the samples vary along it: for columns that are mostly noise.",
        label="Even out directions",
    )


class SubKmeans(NRKMeans):
    card = Card(
        id="subkmeans",
        name="SubKmeans",
        authors="D. Mautz, W. Ye, C. Plant, C. Böhm",
        year=2017,
        paper="Towards an Optimal Subspace for K-Means, KDD 2017",
        idea="Looks for the few directions in which the samples form groups, and sets all the others aside.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="k-means loss in a subspace",
        combination="no network",
        update="alternating",
        knobs=Knobs,
        curves={
            "axes": "Directions in which the members form groups; the others are set aside.",
        },
        shows=(Shows.CLUSTER_AXES, Shows.CENTERS),
        caution="Columns of far-spread noise hide the groups: even out directions then, with more starts for few rows.",
    )

    def wanted(self) -> tuple[int, ...]:
        """The groups, and the noise space."""
        return self.require_k(self.k), 1

    def alternatives(self, data: Data) -> dict[str, Tensor]:
        return {}

    def report(self) -> dict[str, float]:
        return {"axes": float(self.axes[0])} if len(self.axes) else {}

"""dip-means.

A. Kalogeratos, A. Likas, NIPS 2012, "Dip-means: an incremental clustering method for estimating the number of
clusters"; projected: T. Chamalis, A. Likas, SETN 2018, "The Projected Dip-means Clustering Algorithm".

Splits the group in which most members see a multimodal distribution of distances, by the dip test.

Deviations
----------
- Viewers and those they look at are at most 1,000 random members, so that memory does not grow with the square of the
  rows.
- The probability of a dip comes from the formula of Bauer et al. (SDM 2023) instead of 1,000 samples of uniform
  numbers.
- Equal values of a column are moved apart at random by its smallest gap between different ones, because the distances
  between whole numbers are multimodal by themselves.
- Projections share the significance among all directions, of which the random ones are Gaussian; there are at most 50
  principal and 50 random ones.
- More than 200,000 rows, and a given number of groups, are treated as in X-means.
"""

from dataclasses import dataclass

from torch import Tensor

from engine.clusters.evidence import projection_evidence, viewer_evidence
from engine.clusters.splitting import Partition
from engine.core.card import Card, Family, Shows, knob
from engine.methods import xmeans
from engine.methods.xmeans import XMeans


@dataclass(frozen=True)
class Knobs(xmeans.Knobs):
    """Settings of dip-means."""

    significance: float = knob(
        1e-3, 1e-12, 0.5, "How likely a dip may be in a group that is one: less splits less.", log=True
    )
    views: str = knob(
        "distances",
        choices=("distances", "projections"),
        help="Distances: every member looks at how far the others are; projections: the group is looked at along its "
        "columns, along the directions in which it differs most, and along random ones.",
    )


class DipMeans(XMeans):
    card = Card(
        id="dipmeans",
        name="dip-means",
        authors="A. Kalogeratos, A. Likas",
        year=2012,
        paper="Dip-means: an incremental clustering method for estimating the number of clusters, NIPS 2012",
        idea="Starts with one group and splits the one with the clearest gap inside: where samples gather in two places.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="k-means loss, number of groups by dip tests",
        combination="no network",
        update="splitting, then alternating",
        knobs=Knobs,
        needs_k=False,
        estimates_k=True,
        shows=(Shows.SPLIT_TREE, Shows.CENTERS),
        caution="Misses groups that touch, and with dozens of columns may find a single group only. "
        "A given number of groups is the most it makes.",
    )
    measure = "groups"
    one_by_one = True
    at_least_once = False

    def split_evidence(self, members: Tensor, side: Tensor) -> float:
        """How clearly the members [m, d] are two groups, given the half [m] of each; 0 or less where they are one."""
        evidence = viewer_evidence if self.knobs.views == "distances" else projection_evidence
        return evidence(members, self.knobs.significance)

    def score_of(self, points: Tensor, parts: Partition) -> float:
        """The number of groups of the points [n, d]: every split was called for, and the latest grouping is the best."""
        return float(len(parts.centers))

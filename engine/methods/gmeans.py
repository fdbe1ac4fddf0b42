"""G-means.

G. Hamerly, C. Elkan, NIPS 2003, "Learning the k in k-means".

Splits groups whose samples, projected on the line between two trial centers, fail a test of normality.

Deviations
----------
- Each round splits the group that is farthest from normal, not all at once: a group that k-means has given a few
  members of another would otherwise be split for their sake.
- The test uses at most 1,000 members, because with more the slightest deviation counts.
- Its probability is that of D'Agostino and Stephens (1986), with their correction for few members.
- A trial starts from a random member and its mirror image instead of along the first principal component.
- More than 200,000 rows, and a given number of groups, are treated as in X-means.
"""

from dataclasses import dataclass

from torch import Tensor

from engine.clusters.evidence import normality_evidence
from engine.clusters.splitting import Partition
from engine.core.card import Card, Family, Shows, knob
from engine.methods import xmeans
from engine.methods.xmeans import XMeans


@dataclass(frozen=True)
class Knobs(xmeans.Knobs):
    """Settings of G-means."""

    significance: float = knob(
        1e-4, 1e-12, 0.5, "How likely it may be that a bell-shaped group is split: less splits less.", log=True
    )


class GMeans(XMeans):
    card = Card(
        id="gmeans",
        name="G-means",
        authors="G. Hamerly, C. Elkan",
        year=2003,
        paper="Learning the k in k-means, NIPS 2003",
        idea="Starts with one group and splits every group whose samples, seen along its longest way, do not form one bell.",
        family=Family.CLASSICAL,
        architecture="none",
        non_clustering="none",
        clustering="k-means loss, number of groups by tests of normality",
        combination="no network",
        update="splitting, then alternating",
        knobs=Knobs,
        needs_k=False,
        estimates_k=True,
        shows=(Shows.SPLIT_TREE, Shows.CENTERS),
        caution="Whatever is not bell-shaped is split: even or lopsided groups fall apart, as do columns of whole numbers. "
        "A given number of groups is the most it makes.",
    )
    measure = "groups"
    one_by_one = True
    at_least_once = False

    def split_evidence(self, members: Tensor, side: Tensor) -> float:
        """How clearly the members [m, d] are two groups, given the half [m] of each; 0 or less where they are one."""
        return normality_evidence(members, side, self.knobs.significance)

    def score_of(self, points: Tensor, parts: Partition) -> float:
        """The number of groups of the points [n, d]: every split was called for, and the latest grouping is the best."""
        return float(len(parts.centers))

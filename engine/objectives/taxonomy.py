"""The axes of the taxonomy as settings: which parts there are, which go together, and what each weighs."""

from dataclasses import dataclass
from typing import Any

from engine.core.card import Refusal, knob
from engine.objectives.base import ClusteringObjective
from engine.objectives.classifying import Classifying
from engine.objectives.constraints import Local, Sparse
from engine.objectives.merging import Merging
from engine.objectives.mutual_information import Informing
from engine.objectives.prior import Clouded, Judged, Prior
from engine.objectives.pulling import Pulling, SoftPulling
from engine.objectives.sharpening import Sharpening

PULL, LOCALITY, SPARSITY = 10.0, 5.0, 0.1
"""Usual weights against redrawing, as in DCN, DKM and DEN; what measures guesses weighs as much as redrawing every column."""


@dataclass(frozen=True)
class Parts:
    """The five parts; see `REFUSALS` for what does not go together."""

    network: str = knob(
        "auto",
        choices=("dense", "convolutional", "dilated", "recurrent", "belief", "variational", "adversarial", "auto"),
        help="How the network looks at a sample: dense, all at once; convolutional, patch by patch (pictures); dilated and "
        "recurrent, along a series; belief, layer by layer at first; variational, with a cloud instead of a point as code; "
        "adversarial, with a code that a critic cannot tell from random draws; auto, convolutional for large pictures.",
        label="Architecture",
        quick="dense",
        main=True,
    )
    non_clustering: str = knob(
        "reconstruction",
        choices=("none", "reconstruction", "self-augmentation"),
        help="What the network learns beside the groups: nothing, to redraw each sample, or to say the same of altered copies.",
        label="Loss beside clustering",
        main=True,
    )
    clustering: str = knob(
        "hardening",
        choices=(
            "none",
            "k-means",
            "hardening",
            "balanced assignments",
            "locality-preserving",
            "group sparsity",
            "cluster classification",
            "agglomerative",
        ),
        help="What makes groups: closeness to centers, sharper guesses, sure groups of equal size, neighbors that stay so, few "
        "numbers that speak for each sample, telling apart what was grouped before, or joining many small groups.",
        label="Clustering loss",
        main=True,
    )
    combination: str = knob(
        "joint",
        choices=("fine-tuning", "joint", "schedule"),
        help="First the loss beside clustering and then that of clustering alone, both together, or from one to the other, "
        "a little each pass.",
        main=True,
    )
    update: str = knob(
        "joint",
        choices=("joint", "alternating"),
        help="Groups learn together with the network, or are found anew in turns with it.",
        label="Cluster update",
        main=True,
    )

    @property
    def redrawn(self) -> bool:
        """Whether the network learns to redraw, and so can be pretrained."""
        return self.non_clustering == "reconstruction"

    @property
    def alone(self) -> bool:
        """Whether the clustering loss is in the end alone."""
        return self.combination == "fine-tuning"

    def part(self, groups: int, latent: int) -> ClusteringObjective:
        """The chosen clustering loss."""
        joint = self.update == "joint"
        made: dict[str, Any] = {
            "none": ClusteringObjective,
            "k-means": SoftPulling if joint else lambda: Pulling(groups),
            "hardening": lambda: Sharpening(joint),
            "balanced assignments": lambda: Informing(joint),
            "locality-preserving": Local,
            "group sparsity": lambda: Sparse(groups),
            "cluster classification": lambda: Classifying(groups, latent),
            "agglomerative": lambda: Merging(groups),
        }
        found: ClusteringObjective = made[self.clustering]()
        return found

    def prior(self, latent: int, columns: int) -> Prior:
        """What the chosen architecture wants of its codes."""
        if self.network == "variational":
            return Clouded()
        return Judged(latent, columns) if self.network == "adversarial" else Prior()

    def usual(self, columns: int) -> float:
        """The weight at which the clustering loss holds its own against a redrawing error that grows with the columns."""
        if self.alone:
            return 1.0
        fixed = {"locality-preserving": LOCALITY, "group sparsity": SPARSITY}
        fixed["k-means"] = PULL if self.update == "joint" else PULL / 2
        return fixed.get(self.clustering, float(columns))


NOT_REDRAWN = ("none", "self-augmentation")
SHRINKING = ("k-means", "locality-preserving", "group sparsity")
ONE_POINT = "Under this clustering loss alone all codes move to one point: combine it jointly with reconstruction."
REFUSALS = (
    Refusal(
        {"network": ("belief", "variational", "adversarial"), "non_clustering": NOT_REDRAWN},
        "This network learns by redrawing: choose reconstruction beside clustering, or another network.",
    ),
    Refusal(
        {"clustering": ("none",), "non_clustering": NOT_REDRAWN},
        "Without a clustering loss only redrawing leads to a code worth grouping: choose reconstruction beside clustering.",
    ),
    Refusal(
        {"clustering": ("none",), "combination": ("schedule",)},
        "Without a clustering loss a schedule would go over to nothing: choose another combination.",
    ),
    Refusal(
        {"combination": ("fine-tuning",), "non_clustering": NOT_REDRAWN},
        "Fine-tuning needs a code that was learned before: choose reconstruction beside clustering, or another combination.",
    ),
    Refusal({"clustering": SHRINKING, "combination": ("fine-tuning", "schedule")}, ONE_POINT),
    Refusal({"clustering": SHRINKING, "non_clustering": NOT_REDRAWN}, ONE_POINT),
    Refusal(
        {"clustering": ("cluster classification", "agglomerative"), "update": ("joint",)},
        "The groups of this loss are found between passes, not by gradient: choose the alternating update.",
    ),
    Refusal(
        {"clustering": ("none", "locality-preserving", "group sparsity"), "update": ("alternating",)},
        "No groups are formed before the end with this loss, so that nothing alternates: choose the joint update.",
    ),
)
"""Parts that do not go together."""

"""The axes of the taxonomy as settings: what can be chosen on each, what goes together, and what each loss weighs.

References
----------
E. Aljalbout, V. Golkov, Y. Siddiqui, M. Strobel, D. Cremers, 2018, "Clustering with Deep Learning: Taxonomy and New Methods",
arXiv:1801.07648.
"""

from dataclasses import dataclass
from typing import Any

from engine.core.card import Refusal, knob
from engine.objectives.base import ClusteringObjective
from engine.objectives.classifying import ClusterClassification
from engine.objectives.constraints import GroupSparsity, LocalityPreserving
from engine.objectives.merging import AgglomerativeObjective
from engine.objectives.mutual_information import MutualInformation
from engine.objectives.prior import AdversarialPrior, Prior, VariationalPrior
from engine.objectives.pulling import KMeansObjective, SoftKMeansObjective
from engine.objectives.sharpening import AssignmentHardening

KMEANS, LOCALITY, SPARSITY = 10.0, 5.0, 0.1
"""Usual weights against reconstruction, as in DCN, DKM and DEN; losses of memberships weigh as much as all columns together."""


@dataclass(frozen=True)
class TaxonomyKnobs:
    """The choice on each of the five axes; see `REFUSALS` for what does not go together.

    Examples
    --------
    >>> knobs = TaxonomyKnobs(clustering="k-means", update="alternating")
    >>> type(knobs.objective(groups=3, latent=2)).__name__, knobs.default_weight(columns=64)
    ('KMeansObjective', 5.0)
    """

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
        help="What the network learns besides groups: nothing, to reconstruct samples, or to say the same of altered copies.",
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
    def reconstructs(self) -> bool:
        """Whether the network learns to reconstruct, and so can be pretrained."""
        return self.non_clustering == "reconstruction"

    @property
    def keeps_groups(self) -> bool:
        """Whether no group may vanish while training: one of these losses joins them."""
        return self.clustering != "agglomerative"

    @property
    def fine_tunes(self) -> bool:
        """Whether the clustering loss is alone in the end."""
        return self.combination == "fine-tuning"

    @property
    def encoder_only(self) -> bool:
        """Whether the encoder learns without a decoder along with the groups."""
        return self.fine_tunes or not self.reconstructs

    def objective(self, groups: int, latent: int) -> ClusteringObjective:
        """The chosen clustering loss, for so many groups and dimensions of the code."""
        joint = self.update == "joint"
        makers: dict[str, Any] = {
            "none": ClusteringObjective,
            "k-means": SoftKMeansObjective if joint else lambda: KMeansObjective(groups),
            "hardening": lambda: AssignmentHardening(joint),
            "balanced assignments": lambda: MutualInformation(joint),
            "locality-preserving": LocalityPreserving,
            "group sparsity": lambda: GroupSparsity(groups),
            "cluster classification": lambda: ClusterClassification(groups, latent),
            "agglomerative": lambda: AgglomerativeObjective(groups),
        }
        objective: ClusteringObjective = makers[self.clustering]()
        return objective

    def prior(self, latent: int, columns: int) -> Prior:
        """The prior that the chosen network puts on codes of this dimension; samples have so many columns."""
        if self.network == "variational":
            return VariationalPrior()
        return AdversarialPrior(latent, columns) if self.network == "adversarial" else Prior()

    def default_weight(self, columns: int) -> float:
        """Weight of the clustering loss against a reconstruction error that grows with the columns of a sample."""
        if self.fine_tunes:
            return 1.0
        fixed = {"locality-preserving": LOCALITY, "group sparsity": SPARSITY}
        fixed["k-means"] = KMEANS if self.update == "joint" else KMEANS / 2
        return fixed.get(self.clustering, float(columns))


WITHOUT_RECONSTRUCTION = ("none", "self-augmentation")
SHRINKING = ("k-means", "locality-preserving", "group sparsity")
ONE_POINT = "Under this clustering loss alone all codes move to one point: combine it jointly with reconstruction."
REFUSALS = (
    Refusal(
        {"network": ("belief", "variational", "adversarial"), "non_clustering": WITHOUT_RECONSTRUCTION},
        "This network learns by reconstruction: choose reconstruction beside clustering, or another network.",
    ),
    Refusal(
        {"clustering": ("none",), "non_clustering": WITHOUT_RECONSTRUCTION},
        "Without a clustering loss only reconstruction leads to a code worth grouping: choose reconstruction beside clustering.",
    ),
    Refusal(
        {"clustering": ("none",), "combination": ("schedule",)},
        "Without a clustering loss a schedule would go over to nothing: choose another combination.",
    ),
    Refusal(
        {"combination": ("fine-tuning",), "non_clustering": WITHOUT_RECONSTRUCTION},
        "Fine-tuning needs a code that was learned before: choose reconstruction beside clustering, or another combination.",
    ),
    Refusal({"clustering": SHRINKING, "combination": ("fine-tuning", "schedule")}, ONE_POINT),
    Refusal({"clustering": SHRINKING, "non_clustering": WITHOUT_RECONSTRUCTION}, ONE_POINT),
    Refusal(
        {"clustering": ("cluster classification", "agglomerative"), "update": ("joint",)},
        "The groups of this loss are found between passes, not by gradient: choose the alternating update.",
    ),
    Refusal(
        {"clustering": ("none", "locality-preserving", "group sparsity"), "update": ("alternating",)},
        "No groups are formed before the end with this loss, so that nothing alternates: choose the joint update.",
    ),
)
"""Choices that do not go together."""

"""Pure losses, named after what they measure. One convention: sum over features, mean over samples, in float32."""

from engine.losses.adversarial import gradient_penalty, wasserstein
from engine.losses.agreement import agreement
from engine.losses.assignment import hardening, sharpen, student_t
from engine.losses.boltzmann import Machine, contrastive_divergence
from engine.losses.contrastive import found, nt_xent, similarities
from engine.losses.depict import balanced, layer_errors, soft_cross_entropy
from engine.losses.distance import kmeans_loss, softmin_distance, squared_distances
from engine.losses.hierarchy import center_drift, split_compression
from engine.losses.information import information
from engine.losses.interpolation import acai_loss, blend, misjudgment, shares
from engine.losses.locality import block_sparsity, neighbor_pull
from engine.losses.module import average_center, hesitation, imbalance, orthogonality, overlap, undecided
from engine.losses.reconstruction import reconstruction
from engine.losses.subspaces import cheapest_shares, subspace_distances, subspace_pull
from engine.losses.triplet import triplet
from engine.losses.variational import Clouds, choice_divergence, cloud_divergence, log_membership

__all__ = [
    "Clouds",
    "Machine",
    "acai_loss",
    "agreement",
    "average_center",
    "balanced",
    "blend",
    "block_sparsity",
    "center_drift",
    "cheapest_shares",
    "choice_divergence",
    "cloud_divergence",
    "contrastive_divergence",
    "found",
    "gradient_penalty",
    "hardening",
    "hesitation",
    "imbalance",
    "information",
    "kmeans_loss",
    "layer_errors",
    "log_membership",
    "misjudgment",
    "neighbor_pull",
    "nt_xent",
    "orthogonality",
    "overlap",
    "reconstruction",
    "shares",
    "sharpen",
    "similarities",
    "soft_cross_entropy",
    "softmin_distance",
    "split_compression",
    "squared_distances",
    "student_t",
    "subspace_distances",
    "subspace_pull",
    "triplet",
    "undecided",
    "wasserstein",
]

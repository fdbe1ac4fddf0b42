"""Pure losses, named after what they measure. One convention: sum over features, mean over samples, in float32."""

from engine.losses.adversarial import gradient_penalty, wasserstein
from engine.losses.assignment import hardening, sharpen, student_t
from engine.losses.contrastive import found, nt_xent, similarities
from engine.losses.distance import pulled, softmin_distance, squared_distances
from engine.losses.hierarchy import center_drift, split_compression
from engine.losses.reconstruction import reconstruction
from engine.losses.subspaces import subspace_distances, subspace_pull
from engine.losses.variational import Clouds, choice_divergence, cloud_divergence, log_membership

__all__ = [
    "Clouds",
    "center_drift",
    "choice_divergence",
    "cloud_divergence",
    "found",
    "gradient_penalty",
    "hardening",
    "log_membership",
    "nt_xent",
    "pulled",
    "reconstruction",
    "sharpen",
    "similarities",
    "softmin_distance",
    "split_compression",
    "squared_distances",
    "student_t",
    "subspace_distances",
    "subspace_pull",
    "wasserstein",
]

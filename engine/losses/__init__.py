"""Pure losses, named after what they measure. One convention: sum over features, mean over samples, in float32."""

from engine.losses.adversarial import gradient_penalty, wasserstein
from engine.losses.agreement import self_augmentation
from engine.losses.assignment import hardening, sharpen, student_t
from engine.losses.boltzmann import BoltzmannMachine, contrastive_divergence
from engine.losses.contrastive import nt_xent, partner_accuracy, similarities
from engine.losses.depict import balanced_target, layerwise_reconstruction, soft_cross_entropy
from engine.losses.distance import kmeans_loss, softmin_distance, squared_distances
from engine.losses.heads import marginal_entropy, pair_information, temi_loss, turtle_loss
from engine.losses.hierarchy import node_center_loss, node_data_compression
from engine.losses.information import mutual_information_loss
from engine.losses.interpolation import acai_critic_loss, acai_loss, interpolate, interpolation_weights
from engine.losses.locality import group_sparsity, locality_loss
from engine.losses.module import (
    average_center,
    balance_prior,
    center_overlap,
    orthogonality,
    variance_loss,
    vote_variance,
)
from engine.losses.reconstruction import reconstruction
from engine.losses.subspaces import optimal_subspace_weights, subspace_distances, subspace_kmeans_loss
from engine.losses.triplet import triplet
from engine.losses.variational import GaussianMixture, category_divergence, gaussian_divergence, log_responsibilities

__all__ = [
    "BoltzmannMachine",
    "GaussianMixture",
    "acai_critic_loss",
    "acai_loss",
    "average_center",
    "balance_prior",
    "balanced_target",
    "category_divergence",
    "center_overlap",
    "contrastive_divergence",
    "gaussian_divergence",
    "gradient_penalty",
    "group_sparsity",
    "hardening",
    "interpolate",
    "interpolation_weights",
    "kmeans_loss",
    "layerwise_reconstruction",
    "locality_loss",
    "log_responsibilities",
    "marginal_entropy",
    "mutual_information_loss",
    "node_center_loss",
    "node_data_compression",
    "nt_xent",
    "optimal_subspace_weights",
    "orthogonality",
    "pair_information",
    "partner_accuracy",
    "reconstruction",
    "self_augmentation",
    "sharpen",
    "similarities",
    "soft_cross_entropy",
    "softmin_distance",
    "squared_distances",
    "student_t",
    "subspace_distances",
    "subspace_kmeans_loss",
    "temi_loss",
    "triplet",
    "turtle_loss",
    "variance_loss",
    "vote_variance",
    "wasserstein",
]

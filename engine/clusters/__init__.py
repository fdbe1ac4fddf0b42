"""Cluster steps without a network: pure functions of tensors and arrays."""

from engine.clusters.centroids import centroids
from engine.clusters.kmeans import kmeans, require, sample, seed
from engine.clusters.online import online_kmeans

__all__ = ["centroids", "kmeans", "online_kmeans", "require", "sample", "seed"]

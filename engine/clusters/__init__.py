"""Cluster steps without a network: pure functions of tensors and arrays."""

from engine.clusters.centroids import centroids
from engine.clusters.kmeans import kmeans, require, sample, seed
from engine.clusters.online import follow

__all__ = ["centroids", "follow", "kmeans", "require", "sample", "seed"]

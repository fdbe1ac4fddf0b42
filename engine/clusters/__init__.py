"""Cluster steps without a network: pure functions of tensors and arrays."""

from engine.clusters.kmeans import kmeans, seed

__all__ = ["kmeans", "seed"]

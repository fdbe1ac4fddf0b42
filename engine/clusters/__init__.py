"""Cluster steps without a network: pure functions of tensors and arrays."""

from engine.clusters.kmeans import kmeans, require, sample, seed
from engine.clusters.middles import middles
from engine.clusters.online import follow

__all__ = ["follow", "kmeans", "middles", "require", "sample", "seed"]

"""What methods are put together from: clustering losses with all that they need beside a network, one idea a file.

An objective trains nothing itself: the method that holds it asks for its loss in every batch and refreshes it between passes.
"""

from engine.objectives.base import ClusteringObjective, EncodedBatch, MapCodes
from engine.objectives.running import RunningMeans
from engine.objectives.similarity import neighborhood
from engine.objectives.taxonomy import REFUSALS, TaxonomyKnobs

__all__ = [
    "REFUSALS",
    "ClusteringObjective",
    "EncodedBatch",
    "MapCodes",
    "RunningMeans",
    "TaxonomyKnobs",
    "neighborhood",
]

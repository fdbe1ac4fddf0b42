"""What methods are put together from: clustering losses with all that they need beside a network, one idea a file.

A part trains nothing itself: the method that holds it asks for its loss in every batch and lets it think between passes.
"""

from engine.objectives.base import Ask, ClusteringObjective, Seen
from engine.objectives.running import Running
from engine.objectives.similarity import neighborhood
from engine.objectives.taxonomy import REFUSALS, Parts

__all__ = ["REFUSALS", "Ask", "ClusteringObjective", "Parts", "Running", "Seen", "neighborhood"]

"""What methods are put together from: clustering losses with all that they need beside a network, one idea a file.

A part trains nothing itself: the method that holds it asks for its loss in every batch and lets it think between passes.
"""

from engine.parts.choice import REFUSALS, Parts
from engine.parts.likeness import neighborhood
from engine.parts.part import Ask, Part, Seen
from engine.parts.running import Running

__all__ = ["REFUSALS", "Ask", "Part", "Parts", "Running", "Seen", "neighborhood"]

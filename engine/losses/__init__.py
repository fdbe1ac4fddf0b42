"""Pure losses, named after what they measure. One convention: sum over features, mean over samples, in float32."""

from engine.losses.assignment import hardening, sharpen, student_t
from engine.losses.distance import pulled, softmin_distance, squared_distances
from engine.losses.reconstruction import reconstruction

__all__ = [
    "hardening",
    "pulled",
    "reconstruction",
    "sharpen",
    "softmin_distance",
    "squared_distances",
    "student_t",
]

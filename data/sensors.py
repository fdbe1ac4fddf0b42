"""Makes sensors.npz: 900 days of power use, a value every 15 minutes (kW), in six kinds of places.

Seeded; run `python data/sensors.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

EACH, SEED = 150, 11
HOURS = np.arange(96) / 4


def bump(center: float, width: float, height: float = 1.0) -> np.ndarray:
    """A peak around one hour of the day."""
    return height * np.exp(-0.5 * ((HOURS - center) / width) ** 2)


def plateau(start: float, end: float, edge: float = 0.5) -> np.ndarray:
    """Switched on from `start` to `end`, with soft edges."""
    return 1 / (1 + np.exp(-(HOURS - start) / edge)) - 1 / (1 + np.exp(-(HOURS - end) / edge))


def day(rng: np.random.Generator, place: str) -> np.ndarray:
    """One day of one place: the shape of its kind, shifted, scaled and noisy."""
    shift, wide = rng.normal(0, 1.3), rng.uniform(0.75, 1.4)
    shapes = {
        "home": 0.25
        + bump(7.2 + shift, 0.9 * wide, rng.uniform(0.5, 0.9))
        + bump(19.5 + shift, 1.7 * wide, rng.uniform(0.9, 1.3)),
        "office": 0.2 + plateau(8.0 + shift, 17.5 + shift, 0.6) - bump(12.5, 0.5, 0.15),
        "bakery": 0.15 + bump(4.0 + shift, 1.5 * wide, 1.4) + 0.35 * plateau(6.5, 14.0 + shift),
        "restaurant": 0.2
        + bump(12.3 + shift, 1.1 * wide, rng.uniform(0.8, 1.1))
        + bump(20.5 + shift, 1.4 * wide, rng.uniform(1.0, 1.4)) * 0.95
        + 0.2 * plateau(10, 23),
        "street lights": 0.05 + 1 - plateau(6.5 + shift, 19.0 - shift, 0.15),
        "solar roof": 0.45 - bump(12.8 + shift / 2, 2.4 * wide, rng.uniform(0.9, 1.5)) + bump(20.0, 1.5, 0.3),
    }
    level = rng.uniform(1.5, 5.0)
    wander = np.convolve(rng.normal(0, 0.4, 96 + 8), np.ones(9) / 9, mode="valid")
    return level * (shapes[place] + wander + rng.normal(0, 0.06, 96))


def make() -> dict[str, np.ndarray]:
    """x float32 [900, 1, 96] rounded to 0.01 kW, y names of the places."""
    rng = np.random.default_rng(SEED)
    places = ("home", "office", "bakery", "restaurant", "street lights", "solar roof")
    x = np.stack([day(rng, place) for place in places for _ in range(EACH)])
    order = rng.permutation(len(x))
    return {
        "x": x[order, None, :].round(2).astype(np.float32),
        "y": np.repeat(places, EACH)[order],
        "label_names": np.array(["place"]),
    }


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".npz")
    np.savez_compressed(target, **make())

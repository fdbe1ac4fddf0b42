"""Makes shapes.csv: 1,500 points in a plane, in moons, rings, blobs and noise. Seeded; `python data/shapes.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 3


def arc(
    rng: np.random.Generator,
    n: int,
    center: tuple[float, float],
    radius: float,
    turn: tuple[float, float],
    noise: float,
) -> np.ndarray:
    """`n` points along part of a circle (`turn` in half circles) with Gaussian noise."""
    angle = np.pi * rng.uniform(*turn, n)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius + center
    return points + rng.normal(0, noise, points.shape)


def blob(rng: np.random.Generator, n: int, center: tuple[float, float], spread: tuple[float, float]) -> np.ndarray:
    """`n` points of a Gaussian blob."""
    return rng.normal(0, 1, (n, 2)) * spread + center


def make() -> pd.DataFrame:
    """All points in random order with the shape they belong to."""
    rng = np.random.default_rng(SEED)
    parts = {
        "upper moon": arc(rng, 250, (-4.0, 2.0), 1.6, (0.0, 1.0), 0.12),
        "lower moon": arc(rng, 250, (-2.4, 2.5), 1.6, (1.0, 2.0), 0.12),
        "ring": arc(rng, 330, (3.2, 2.2), 1.9, (0.0, 2.0), 0.10),
        "core": blob(rng, 170, (3.2, 2.2), (0.35, 0.35)),
        "wide blob": blob(rng, 260, (-2.8, -2.6), (0.95, 0.55)),
        "dense blob": blob(rng, 180, (2.4, -2.6), (0.28, 0.28)),
        "noise": rng.uniform((-6.5, -5.0), (6.5, 5.0), (60, 2)),
    }
    points = np.concatenate(list(parts.values()))
    names = np.repeat(list(parts), [len(part) for part in parts.values()])
    order = rng.permutation(len(points))
    return pd.DataFrame({"x": points[order, 0].round(3), "y": points[order, 1].round(3), "shape": names[order]})


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".csv")
    make().to_csv(target, index=False, lineterminator="\n")

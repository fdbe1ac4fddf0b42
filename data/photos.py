"""Makes photos.npz: 1,024 color pictures of 32 x 32 pixels, four objects in four colors.

Seeded; run `python data/photos.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

EACH, SEED, SIDE, FINE = 64, 5, 32, 64
COLORS = {
    "red": (0.86, 0.16, 0.14),
    "yellow": (0.95, 0.78, 0.12),
    "green": (0.18, 0.62, 0.22),
    "blue": (0.15, 0.35, 0.85),
}
OBJECTS = ("ball", "box", "star", "ring")


def outline(name: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Signed distance of each pixel to the object's outline; negative inside, about 1 unit in radius."""
    radius = np.hypot(x, y)
    if name == "ball":
        return radius - 1.0
    if name == "box":
        return np.maximum(np.abs(x), np.abs(y)) - 0.85
    if name == "star":
        return radius - (0.72 + 0.36 * np.cos(5 * np.arctan2(y, x)))
    return np.abs(radius - 0.78) - 0.28


def picture(rng: np.random.Generator, name: str, color: str) -> np.ndarray:
    """One object, lit from above on a plain ground, with a shadow; uint8 [32, 32, 3]."""
    grid = (np.arange(FINE) + 0.5) / FINE * 2 - 1
    column, row = np.meshgrid(grid, grid)
    size, angle = rng.uniform(0.42, 0.62), rng.uniform(-0.5, 0.5)
    at = rng.uniform(-0.22, 0.22, 2)
    x, y = (column - at[0]) / size, (row - at[1]) / size
    x, y = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    ground = rng.uniform(0.45, 0.85) + rng.uniform(-0.02, 0.02, 3) - 0.10 * row[..., None] * rng.uniform(0, 1)
    shadow = outline(name, x - 0.18, y - 0.22)
    scene = ground * (1 - 0.35 / (1 + np.exp(shadow * 9)))[..., None]
    light = np.clip(1.05 - 0.32 * (column - at[0] + row - at[1]) / size, 0.55, 1.3)
    paint = np.clip(np.asarray(COLORS[color]) + rng.normal(0, 0.035, 3), 0, 1)
    inside = (1 / (1 + np.exp(outline(name, x, y) * 60)))[..., None]
    scene = scene * (1 - inside) + inside * paint * light[..., None]
    small = scene.reshape(SIDE, FINE // SIDE, SIDE, FINE // SIDE, 3).mean(axis=(1, 3))
    return (np.clip(small, 0, 1) * 63).round().astype(np.uint8) * 4  # 6 bits a channel pack to a third of the size


def make() -> dict[str, np.ndarray]:
    """x uint8 [1024, 32, 32, 3], y [1024, 2]: color and object."""
    rng = np.random.default_rng(SEED)
    pairs = [(color, name) for color in COLORS for name in OBJECTS for _ in range(EACH)]
    x = np.stack([picture(rng, name, color) for color, name in pairs])
    order = rng.permutation(len(x))
    return {"x": x[order], "y": np.array(pairs)[order], "label_names": np.array(["color", "object"])}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".npz")
    np.savez_compressed(target, **make())

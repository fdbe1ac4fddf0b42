"""The benchmark sets as they are usually fed to these methods."""

import os
from pathlib import Path

import numpy as np
import torch

from engine.data import Data

FOLDER = Path(os.environ.get("CONSTELLA_DATA", Path(__file__).parents[2] / "shared" / "data"))


def load(name: str, rows: int | None = None) -> tuple[Data, np.ndarray]:
    """A set of CONSTELLA_DATA in 0 to 1, [n, features] or [n, 1, h, w], and its labels."""
    with np.load(FOLDER / f"{name}.npz") as file:
        x, y = file["x"][:rows].astype(np.float32), file["y"][:rows]
    x = (x - x.min()) / (x.max() - x.min())
    if x.ndim == 3:
        return Data(torch.from_numpy(x).unsqueeze(1), "image"), y
    return Data(torch.from_numpy(x), "table"), y

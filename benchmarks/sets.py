"""The benchmark sets as they are usually fed to these methods."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from engine.core.data import Data

FOLDER = Path(os.environ.get("CONSTELLA_DATA", Path(__file__).parents[2] / "shared" / "data"))
PICTURES = {"optdigits": (8, 8), "usps": (16, 16), "mnist": (28, 28), "fashion_mnist": (28, 28), "coil20": (32, 32)}
"""Gray pictures and their sizes; optdigits come as rows."""
SERIES = ("ts_CBF", "ts_ECG5000", "ts_SyntheticControl")
TEXTS = ("bbc_news_tfidf2000",)
TABLES = ("mice_protein", "spambase")
SETS = (*PICTURES, *TABLES, *SERIES, *TEXTS)


def load(name: str, rows: int | None = None) -> tuple[Data, npt.NDArray[np.int64]]:
    """A set of CONSTELLA_DATA, or its first rows, and its labels.

    Pictures [n, 1, h, w] are in 0 to 1, series [n, 1, time] as they come; the columns of tables have mean 0 and variance 1, what
    is missing is at the mean; texts are term weights times the root of the number of terms, as DEC's authors have them.
    """
    with np.load(FOLDER / f"{name}.npz") as file:
        x, y = file["x"][:rows].astype(np.float32), file["y"][:rows]
    if name in PICTURES:
        x = (x - x.min()) / (x.max() - x.min())
        return Data(torch.from_numpy(x).view(-1, 1, *PICTURES[name]), "image"), y
    if name in SERIES:
        return Data(torch.from_numpy(x).unsqueeze(1), "series"), y
    if name in TEXTS:
        return Data(torch.from_numpy(x * x.shape[1] ** 0.5), "text"), y
    x = (x - np.nanmean(x, 0)) / np.maximum(np.nanstd(x, 0), 1e-6)
    return Data(torch.from_numpy(np.nan_to_num(x)), "table"), y

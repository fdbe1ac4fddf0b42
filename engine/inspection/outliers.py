"""What takes the trained method to know of each member: its outlier score and its reconstruction error."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.core.data import Data
from engine.core.method import Method
from engine.core.snapshot import Floats, Labels, Outcome
from engine.results.evaluate import outliers


def with_member_scores(method: Method, data: Data, outcome: Outcome) -> Outcome:
    """The outcome with the outlier score and the reconstruction error of each member."""
    return replace(
        outcome,
        outlier_score=outlier_scores(method, data, outcome.embedding),
        reconstruction_error=reconstruction_error(method, data),
    )


def outlier_scores(method: Method, data: Data, codes: Floats) -> Floats:
    """Outlier score of each member, float32 [n]; `codes` [n, d] is the method's embedding of the same data."""
    rows = data.x.flatten(1).cpu().numpy()
    if method.identity:
        return outliers.outlier_scores(rows)

    def halfway(pairs: Labels) -> Floats:
        midpoints = (rows[pairs[:, 0]] + rows[pairs[:, 1]]) / 2
        between = Data(torch.from_numpy(midpoints).view(-1, *data.shape), data.kind).to(data.device)
        return np.ascontiguousarray(method.embed(between).flatten(1).cpu().numpy(), np.float32)

    with torch.no_grad():
        return outliers.outlier_scores(rows, codes, halfway)


def reconstruction_error(method: Method, data: Data) -> Floats | None:
    """Mean squared difference between each member and its reconstruction, float32 [n], in prepared units.

    None for methods that reconstruct nothing, or whose decoder was left behind. One pass, piece by piece.
    """
    method.eval()
    with torch.no_grad():
        if method.reconstruct(data.take(torch.arange(1)).x) is None:
            return None

    def squared_error(x: Tensor) -> Tensor:
        """Mean squared error [b] of samples [b, ...]."""
        reconstructed = method.reconstruct(x)
        assert reconstructed is not None
        return (reconstructed.float() - x).flatten(1).square().mean(1)

    return method.map_batches(data, squared_error, exact=True).cpu().numpy()

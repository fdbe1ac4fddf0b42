"""What becomes of groups that have lost all members."""

import torch
import torch.nn.functional as F
from torch import Tensor


def revive(z: Tensor, centers: Tensor, lost: Tensor, weights: Tensor, passes: int = 10) -> Tensor:
    """Centers [k, d] of which those of `lost` [k] bool restart at codes of z [n, d] and settle by some passes of k-means.

    Distances weigh each axis by the square of `weights` [d]. The other centers take part but come back unchanged.
    """
    made = centers.clone()
    count = min(int(lost.sum()), len(z))
    rows = lost.nonzero().flatten()[:count]
    made[rows] = z[:count]
    for _ in range(passes):
        nearest = torch.cdist(z * weights, made * weights).argmin(1)
        members = F.one_hot(nearest, len(made)).to(z)
        full = (members.sum(0) > 0) & lost
        made[full] = (members.T @ z)[full] / members.sum(0)[full].unsqueeze(1)
    return made

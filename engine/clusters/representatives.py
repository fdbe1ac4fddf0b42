"""Real members that stand for groups.

References
----------
W. Van Gansbeke, S. Vandenhende, S. Georgoulis, M. Proesmans, L. Van Gool, ECCV 2020, "SCAN: Learning to Classify Images without
Labels": the member nearest to the mean of the most confident ones.
"""

import torch
from torch import Tensor

CONFIDENT = 10


def representatives(z: Tensor, p: Tensor, count: int = CONFIDENT) -> Tensor:
    """For each group, the row nearest to the mean of its most confident members.

    Parameters
    ----------
    z : Tensor of shape (n, d)
        Codes.
    p : Tensor of shape (n, k)
        Memberships.
    count : int
        Confident members, at most; of a smaller group, all its members. A group without members is shown by the row that comes
        closest to being one.

    Returns
    -------
    Tensor of shape (k,), int64

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([[0.0], [1.0], [5.0], [9.0]])
    >>> representatives(z, torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.1, 0.9]]))
    tensor([1, 3])
    """
    labels, rows = p.argmax(1), []
    for group in range(p.shape[1]):
        own = (labels == group).nonzero().flatten()
        own = own if len(own) else p[:, group].argmax().reshape(1)
        sure = own[p[own, group].topk(min(count, len(own))).indices]
        rows.append(own[(z[own] - z[sure].mean(0)).square().sum(1).argmin()])
    return torch.stack(rows)

"""Which of several groupings of the same data is kept, without labels."""

import torch
from sklearn.metrics import adjusted_rand_score
from torch import Tensor

EMPTY = 100.0
"""What an empty group costs: more than losses differ."""


def best_head(losses: Tensor, labels: Tensor, k: int) -> tuple[Tensor, float]:
    """The grouping with the fewest empty groups, and of those the one with the lowest loss; how alike the others are to it.

    Parameters
    ----------
    losses : Tensor of shape (heads,)
    labels : Tensor of shape (heads, n), int64
    k : int

    Returns
    -------
    best : Tensor of shape (1,), int64
    agreement : float
        Mean adjusted Rand index of the others and the best: 1 is equal, 0 is as by chance. 1 for one alone.

    Examples
    --------
    The first has the lowest loss, and all in one group:

    >>> import torch
    >>> labels = torch.tensor([[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0]])
    >>> best_head(torch.tensor([-3.0, -2.0, -1.0]), labels, 2)
    (tensor([1]), 0.5)
    """
    used = torch.stack([(torch.bincount(row, minlength=k) > 0).sum() for row in labels])
    best = (losses - EMPTY * used).argmin(0, keepdim=True)
    chosen, rows = labels[best[0]].cpu().numpy(), [row.cpu().numpy() for row in labels]
    others = [adjusted_rand_score(chosen, row) for head, row in enumerate(rows) if head != int(best)]
    return best, sum(others) / len(others) if others else 1.0

"""Losses that pull two views of a sample together and push all others away.

References
----------
T. Chen, S. Kornblith, M. Norouzi, G. Hinton, ICML 2020, "A Simple Framework for Contrastive Learning of Visual Representations".
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def similarities(first: Tensor, second: Tensor) -> Tensor:
    """Cosines among both views of a batch.

    Parameters
    ----------
    first, second : Tensor of shape (b, d)
        Codes of the two views of each sample.

    Returns
    -------
    Tensor of shape (2 b, 2 b)
        Cosines in float32; the diagonal is -inf, since a view is never its own partner.

    Examples
    --------
    >>> import torch
    >>> similarities(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]))
    tensor([[-inf, 0.],
            [0., -inf]])
    """
    with torch.autocast(first.device.type, enabled=False):
        z = F.normalize(torch.cat([first, second]).float(), dim=1)
        return (z @ z.T).fill_diagonal_(-torch.inf)


def partners(similar: Tensor) -> Tensor:
    """Row of the other view of each row: int64 of shape (2 b,)."""
    n = len(similar)
    return torch.arange(n, device=similar.device).roll(n // 2)


def nt_xent(similar: Tensor, temperature: float) -> Tensor:
    """Normalized temperature-scaled cross-entropy (eq. 1).

    Parameters
    ----------
    similar : Tensor of shape (2 b, 2 b)
        See `similarities`.
    temperature : float
        Divides the cosines.

    Returns
    -------
    Tensor of shape ()
        Mean over views; ln(2 b - 1) while nothing is learned.

    Examples
    --------
    >>> import torch
    >>> z = torch.eye(2)
    >>> nt_xent(similarities(z, z), 1.0)  # log(1 + 2 / e)
    tensor(0.5514)
    """
    return F.cross_entropy(similar / temperature, partners(similar))


def partner_accuracy(similar: Tensor) -> Tensor:
    """Share of views whose partner is the most similar of all others in the batch.

    Parameters
    ----------
    similar : Tensor of shape (2 b, 2 b)
        See `similarities`.

    Returns
    -------
    Tensor of shape ()
        Between 0 and 1.

    Examples
    --------
    >>> import torch
    >>> z = torch.eye(3)
    >>> partner_accuracy(similarities(z, z))
    tensor(1.)
    """
    return (similar.detach().argmax(1) == partners(similar)).float().mean()

"""How well a decoder reconstructs its input."""

from torch import Tensor


def reconstruction(x: Tensor, decoded: Tensor) -> Tensor:
    """Squared error, summed over features, mean over samples.

    Parameters
    ----------
    x, decoded : Tensor of shape (n, ...)

    Returns
    -------
    Tensor of shape ()

    Examples
    --------
    >>> import torch
    >>> reconstruction(torch.zeros(2, 2), torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor(12.5000)
    """
    return (x.float() - decoded.float()).square().flatten(1).sum(1).mean()

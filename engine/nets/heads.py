"""Several classifiers of the same features side by side: their matrix products are one.

References
----------
T. Salimans, D. P. Kingma, NIPS 2016, "Weight Normalization".
M. Caron et al., ICCV 2021, "Emerging Properties in Self-Supervised Vision Transformers" (DINO): a head of two layers, a code of
length one, and a linear layer whose weights have a length of their own.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def uniform(fan_in: int, *shape: int, device: torch.device | None = None) -> Tensor:
    """Weights from -1 to 1 over the root of `fan_in`, as PyTorch starts linear layers.

    Parameters
    ----------
    fan_in : int
        Numbers that a unit sees.
    *shape : int
    device : torch.device, optional

    Returns
    -------
    Tensor of shape `shape`

    Examples
    --------
    >>> bool(uniform(4, 100).abs().max() <= 0.5)
    True
    """
    drawn: Tensor = (2 * torch.rand(shape, device=device) - 1) / fan_in**0.5
    return drawn


class LinearHeads(nn.Module):
    """Linear classifiers whose weights are a direction times a length.

    Parameters
    ----------
    heads : int
    columns : int
        Of the features.
    groups : int

    Examples
    --------
    >>> LinearHeads(4, 8, 3)(torch.zeros(5, 8)).shape
    torch.Size([4, 5, 3])
    """

    def __init__(self, heads: int, columns: int, groups: int) -> None:
        super().__init__()
        self.direction = nn.Parameter(uniform(columns, columns, heads, groups))
        self.length = nn.Parameter(self.direction.detach().norm(dim=0))
        self.bias = nn.Parameter(uniform(columns, heads, groups))

    def forward(self, x: Tensor, head: Tensor | None = None) -> Tensor:
        """Logits [heads, n, groups] of features [n, columns]; [n, groups] of one head, an integer tensor of shape (1,)."""
        weight, bias = self.length * F.normalize(self.direction, dim=0), self.bias
        if head is not None:
            return F.linear(x, weight[:, head].squeeze(1).T.contiguous(), bias[head].squeeze(0))
        return torch.addmm(bias.flatten(), x, weight.flatten(1)).view(len(x), *bias.shape).transpose(0, 1)


class MLPHeads(nn.Module):
    """Classifiers of one hidden layer, a code of length one, and a linear layer without bias on it.

    Parameters
    ----------
    heads : int
    columns : int
        Of the features.
    hidden, code : int
        Sizes of the hidden layer and of the code.
    groups : int

    Examples
    --------
    >>> heads = MLPHeads(4, 8, 16, 6, 3)
    >>> x = torch.randn(5, 8)
    >>> heads(x).shape, heads(x, torch.tensor([2])).shape
    (torch.Size([4, 5, 3]), torch.Size([5, 3]))
    >>> heads.encode(x).norm(dim=2).detach().round(decimals=4).unique()
    tensor([1.])
    """

    def __init__(self, heads: int, columns: int, hidden: int, code: int, groups: int) -> None:
        super().__init__()
        self.first = nn.Parameter(uniform(columns, heads, columns, hidden))
        self.first_bias = nn.Parameter(uniform(columns, heads, 1, hidden))
        self.second = nn.Parameter(uniform(hidden, heads, hidden, code))
        self.second_bias = nn.Parameter(uniform(hidden, heads, 1, code))
        self.direction = nn.Parameter(uniform(code, heads, code, groups))
        self.length = nn.Parameter(torch.ones(heads, 1, groups))

    def encode(self, x: Tensor, head: Tensor | None = None) -> Tensor:
        """Codes [heads, n, code] of features [n, columns]; [n, code] of one head, an integer tensor of shape (1,)."""
        hidden = F.gelu(_layer(x, self.first, self.first_bias, head))
        return F.normalize(_layer(hidden, self.second, self.second_bias, head).float(), dim=-1)

    def classify(self, z: Tensor, head: Tensor | None = None) -> Tensor:
        """Logits [heads, n, groups] of codes [heads, n, code]; [n, groups] of codes [n, code] of one head."""
        return _layer(z, self.length * F.normalize(self.direction, dim=1), torch.zeros_like(self.length), head)

    def forward(self, x: Tensor, head: Tensor | None = None) -> Tensor:
        """Logits [heads, n, groups] of features [n, columns]; [n, groups] of one head."""
        return self.classify(self.encode(x, head), head)


def _layer(x: Tensor, weight: Tensor, bias: Tensor, head: Tensor | None) -> Tensor:
    """Features [(heads,) n, d] times weights [heads, d, m], by all heads [heads, n, m] or by one [n, m].

    That of one is a product for which a row's result does not depend, in its last bit, on where the row stands.
    """
    if head is None:
        return torch.matmul(x, weight) + bias
    return F.linear(x, weight[head].squeeze(0).T.contiguous(), bias[head].flatten())

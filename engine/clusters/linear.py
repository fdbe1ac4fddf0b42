"""Linear classifiers of soft labelings, several side by side, fitted in a few steps.

References
----------
D. P. Kingma, J. Ba, ICLR 2015, "Adam: A Method for Stochastic Optimization".
"""

import torch
from torch import Tensor

BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


def fit_linear(x: Tensor, targets: Tensor, steps: int, lr: float) -> tuple[Tensor, Tensor]:
    """Fit a linear classifier to each labeling by steps of Adam on the cross-entropy, from random weights.

    Parameters
    ----------
    x : Tensor of shape (n, d), float32
        Features.
    targets : Tensor of shape (heads, n, k), float32
        Labelings: memberships, rows sum to 1.
    steps : int
    lr : float

    Returns
    -------
    weight : Tensor of shape (d, heads * k)
    bias : Tensor of shape (heads * k,)
        See `linear_logits`.

    Examples
    --------
    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> x = torch.tensor([[-1.0], [1.0]])
    >>> weight, bias = fit_linear(x, torch.eye(2)[None], steps=100, lr=0.1)
    >>> linear_logits(x, weight, bias, heads=1).argmax(2)
    tensor([[0, 1]])
    """
    heads, _, k = targets.shape
    flat, scale = targets.transpose(0, 1).reshape(len(x), -1), x.shape[1] ** -0.5
    start = (2 * torch.rand(x.shape[1] + 1, heads * k, device=x.device) - 1) * scale
    weight, bias = start[:-1].clone(), start[-1].clone()
    means = [(torch.zeros_like(one), torch.zeros_like(one)) for one in (weight, bias)]
    for step in range(1, steps + 1):
        logits = linear_logits(x, weight, bias, heads).transpose(0, 1)
        error = (torch.softmax(logits, 2).flatten(1) - flat) / len(x)
        slopes = (x.T @ error, error.sum(0))
        for value, slope, (mean, square) in zip((weight, bias), slopes, means, strict=True):
            mean.lerp_(slope, 1 - BETA1)
            square.mul_(BETA2).addcmul_(slope, slope, value=1 - BETA2)
            spread = (square / (1 - BETA2**step)).sqrt_().add_(EPS)
            value.addcdiv_(mean, spread, value=-lr / (1 - BETA1**step))
    return weight, bias


def linear_logits(x: Tensor, weight: Tensor, bias: Tensor, heads: int) -> Tensor:
    """Logits [heads, n, k] of rows [n, d] by classifiers as `fit_linear` returns them."""
    return torch.addmm(bias, x, weight).view(len(x), heads, -1).transpose(0, 1)

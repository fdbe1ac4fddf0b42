"""Losses of a network that must assign a noisy sample as it assigns the clean one.

References
----------
K. Ghasedi Dizaji, A. Herandi, C. Deng, W. Cai, H. Huang, ICCV 2017, "Deep Clustering via Joint Convolutional Autoencoder
Embedding and Relative Entropy Minimization" (DEPICT).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def balanced_target(p: Tensor) -> Tensor:
    """Target distribution that prefers clusters of equal size.

    The closed form of the paper for the least KL(Q || P) + KL(cluster shares || equal shares).

    Parameters
    ----------
    p : Tensor of shape (n, k)
        Probabilities of the whole data.

    Returns
    -------
    Tensor of shape (n, k)
        q_ik in proportion to p_ik / sqrt(sum_i p_ik), without gradient; rows sum to 1.

    Examples
    --------
    The first cluster has 1.8 of 2 samples, so it is worth less:

    >>> import torch
    >>> balanced_target(torch.tensor([[0.9, 0.1], [0.9, 0.1]]))
    tensor([[0.7500, 0.2500],
            [0.7500, 0.2500]])
    """
    weight = p.detach().float() / p.detach().float().sum(0).clamp_min(1e-12).sqrt()
    return weight / weight.sum(1, keepdim=True).clamp_min(1e-12)


def soft_cross_entropy(q: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy against soft targets.

    Parameters
    ----------
    q : Tensor of shape (n, k)
        Targets, constant.
    logits : Tensor of shape (n, k)
        Their softmax is p.

    Returns
    -------
    Tensor of shape ()
        -sum_k q_k log p_k, mean over samples.

    Examples
    --------
    >>> import torch
    >>> soft_cross_entropy(torch.tensor([[0.5, 0.5]]), torch.zeros(1, 2))  # log 2
    tensor(0.6931)
    """
    return -(q.detach().float() * torch.log_softmax(logits.float(), 1)).sum(1).mean()


def layerwise_reconstruction(clean: Sequence[Tensor], reconstructed: Sequence[Tensor]) -> Tensor:
    """Squared error of every layer of the decoder against the same layer of the encoder.

    Parameters
    ----------
    clean, reconstructed : sequences of Tensor of shape (n, ...)
        Activations, one pair a layer, at least one.

    Returns
    -------
    Tensor of shape ()
        Mean over the numbers of a layer and over samples, summed over layers.

    Examples
    --------
    >>> import torch
    >>> layerwise_reconstruction([torch.zeros(1, 2), torch.zeros(1, 1)], [torch.tensor([[1.0, 3.0]]), torch.ones(1, 1)])
    tensor(6.)
    """
    pairs = zip(clean, reconstructed, strict=True)
    errors = [F.mse_loss(again.float().flatten(1), target.float().flatten(1)) for target, again in pairs]
    return torch.stack(errors).sum()

"""What cluster heads on frozen features minimize. Heads stand side by side in a leading axis; each has its own loss.

References
----------
N. Adaloglou, F. Michels, H. Kalisch, M. Kollmann, BMVC 2023, "Exploring the Limits of Deep Image Clustering using Pretrained
Models" (TEMI).
A. Gadetsky, Y. Jiang, M. Brbic, ICML 2024, "Let Go of Your Labels with Unsupervised Transfer" (TURTLE).
"""

import torch
from torch import Tensor

TINY = 1e-12
"""Least membership, and least share of a group."""


def pair_information(p: Tensor, q: Tensor, marginal: Tensor, beta: float = 1.0) -> Tensor:
    """Pointwise mutual information of the groups of two samples, negated: -log sum_c (p_c q_c)^beta / m_c.

    Parameters
    ----------
    p, q : Tensor of shape (..., n, k)
        Memberships of both samples of each pair; rows sum to 1.
    marginal : Tensor of shape (..., k)
        Share of each group in all data.
    beta : float
        From 0.5 to 1; below 1, pairs that are sure of their group gain less from becoming surer.

    Returns
    -------
    Tensor of shape (..., n), float32
        -log k where both are surely in the same of k equal groups; 0 where nothing is known and beta is 1.

    Examples
    --------
    >>> import torch
    >>> half = torch.tensor([0.5, 0.5])
    >>> pair_information(torch.eye(2), torch.eye(2), half)  # -log 2
    tensor([-0.6931, -0.6931])
    >>> pair_information(half[None], half[None], half).abs()
    tensor([0.])
    """
    together = (p.float().clamp_min(TINY) * q.float().clamp_min(TINY)).pow(beta)
    return -(together / marginal.float().clamp_min(TINY).unsqueeze(-2)).sum(-1).log()


def temi_loss(student: Tensor, teacher: Tensor, marginal: Tensor, beta: float) -> Tensor:
    """TEMI's weighted pair information, each sample by the student with its partner by the teacher.

    A pair counts as much as the teachers of all heads put it into one group, on average.

    Parameters
    ----------
    student, teacher : Tensor of shape (2, heads, n, k)
        Memberships of the samples and of their partners; those of the teacher are constant.
    marginal : Tensor of shape (heads, k)
        Share of each group by the teacher.
    beta : float

    Returns
    -------
    Tensor of shape (heads,)
        Mean over pairs and over both directions.

    Examples
    --------
    Two sure heads, of which one puts both pairs together, the other none; each pair counts one half:

    >>> import torch
    >>> one = torch.eye(2)
    >>> p = torch.stack([torch.stack([one, one]), torch.stack([one, one.flip(0)])])
    >>> temi_loss(p, p, torch.full((2, 2), 0.5), 1.0)[0]  # -log 2 / 2
    tensor(-0.3466)
    """
    teacher = teacher.detach().float()
    weight = (teacher[0] * teacher[1]).sum(-1).mean(0)
    ways = pair_information(student, teacher.flip(0), marginal, beta).mean(0)
    return (weight * ways).mean(-1)


def marginal_entropy(p: Tensor) -> Tensor:
    """Entropy of the mean membership.

    Parameters
    ----------
    p : Tensor of shape (..., n, k)
        Memberships; rows sum to 1.

    Returns
    -------
    Tensor of shape (...,), float32
        From 0, where all samples are in one group, to log k, where all groups are equally large.

    Examples
    --------
    >>> import torch
    >>> marginal_entropy(torch.eye(2))  # log 2
    tensor(0.6931)
    >>> marginal_entropy(torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    tensor(0.)
    """
    entropy: Tensor = torch.special.entr(p.float().mean(-2)).sum(-1)
    return entropy


def turtle_loss(task: Tensor, learned: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
    """How badly linear classifiers have learned a labeling, and how unevenly it uses the groups.

    Parameters
    ----------
    task : Tensor of shape (heads, n, k)
        The labeling: memberships, rows sum to 1.
    learned : Tensor of shape (heads, n, k)
        Logits of classifiers that were fitted to it; constant.
    gamma : float
        Weight of the entropy of the group sizes.

    Returns
    -------
    cross_entropy : Tensor of shape (heads,)
    imbalance : Tensor of shape (heads,)
        gamma times (log k minus the entropy of the mean membership): 0 where all groups are equally large.

    Examples
    --------
    >>> import torch
    >>> task = torch.eye(2)[None]
    >>> [part.tolist() for part in turtle_loss(task, 100 * task, 10.0)]
    [[-0.0], [0.0]]
    """
    task = task.float()
    cross_entropy = -(task * torch.log_softmax(learned.detach().float(), -1)).sum(-1).mean(-1)
    most = torch.log(torch.tensor(float(task.shape[-1])))
    return cross_entropy, gamma * (most - marginal_entropy(task))

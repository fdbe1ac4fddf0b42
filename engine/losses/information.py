"""How little memberships say (Krause, Perona & Gomes, NIPS 2010; Hu, Miyato, Tokui, Matsumoto & Sugiyama, ICML 2017)."""

import torch
from torch import Tensor


def information(q: Tensor) -> Tensor:
    """Mean entropy of memberships q [n, k] plus KL(mean of q || equal shares): from 0, where each sample is surely in one of
    groups of equal size, to log k. It is log k minus the mutual information of sample and group.
    """
    q = q.float()
    mean = q.mean(0)
    unsure = -torch.xlogy(q, q.clamp_min(1e-8)).sum(1).mean()
    uneven = torch.xlogy(mean, mean.clamp_min(1e-8) * len(mean)).sum()
    return unsure + uneven

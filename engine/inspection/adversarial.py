"""How little must change for a member to change its group: adversarial shifts beside random ones of the same size.

The attack is projected gradient ascent on the prepared values (Madry et al., ICLR 2018) that makes the memberships of a
shifted member differ from those of the member, as Chhabra et al. (NeurIPS 2022) attack clustering models; with the
trained method in hand it needs no second network.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.core.data import Data
from engine.core.method import Method
from engine.results.record.diagnostics import Robustness
from engine.results.record.record import Ints

SIZES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Largest shift of a column, in its standard deviations."""
STEPS = 10
ROWS = 1000
"""Members that are shifted; the shares need no more."""
BATCH = 250

Tell = Callable[[float], None]


def robustness(
    method: Method, data: Data, labels: Ints, k: int, *, rows: int = ROWS, seed: int = 0, tell: Tell
) -> Robustness:
    """Shares of members that change their group under shifts of each of `SIZES`.

    Parameters
    ----------
    method : Method
        Trained.
    data : Data
        What it was trained on.
    labels : ndarray of shape (n,), int64
        Its labels; -1 is unassigned.
    k : int
        Number of groups.
    rows : int, default=1000
        Members that are shifted at most, chosen at random.
    seed : int, default=0
        Of the choice and of the random shifts.
    tell : callable from float
        Called with the share that is done.

    Returns
    -------
    Robustness
        Shares under adversarial and under random shifts of the same size, and of each group at the middle size.
    """
    method.eval()
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(labels >= 0))[:rows]
    some = data.take(torch.from_numpy(np.sort(chosen)))
    spread = data.x.std(0).to(some.device)
    centers, before = _centers(method, data, labels, k), method.labels(some)
    adversarial, random = [], []
    generator = torch.Generator().manual_seed(seed)
    for number, size in enumerate(SIZES):
        tell(number / len(SIZES))
        radius, signs = size * spread, torch.randint(0, 2, some.x.shape, generator=generator).to(some.device) * 2 - 1
        attacked = torch.cat([_attacked(method, x, radius, centers) for x in torch.split(some.x, BATCH)])
        adversarial.append(_changed(method, some, attacked, before))
        random.append(_changed(method, some, some.x + signs * radius, before))
    groups = [float(adversarial[len(SIZES) // 2][before == g].float().mean()) for g in range(k)]
    return Robustness(
        np.array(SIZES, np.float32),
        np.array([float(part.float().mean()) for part in adversarial], np.float32),
        np.array([float(part.float().mean()) for part in random], np.float32),
        np.array(groups, np.float32),
    )


def _centers(method: Method, data: Data, labels: Ints, k: int) -> Tensor:
    """[g, d] the method's centers, else the mean code of each group that has members."""
    known = method.group_centers()
    codes = method.embed(data).flatten(1)
    if known is not None and known.dim() == 2 and known.shape[1] == codes.shape[1]:
        return known.detach()
    own = torch.from_numpy(labels).to(codes.device)
    return torch.stack([codes[own == g].mean(0) for g in range(k) if (own == g).any()])


def _attacked(method: Method, x: Tensor, radius: Tensor, centers: Tensor) -> Tensor:
    """`x` [b, ...] shifted by at most `radius` [...] so that its memberships differ most, from two opposite starts.

    Memberships are a softmax of minus the squared distances to `centers` in the code, over what the nearest usually leads
    by: over anything smaller they are all 0 or 1 where groups were sharpened, and have no slope. The starts are
    beside `x`, since the divergence has none there either; one of them leads deeper into the own group, the other out.
    """
    own, scale = _log_memberships(method, x, centers, None)
    start = (torch.rand(x.shape, generator=torch.Generator().manual_seed(0)).to(x.device) - 0.5) * 0.2 * radius

    def divergence(shifted: Tensor) -> Tensor:
        """Divergence [b] of shifted members [b, ...] from their own memberships."""
        there, _ = _log_memberships(method, shifted, centers, scale)
        return (own.exp() * (own - there)).sum(1)

    one, other = (x + _ascended(lambda shift: divergence(x + shift), sign * start, radius) for sign in (1, -1))
    with torch.no_grad():
        better = (divergence(one) >= divergence(other)).view(-1, *[1] * (x.dim() - 1))
    return torch.where(better, one, other)


def _ascended(objective: Callable[[Tensor], Tensor], shift: Tensor, radius: Tensor) -> Tensor:
    """The shift [b, ...] after `STEPS` steps of a quarter of the radius along the signs of the gradient of `objective`."""
    for _ in range(STEPS):
        shift = shift.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(objective(shift).sum(), shift)
        shift = (shift.detach() + gradient.sign() * radius / 4).clamp(-radius, radius)
    return shift


def _log_memberships(method: Method, x: Tensor, centers: Tensor, scale: Tensor | None) -> tuple[Tensor, Tensor]:
    """[b, g] log memberships, and the squared distance they are measured in."""
    with torch.set_grad_enabled(x.requires_grad):
        codes = method.encode(x).flatten(1).float()
        distances = torch.cdist(codes, centers.float()).square()
        scale = _half_margin(distances) if scale is None else scale
        return torch.log_softmax(-distances / scale, 1), scale


def _half_margin(distances: Tensor) -> Tensor:
    """Half the median of how much closer the nearest center is than the second, by squared distances [b, g]."""
    if distances.shape[1] < 2:
        return distances.new_ones(())
    nearest = distances.topk(2, dim=1, largest=False).values
    return ((nearest[:, 1] - nearest[:, 0]).median() / 2).clamp_min(1e-9)


def _changed(method: Method, some: Data, shifted: Tensor, before: Tensor) -> Tensor:
    """[m] True where the method puts a shifted member elsewhere."""
    with torch.no_grad():
        return method.labels(Data(shifted, some.kind, fingerprint="shifted")) != before

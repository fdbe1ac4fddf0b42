"""A binary tree of clusters as one small matrix, so that it can be saved with the weights.

`sides` [splits, leaves] int64: one row a split in the order of time, +1 where a leaf is in its left part, -1 in its right
part, 0 where it is elsewhere. The first row is the root; ancestors stand before descendants. A tree of one leaf has no rows.

References
----------
D. Mautz, C. Plant, C. Böhm, DSAA 2019, "Deep Embedded Cluster Tree" (DeepECT).
"""

from typing import Any

import torch
from torch import Tensor


def root(device: torch.device | str = "cpu") -> Tensor:
    """The tree of a single leaf.

    Parameters
    ----------
    device : torch.device or str

    Returns
    -------
    Tensor of shape (0, 1), int64

    Examples
    --------
    >>> root().shape
    torch.Size([0, 1])
    """
    return torch.zeros(0, 1, dtype=torch.int64, device=device)


def grow(sides: Tensor, leaf: int) -> Tensor:
    """Split a leaf: it becomes the left part, and the right part is a new last leaf.

    Parameters
    ----------
    sides : Tensor of shape (splits, leaves), int64
    leaf : int

    Returns
    -------
    Tensor of shape (splits + 1, leaves + 1), int64

    Examples
    --------
    >>> grow(grow(root(), 0), 1)
    tensor([[ 1, -1, -1],
            [ 0,  1, -1]])
    """
    wide = torch.cat([sides, sides[:, leaf : leaf + 1]], 1)
    row = (
        torch.zeros_like(wide[:1])
        if len(wide)
        else torch.zeros(1, wide.shape[1], dtype=torch.int64, device=sides.device)
    )
    row[0, leaf], row[0, -1] = 1, -1
    return torch.cat([wide, row])


def prune(sides: Tensor, leaf: int) -> Tensor:
    """Remove a leaf and the split above it; its sibling takes the parent's place.

    Parameters
    ----------
    sides : Tensor of shape (splits, leaves), int64
    leaf : int

    Returns
    -------
    Tensor of shape (splits - 1, leaves - 1), int64

    Examples
    --------
    >>> prune(grow(grow(root(), 0), 1), 2)
    tensor([[ 1, -1]])
    """
    above = (sides[:, leaf] != 0).nonzero().flatten()
    rows = torch.arange(len(sides), device=sides.device) != above[-1]
    leaves = torch.arange(sides.shape[1], device=sides.device) != leaf
    return sides[rows][:, leaves]


def cut(sides: Tensor, k: int) -> Tensor:
    """Clusters of the leaves when the latest splits are undone until at most k remain.

    Parameters
    ----------
    sides : Tensor of shape (splits, leaves), int64
    k : int

    Returns
    -------
    Tensor of shape (leaves,), int64
        Numbered from left to right.

    Examples
    --------
    >>> cut(grow(grow(root(), 0), 1), 2)
    tensor([0, 1, 1])
    """
    rows = sides[: max(0, k - 1)]
    if not len(rows):
        return torch.zeros(sides.shape[1], dtype=torch.int64, device=sides.device)
    groups: Tensor = torch.unique(-rows, dim=1, return_inverse=True)[1]
    return groups


def clearest_first(sides: Tensor, centers: Tensor, weights: Tensor) -> Tensor:
    """The same tree with its splits in the order in which they part clusters, the clearest first, for `cut`.

    A split is as clear as the scatter it explains, or as the clearest split below it, since it cannot be undone before that.

    Parameters
    ----------
    sides : Tensor of shape (splits, leaves), int64
    centers : Tensor of shape (leaves, d)
    weights : Tensor of shape (leaves,)

    Returns
    -------
    Tensor of shape (splits, leaves), int64

    Examples
    --------
    A third split parts leaves at 5 and 9, which are farther from each other than those at -1 and 1, parted before:

    >>> import torch
    >>> sides = grow(grow(grow(root(), 0), 0), 1)
    >>> cut(sides, 3)
    tensor([0, 2, 1, 2])
    >>> cut(clearest_first(sides, torch.tensor([[-1.0], [5.0], [1.0], [9.0]]), torch.ones(4)), 3)
    tensor([0, 1, 0, 2])
    """
    left, right = side_means(sides, centers, weights)
    one, other = (((sides == sign) * weights.clamp_min(1e-6)).sum(1) for sign in (1, -1))
    clear = one * other / (one + other) * (left - right).square().sum(1)
    inside = sides != 0
    for split in reversed(range(len(sides))):
        below = ~(inside & ~inside[split]).any(1)
        clear[split] = clear[below].max()
    return sides[clear.argsort(descending=True, stable=True)]


def cut_means(groups: Tensor, centers: Tensor, weights: Tensor) -> Tensor:
    """Centers of the clusters of a cut.

    Parameters
    ----------
    groups : Tensor of shape (leaves,), int64
        Cluster of each leaf.
    centers : Tensor of shape (leaves, d)
    weights : Tensor of shape (leaves,)

    Returns
    -------
    Tensor of shape (k, d)

    Examples
    --------
    >>> import torch
    >>> cut_means(torch.tensor([0, 0]), torch.tensor([[0.0], [4.0]]), torch.tensor([3.0, 1.0]))
    tensor([[1.]])
    """
    share = torch.nn.functional.one_hot(groups).T * weights.clamp_min(1e-6)
    return (share / share.sum(1, keepdim=True)) @ centers


def side_means(sides: Tensor, centers: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Centers of the left and of the right part of every split.

    Parameters
    ----------
    sides : Tensor of shape (splits, leaves), int64
    centers : Tensor of shape (leaves, d)
    weights : Tensor of shape (leaves,)

    Returns
    -------
    left, right : Tensor of shape (splits, d)

    Examples
    --------
    >>> import torch
    >>> side_means(torch.tensor([[1, -1, -1]]), torch.tensor([[0.0], [4.0], [6.0]]), torch.ones(3))
    (tensor([[0.]]), tensor([[5.]]))
    """
    means = []
    for sign in (1, -1):
        share = (sides == sign) * weights.clamp_min(1e-6)
        share = share / share.sum(1, keepdim=True)
        means.append((share.unsqueeze(2) * centers).sum(1))
    return means[0], means[1]


def nodes(sides: Tensor, centers: Tensor, sizes: Tensor, groups: Tensor) -> list[dict[str, Any]]:
    """Nodes of the tree as records, as in `Outcome.tree`: leaves first, then splits.

    A node's height is the square root of the scatter that the splits from it downwards explain, per member of the tree.

    Parameters
    ----------
    sides : Tensor of shape (splits, leaves), int64
    centers : Tensor of shape (leaves, d)
    sizes : Tensor of shape (leaves,), int64
        Members.
    groups : Tensor of shape (leaves,), int64
        Clusters.

    Returns
    -------
    list of dict
        With the keys id, parent, left, right, size, label and height.

    Examples
    --------
    Two leaves of one member each at -1 and 1: the split explains a scatter of 2, which is 1 per member.

    >>> import torch
    >>> found = nodes(grow(root(), 0), torch.tensor([[-1.0], [1.0]]), torch.tensor([1, 1]), torch.tensor([0, 1]))
    >>> found[2]
    {'id': 2, 'parent': None, 'left': 0, 'right': 1, 'size': 2, 'label': None, 'height': 1.0}
    """
    left, right = side_means(sides, centers, sizes.float())
    gaps = (left - right).square().sum(1).tolist()
    records = {leaf: _leaf(int(sizes[leaf]), int(groups[leaf])) for leaf in range(sides.shape[1])}
    for split in reversed(range(len(sides))):
        children = [_node(sides, sides[split] == sign) for sign in (1, -1)]
        records[sides.shape[1] + split] = _split(children, records, gaps[split])
    total = max(1, int(sizes.sum()))
    parents = {child: number for number, node in records.items() for child in (node["left"], node["right"])}
    heights = {number: (node.pop("scatter") / total) ** 0.5 for number, node in records.items()}
    return [
        {"id": number, "parent": parents.get(number), **node, "height": heights[number]}
        for number, node in sorted(records.items())
    ]


def _leaf(size: int, label: int) -> dict[str, Any]:
    return {"left": None, "right": None, "size": size, "label": label, "scatter": 0.0}


def _split(children: list[int], records: dict[int, dict[str, Any]], gap: float) -> dict[str, Any]:
    """The record of a split over two nodes whose centers have this squared distance, by the records of both."""
    a, b = (records[child]["size"] for child in children)
    labels = {records[child]["label"] for child in children}
    return {
        "left": children[0],
        "right": children[1],
        "size": a + b,
        "label": labels.pop() if len(labels) == 1 else None,
        "scatter": sum(records[child]["scatter"] for child in children) + a * b / max(1, a + b) * gap,
    }


def _node(sides: Tensor, members: Tensor) -> int:
    """The number of the node over exactly these leaves [leaves] bool: a leaf's own, or that of the split of all of them."""
    if int(members.sum()) == 1:
        return int(members.nonzero())
    split = ((sides != 0) == members).all(1).nonzero()
    return sides.shape[1] + int(split[0])

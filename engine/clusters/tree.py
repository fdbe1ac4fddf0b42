"""A binary tree of groups as one small matrix, so that it can be saved with the weights.

`sides` [splits, leaves] int64: one row a split in the order of time, +1 where a leaf is in its left part, -1 in its right
part, 0 where it is elsewhere. The first row is the root; ancestors stand before descendants. A tree of one leaf has no rows.
"""

from typing import Any

import torch
from torch import Tensor


def root(device: torch.device | str = "cpu") -> Tensor:
    """The tree that is a single leaf."""
    return torch.zeros(0, 1, dtype=torch.int64, device=device)


def grow(sides: Tensor, leaf: int) -> Tensor:
    """Split a leaf: it becomes the left part, the right part is a new last leaf."""
    wide = torch.cat([sides, sides[:, leaf : leaf + 1]], 1)
    row = (
        torch.zeros_like(wide[:1])
        if len(wide)
        else torch.zeros(1, wide.shape[1], dtype=torch.int64, device=sides.device)
    )
    row[0, leaf], row[0, -1] = 1, -1
    return torch.cat([wide, row])


def prune(sides: Tensor, leaf: int) -> Tensor:
    """Remove a leaf and the split above it; its sibling takes the parent's place."""
    above = (sides[:, leaf] != 0).nonzero().flatten()
    kept = torch.arange(len(sides), device=sides.device) != above[-1]
    stays = torch.arange(sides.shape[1], device=sides.device) != leaf
    return sides[kept][:, stays]


def cut(sides: Tensor, k: int) -> Tensor:
    """[leaves] int64: groups when the latest splits are undone until at most k remain, numbered from left to right."""
    rows = sides[: max(0, k - 1)]
    if not len(rows):
        return torch.zeros(sides.shape[1], dtype=torch.int64, device=sides.device)
    groups: Tensor = torch.unique(-rows, dim=1, return_inverse=True)[1]
    return groups


def cut_means(groups: Tensor, centers: Tensor, weights: Tensor) -> Tensor:
    """Centers [k, d] of the groups [leaves] of a cut: leaf centers [leaves, d] averaged by weight [leaves]."""
    share = torch.nn.functional.one_hot(groups).T * weights.clamp_min(1e-6)
    return (share / share.sum(1, keepdim=True)) @ centers


def side_means(sides: Tensor, centers: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Centers [splits, d] of the left and of the right part of every split: leaf centers [leaves, d] averaged by weight."""
    means = []
    for sign in (1, -1):
        share = (sides == sign) * weights.clamp_min(1e-6)
        share = share / share.sum(1, keepdim=True)
        means.append((share.unsqueeze(2) * centers).sum(1))
    return means[0], means[1]


def nodes(sides: Tensor, centers: Tensor, sizes: Tensor, groups: Tensor) -> list[dict[str, Any]]:
    """Every node as in `Outcome.tree`: leaves first, then splits; centers [leaves, d], sizes and groups [leaves].

    A node's height is the square root of the scatter that the splits from it downwards explain, per member of the tree.
    """
    leaves, total = sides.shape[1], max(1, int(sizes.sum()))
    left, right = side_means(sides, centers, sizes.float())
    apart = (left - right).square().sum(1).tolist()
    drawn: dict[int, dict[str, Any]] = {}
    for leaf in range(leaves):
        drawn[leaf] = {
            "left": None,
            "right": None,
            "size": int(sizes[leaf]),
            "label": int(groups[leaf]),
            "scatter": 0.0,
        }
    for split in reversed(range(len(sides))):
        parts = [_node(sides, sides[split] == sign) for sign in (1, -1)]
        a, b = (drawn[part]["size"] for part in parts)
        labels = {drawn[part]["label"] for part in parts}
        scatter = sum(drawn[part]["scatter"] for part in parts) + a * b / max(1, a + b) * apart[split]
        drawn[leaves + split] = {
            "left": parts[0],
            "right": parts[1],
            "size": a + b,
            "label": labels.pop() if len(labels) == 1 else None,
            "scatter": scatter,
        }
    parents = {child: name for name, node in drawn.items() for child in (node["left"], node["right"])}
    heights = {name: (node.pop("scatter") / total) ** 0.5 for name, node in drawn.items()}
    return [
        {"id": name, "parent": parents.get(name), **node, "height": heights[name]}
        for name, node in sorted(drawn.items())
    ]


def _node(sides: Tensor, members: Tensor) -> int:
    """The number of the node over exactly these leaves [leaves] bool: a leaf's own, or that of the split of all of them."""
    if int(members.sum()) == 1:
        return int(members.nonzero())
    split = ((sides != 0) == members).all(1).nonzero()
    return sides.shape[1] + int(split[0])

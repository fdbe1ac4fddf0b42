"""Groups of the nodes of a graph in words: what they are called after, and how many of their links stay inside."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.graph import LINKS, NODE
from engine.results.record.record import Group, Ints

_LONGEST = 42


def around(rows: pd.DataFrame, labels: Ints, k: int) -> list[str]:
    """Names for groups of nodes: that of the node with the most links; "Group 3" for an empty third group."""
    best = rows.assign(group=labels).sort_values(LINKS, ascending=False, kind="stable").drop_duplicates("group")
    hubs = dict(zip(best["group"], best[NODE].astype("str"), strict=True))
    titles = [f"Around {hubs[g]}" if g in hubs else f"Group {g + 1}" for g in range(k)]
    return [title if len(title) <= _LONGEST else title[: _LONGEST - 1].rstrip() + "…" for title in titles]


def with_links(groups: Sequence[Group], graph: Any, labels: Ints) -> tuple[Group, ...]:
    """The groups with a sentence on their links first: the share that stays inside, and that expected of random links.

    Parameters
    ----------
    groups
        All groups.
    graph
        The weights of the links between the members, sparse [n, n].
    labels
        int64 [n], the groups of the members.
    """
    links = graph.tocoo()
    strength = np.bincount(labels[links.row] + 1, links.data, len(groups) + 1)[1:]
    same = labels[links.row] == labels[links.col]
    inside = np.bincount(labels[links.row[same]] + 1, links.data[same], len(groups) + 1)[1:]
    stay = "links of its nodes stay" if len(np.unique(links.data)) == 1 else "weight of the links of its nodes stays"
    whole = float(links.data.sum())
    return tuple(
        _said(group, stay, inside[group.label] / strength[group.label], strength[group.label] / whole)
        if strength[group.label]
        else group
        for group in groups
    )


def _said(group: Group, stay: str, share: float, chance: float) -> Group:
    said = f"{100 * share:.0f} % of the {stay} inside the group; of random links it would be {100 * chance:.0f} %."
    return replace(group, sentence=f"{said} {group.sentence}" if group.differences else said)

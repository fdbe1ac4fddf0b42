"""Groups of nodes: called after the node with the most links, described by the links that stay inside."""

import numpy as np
import pandas as pd
from scipy import sparse

from engine.results.explain.node_groups import around, with_links
from engine.results.record.record import Group


def group(label: int) -> Group:
    return Group(label, "", 3, 0.5, 1.0, "Nothing sets this group apart.", (), (), (), None)


def two_triangles() -> sparse.csr_array:
    """Nodes 0, 1, 2 and nodes 3, 4, 5 all linked, and 2 with 3."""
    matrix = np.zeros((6, 6), np.float32)
    for a, b in [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]:
        matrix[a, b] = matrix[b, a] = 1
    return sparse.csr_array(matrix)


def test_groups_are_called_after_their_most_linked_node() -> None:
    rows = pd.DataFrame({"node": list("abcdef"), "links": [2, 2, 3, 3, 2, 2]})
    assert around(rows, np.array([0, 0, 0, 1, 1, 1]), 3) == ["Around c", "Around d", "Group 3"]
    long = rows.assign(node="x" * 80)
    assert all(len(name) <= 42 for name in around(long, np.zeros(6, np.int64), 1))


def test_the_share_of_links_that_stay_inside_is_said() -> None:
    labels = np.array([0, 0, 0, 1, 1, -1])
    groups = with_links([group(0), group(1), group(2)], two_triangles(), labels)
    # 7 ends of links start in group 0, of which 6 end in it; 5 start in group 1, 2 end in it; 14 are all
    assert (
        groups[0].sentence == "86 % of the links of its nodes stay inside the group; of random links it would be 50 %."
    )
    assert groups[1].sentence.startswith("40 % of the links")
    assert groups[2].sentence == "Nothing sets this group apart."  # has no members
    heavy = two_triangles()
    heavy.data[:] = np.where(heavy.data > 0, 2, 0)
    heavy.data[0] = 3
    assert (
        "of the weight of the links of its nodes stays"
        in with_links([group(0)], heavy, np.zeros(6, np.int64))[0].sentence
    )

"""New members of each group, made up by a method that has learned how its groups come about."""

import numpy as np

from engine.core.method import Method
from engine.core.snapshot import Floats

EACH = 8
"""Of each group."""
MOST = 2_000_000
"""Numbers that all of them together may have."""


def generated_members(method: Method, k: int) -> Floats | None:
    """[k, each, *sample shape] in prepared input units, the typical member of each group first.

    Fewer than `EACH` where they would be too large. None for methods that generate none, or where one a group is all there is
    room for: that one is the prototype.
    """
    first = method.generate(0, 1) if k else None
    if first is None:
        return None
    each = min(EACH, MOST // (k * first[0].numel()))
    if each < 2:
        return None
    made = [method.generate(group, each) for group in range(k)]
    return np.stack([one.float().cpu().numpy() for one in made if one is not None])

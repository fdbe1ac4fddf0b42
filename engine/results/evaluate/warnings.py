"""Reasons not to rely on the groups of a finished run, each a plain sentence with what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.core.formatting import format_list, format_percent
from engine.results.evaluate import null_test
from engine.results.record.diagnostics import ResultWarning
from engine.results.record.record import Floats, Ints
from engine.results.text.markdown import escape

# A group is tiny below this share of the average group, and where few members are few anyway.
TINY, FEW = 0.05, 5
# Groups are uneven where their sizes are worth fewer than this share of as many equal ones (exponential of the entropy).
UNEVEN = 0.65
MANY_OUTSIDE = 0.25
# A column rules where it explains so much, and the next one less than this share of that.
RULES, NEXT = 0.9, 0.6
# What was learned has collapsed where 95 % of the members lie within this share of the farthest one's distance.
COLLAPSED = 0.005
# Members that are looked at for that where there are more.
ROWS = 200_000


@dataclass(frozen=True)
class Grounds:
    """What warnings are made from: labels [n], the prepared columns [n, d], what was learned [n, e] if anything was."""

    labels: Ints
    space: Floats
    learned: Floats | None = None
    column_shares: Mapping[str, float] = field(default_factory=dict)
    """Column -> share of the grouping that it explains, see `column_dominance.uncertainty_coefficients`."""
    seed: int = 0
    notes: tuple[str, ...] = ()
    """What the training said of itself, see `Snapshot.notes`."""


def find(grounds: Grounds) -> tuple[ResultWarning, ...]:
    """Every warning there is reason for, gravest first; none for healthy groups."""
    warnings = (
        _collapsed(grounds),
        *map(_retrained, grounds.notes),
        _chance(grounds),
        _ruled(grounds),
        *_sizes(grounds.labels),
    )
    return tuple(sorted((warning for warning in warnings if warning is not None), key=lambda warning: -warning.gravity))


def _sizes(labels: Ints) -> Sequence[ResultWarning | None]:
    sizes = np.bincount(labels[labels >= 0])
    return _outside(labels), _uneven(sizes[sizes > 0]), _tiny(sizes)


def _collapsed(grounds: Grounds) -> ResultWarning | None:
    z = grounds.learned
    if z is None or len(z) < 2 or not _constant(_some(z, grounds.seed)):
        return None
    return ResultWarning(
        "collapsed",
        1.0,
        "What the method learned is **nearly the same for every member**: the network has collapsed, and its groups "
        "mean little.",
        "Train with another seed, a lower learning rate or more pretraining, or take a simpler method.",
    )


def _retrained(note: str) -> ResultWarning:
    return ResultWarning(
        "retrained",
        0.2,
        note,
        "The groups shown are those of the training that went on. Compare them with another seed or a simpler method.",
    )


def _some(z: Floats, seed: int) -> Floats:
    """All rows [n, d], or as many as say enough."""
    return z if len(z) <= ROWS else z[np.sort(np.random.default_rng(seed).permutation(len(z))[:ROWS])]


def _constant(z: Floats) -> bool:
    """Whether all but a few rows [n, d] are in one place, measured by the farthest one or by the values' own size."""
    away = np.linalg.norm(z - np.median(z, axis=0), axis=1)
    size = float(np.abs(z).max(initial=0.0))
    usual = float(np.quantile(away, 0.95))
    return usual <= max(COLLAPSED * float(away.max()), 1e-4 * size, 1e-12)


def _chance(grounds: Grounds) -> ResultWarning | None:
    if not null_test.no_better(grounds.space, grounds.labels, seed=grounds.seed):
        return None
    return ResultWarning(
        "chance",
        0.9,
        "The groups are **no better separated than chance**: k-means finds groups as clear as these in data that has "
        "none.",
        "Treat the groups as a convenient division at most, not as natural kinds. Check which columns take part, try "
        "fewer groups, or accept that there may be none.",
    )


def _ruled(grounds: Grounds) -> ResultWarning | None:
    order = sorted(grounds.column_shares.items(), key=lambda item: -item[1])
    if len(order) < 2 or order[0][1] < RULES or order[1][1] > NEXT * order[0][1]:
        return None
    name, share = order[0]
    return ResultWarning(
        "dominated",
        0.8,
        f"**One column decides**: *{escape(name)}* alone explains {format_percent(share)} of who is in which group, the next "
        f"column {format_percent(order[1][1])}.",
        "If that is not what you want to know, leave the column out on the Data page and run again.",
    )


def _outside(labels: Ints) -> ResultWarning | None:
    share = float((labels < 0).mean()) if len(labels) else 0.0
    if share < MANY_OUTSIDE:
        return None
    return ResultWarning(
        "unassigned",
        min(0.95, 0.4 + share),
        f"**{format_percent(share)} of the members are in no group.** What is said about groups does not hold for them.",
        "Loosen the method's settings for density, or choose a method that assigns every member to a group.",
    )


def _uneven(sizes: Ints) -> ResultWarning | None:
    if len(sizes) < 2:
        return None
    shares = sizes / sizes.sum()
    effective = float(np.exp(-(shares * np.log(shares)).sum()))
    if effective >= UNEVEN * len(sizes) or shares.max() < 0.5:
        return None
    return ResultWarning(
        "imbalance",
        0.3 + 0.3 * float(shares.max()),
        f"**One group holds {format_percent(float(shares.max()))} of the members**; the other {len(sizes) - 1} share the rest.",
        "Look whether a few unusual members pull groups to themselves; scaling a lopsided column by ratio often helps.",
    )


def _tiny(sizes: Ints) -> ResultWarning | None:
    present = sizes[sizes > 0]
    if len(present) < 2:
        return None
    usual = float(present.mean())
    tiny = [g for g, size in enumerate(sizes) if size > 0 and (size < TINY * usual or size < min(FEW, usual / 2))]
    if not tiny:
        return None
    some = [f"Group {g + 1} ({sizes[g]:,})" for g in tiny[:5]] + ([f"{len(tiny) - 5} more"] if len(tiny) > 5 else [])
    are = "is **a tiny group**" if len(tiny) == 1 else "are **tiny groups**"
    return ResultWarning(
        "tiny",
        0.4,
        f"{format_list(some)} {are}: too few members to say what sets them apart.",
        "Look at these members one by one: they may be errors in the data, or rare cases worth knowing. Else ask for fewer "
        "groups.",
    )

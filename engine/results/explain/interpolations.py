"""What the method draws beside its prototypes, in the user's units: walks from center to center, members it made up."""

from typing import Any, Protocol

import numpy as np
import pandas as pd

from engine.core.snapshot import Floats, Outcome
from engine.results.record.explanations import GeneratedMembers, Interpolations


class Restores(Protocol):
    """The part of a recipe that leads back from prepared units to the user's."""

    def restore(self, x: Floats) -> Any:
        """Prepared units to the user's."""
        ...


def from_outcome(outcome: Outcome, recipe: Restores) -> Interpolations | None:
    """What the method drew on the way between centers; None where it draws nothing."""
    if outcome.interpolations is None:
        return None
    pairs, decoded = outcome.interpolations
    return Interpolations(pairs, decoded.shape[1], **in_units(decoded, recipe))


def generated_from_outcome(outcome: Outcome, recipe: Restores) -> GeneratedMembers | None:
    """The members that the method made up; None where it made none."""
    generated = outcome.generated
    return None if generated is None else GeneratedMembers(generated.shape[1], **in_units(generated, recipe))


def in_units(decoded: Floats, recipe: Restores) -> dict[str, Any]:
    """[m, each, *sample shape] in the user's units: "values" of that form, or a "table" with m * each rows."""
    restored = recipe.restore(np.ascontiguousarray(decoded.reshape(-1, *decoded.shape[2:]), np.float32))
    if isinstance(restored, pd.DataFrame):
        return {"table": restored.reset_index(drop=True)}
    return {"values": restored.reshape(*decoded.shape[:2], *restored.shape[1:])}


def neighbors(interpolations: Interpolations, label: int) -> list[int]:
    """Groups to which a walk leads from this one, nearest first."""
    return [int(b if a == label else a) for a, b in interpolations.pairs if label in (a, b)]


def steps(interpolations: Interpolations, start: int, end: int) -> Any:
    """The steps from one group to another: [steps, ...] or a table with one row a step; KeyError where there is no walk."""
    forward = np.flatnonzero((interpolations.pairs == (start, end)).all(1))
    backward = np.flatnonzero((interpolations.pairs == (end, start)).all(1))
    if not len(forward) and not len(backward):
        raise KeyError((start, end))
    at = int((forward if len(forward) else backward)[0])
    if interpolations.table is not None:
        part = interpolations.table.iloc[at * interpolations.steps : (at + 1) * interpolations.steps]
        return (part if len(forward) else part.iloc[::-1]).reset_index(drop=True)
    assert interpolations.values is not None
    return interpolations.values[at] if len(forward) else interpolations.values[at][::-1]


def telling(steps: pd.DataFrame, whole: pd.DataFrame | None) -> list[str]:
    """The columns of numbers that change on the way, most first, measured by the usual spread of all members."""
    change = {}
    for name in steps.columns:
        values = steps[name].to_numpy(np.float64)
        known = None if whole is None or name not in whole else pd.to_numeric(whole[name], errors="coerce").iloc[1]
        spread = float(known) if known is not None and known > 0 else float(np.abs(values).max()) or 1.0
        change[name] = float(np.ptp(values)) / spread
    return sorted((name for name, much in change.items() if much > 0.05), key=lambda name: -change[name])

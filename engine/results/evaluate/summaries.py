"""The findings of an evaluation in words: one sentence for each part."""

import numpy as np

from engine.core.formatting import format_percent
from engine.results.evaluate import k_selection, stability
from engine.results.record.record import Result


def summarize(result: Result, part: str) -> str:
    """The sentence of "stability", "scan" or "robustness" as Markdown; empty where it was not found out."""
    if part == "stability" and result.stability is not None:
        return stability.sentence(result.stability)
    if part == "scan" and result.scan is not None:
        return k_selection.sentence(result.scan, result.k)
    if part == "robustness" and result.robustness is not None:
        return _robustness(result)
    return ""


def _robustness(result: Result) -> str:
    robustness = result.robustness
    assert robustness is not None
    middle = len(robustness.sizes) // 2
    size, aimed, random = (float(part[middle]) for part in (robustness.sizes, robustness.aimed, robustness.random))
    known = np.flatnonzero(np.isfinite(robustness.groups))
    worst = int(known[robustness.groups[known].argmax()]) if len(known) else 0
    weakest = (
        f" **{result.groups[worst].title}** gives way most ({format_percent(float(robustness.groups[worst]))})."
        if aimed
        else ""
    )
    return (
        f"If every column shifts by at most **{size:g}** standard deviations, **{format_percent(aimed)}** of the members can be "
        f"moved to another group on purpose, {format_percent(random)} move by chance.{weakest}"
    )

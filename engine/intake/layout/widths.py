"""How many columns a table may have."""

from __future__ import annotations

from engine.core.errors import InputError
from engine.intake.wording import italic

WIDEST = 200_000


def check_width(width: int, name: str) -> None:
    """InputError where the table `name` has more than `WIDEST` columns."""
    if width > WIDEST:
        raise InputError(
            f"{italic(name)} has {width:,} columns; at most {WIDEST:,} can be read. Keep those that vary most from row to row, "
            "or transpose the table if its rows are what should be columns."
        )

"""What a reader starts from where nothing was chosen: a number of groups, and the method that learns."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.card import Card

PLAIN = "kmeans"
"""What every method is held against."""
FEW = 300
"""Below this many members a network has too little to learn from."""
GUESS = 6
"""Where the number of groups is unknown: as many as a person can look at at once."""


@dataclass(frozen=True)
class Facts:
    """What is known about the number of groups before anything is computed."""

    n: int
    classes: int | None
    """Number of different known labels, if there is a label column."""
    suggested: int | None
    """Number of groups that a sample is known to have."""


def groups(facts: Facts) -> tuple[int, str]:
    """A number of groups and where it comes from, for the user to read."""
    most = max(2, facts.n - 1)
    if facts.classes is not None and facts.classes >= 2:
        return min(facts.classes, most), f"Your label column has {facts.classes} different values."
    if facts.suggested is not None:
        return min(facts.suggested, most), f"This sample is known to have {facts.suggested} groups."
    return min(
        GUESS, most
    ), f"The number is not known yet; {min(GUESS, most)} is a start. The results show whether groups are too alike."


def network(kind: str, cards: Sequence[Card]) -> str | None:
    """The method to begin with that learns, among those that take this kind of data."""
    known = {card.id for card in cards if card.takes(kind)}
    return next((method for method in ("idec", "ae_kmeans") if method in known), None)

"""The rule behind "Decide for me": from facts about the data to a method, a number of groups, and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.card import Card, Preset

FEW = 300
"""Below this many members a network has too little to learn from."""
MANY = 20_000
_REASONS = {
    "table": "{size} rows are enough for a network to learn how the columns hang together before it groups them.",
    "image": "Pictures are hard to compare dot by dot. A network learns what matters in {size} of them, then groups them.",
    "series": "Alike curves can be shifted against each other. A network learns their shape from {size} examples.",
    "text": "Texts that mean the same use different words. A network learns from {size} texts which words go together.",
}
GUESS = 6
"""Where nobody knows the number of groups, people can still look at this many at once."""


@dataclass(frozen=True)
class Facts:
    """What is known about the data before anything is computed."""

    kind: str
    n: int
    classes: int | None
    """Number of different known labels, if there is a label column."""
    suggested: int | None
    """Number of groups that a sample is known to have."""


@dataclass(frozen=True)
class Advice:
    """A choice and why it was made, for the user to read."""

    method: str
    k: int
    preset: Preset
    reason: str
    k_reason: str


def advise(facts: Facts, cards: Sequence[Card]) -> Advice:
    """The method to start with; only methods that exist and take this kind of data are named."""
    known = {card.id for card in cards if facts.kind in card.data}
    k, k_reason = _groups(facts)
    for method, reason in _candidates(facts):
        if method in known:
            return Advice(method, k, "quick" if facts.n > MANY else "balanced", reason, k_reason)
    first = next(card.id for card in cards if card.id in known)
    return Advice(first, k, "balanced", "It is the first method that takes this kind of data.", k_reason)


def _candidates(facts: Facts) -> list[tuple[str, str]]:
    """Methods in order of preference, each with its reason."""
    size = f"{facts.n:,}"
    if facts.n < FEW:
        few = (
            f"With {size} members there is too little for a network to learn from; a plain method is the safer choice."
        )
        return [("kmeans", few)]
    first = ("idec", _REASONS[facts.kind].format(size=size))
    return [first, ("ae_kmeans", _REASONS[facts.kind].format(size=size)), ("kmeans", "It is quick, and a fair start.")]


def _groups(facts: Facts) -> tuple[int, str]:
    """A number of groups and where it comes from."""
    most = max(2, facts.n - 1)
    if facts.classes is not None and facts.classes >= 2:
        return min(facts.classes, most), f"Your label column has {facts.classes} different values."
    if facts.suggested is not None:
        return min(facts.suggested, most), f"This sample is known to have {facts.suggested} groups."
    return min(
        GUESS, most
    ), f"Nobody knows the number yet; {min(GUESS, most)} is a start. The results show whether groups are too alike."

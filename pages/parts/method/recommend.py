"""The rule behind "Decide for me": from facts about the data to a method, a number of groups, and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.card import Card, Preset

PLAIN = "kmeans"
"""What every method is held against."""
FEW = 300
"""Below this many members a network has too little to learn from."""
MANY = 20_000
_DEEP = (
    "Pictures are hard to compare pixel by pixel. A network learns what matters in {size} of them, then groups them: on pictures "
    "with known groups it agreed with them clearly better than plain k-means."
)
_PLAIN = {
    "table": "On tables with known groups, it agreed with them about as well as networks, in a fraction of the time.",
    "series": "On series with known groups, it agreed with them about as well as networks, in a fraction of the time.",
    "text": "On texts with known groups, it agreed with them better than networks, in a fraction of the time.",
}
_THEN = "Start with it, then see whether a network finds more."
GUESS = 6
"""Where the number of groups is unknown: as many as a person can look at at once."""


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
    known = {card.id for card in cards if card.takes(facts.kind)}
    k, k_reason = _groups(facts)
    method, reason = _choice(facts, cards)
    if method in known:
        return Advice(method, k, "quick" if facts.n > MANY else "balanced", reason, k_reason)
    first = next(card.id for card in cards if card.id in known)
    return Advice(first, k, "balanced", "It is the first method that takes this kind of data.", k_reason)


def network(kind: str, cards: Sequence[Card]) -> str | None:
    """The method to begin with that learns, among those that take this kind of data."""
    known = {card.id for card in cards if card.takes(kind)}
    return next((method for method in ("idec", "ae_kmeans") if method in known), None)


def _choice(facts: Facts, cards: Sequence[Card]) -> tuple[str, str]:
    """A method and the reason for it: what `benchmarks/results` found on data with known groups."""
    size = f"{facts.n:,}"
    if facts.n < FEW:
        few = (
            f"With {size} members there is too little for a network to learn from; a plain method is the safer choice."
        )
        return PLAIN, few
    learns = network(facts.kind, cards)
    if facts.kind == "image" and learns is not None:
        return learns, _DEEP.format(size=size)
    return PLAIN, f"{_PLAIN.get(facts.kind, 'It is quick, and a fair start.')} {_THEN}"


def _groups(facts: Facts) -> tuple[int, str]:
    """A number of groups and where it comes from."""
    most = max(2, facts.n - 1)
    if facts.classes is not None and facts.classes >= 2:
        return min(facts.classes, most), f"Your label column has {facts.classes} different values."
    if facts.suggested is not None:
        return min(facts.suggested, most), f"This sample is known to have {facts.suggested} groups."
    return min(
        GUESS, most
    ), f"The number is not known yet; {min(GUESS, most)} is a start. The results show whether groups are too alike."

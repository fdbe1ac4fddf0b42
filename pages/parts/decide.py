"""The rule behind "Decide for me": from facts about the data to a method, a number of groups, and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.card import Card, Preset

FEW = 300
"""Below this many members a network has too little to learn from."""
MANY = 20_000
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
        return [("kmeans", f"With {size} members there is too little for a network to learn from; a plain method is the safer choice.")]
    if facts.kind == "image":
        return [
            ("idec", f"Pictures are hard to compare dot by dot. A network learns what matters in {size} of them, then tightens the groups."),
            ("ae_kmeans", "A network learns a short description of each picture, and similar descriptions are grouped."),
            ("kmeans", "It is quick, and a fair start."),
        ]
    if facts.kind == "series":
        return [
            ("idec", f"Similar curves can be shifted against each other; a network learns their shape from {size} examples."),
            ("kmeans", "It is quick, and a fair start."),
        ]
    if facts.kind == "text":
        return [
            ("idec", f"Texts that mean the same use different words; a network learns which words go together in {size} texts."),
            ("kmeans", "It is quick, and a fair start."),
        ]
    return [
        ("idec", f"{size} rows are enough for a network to learn how the columns hang together, and it keeps what it learned in view."),
        ("kmeans", "It is quick, and a fair start."),
    ]


def _groups(facts: Facts) -> tuple[int, str]:
    """A number of groups and where it comes from."""
    most = max(2, facts.n - 1)
    if facts.classes is not None and facts.classes >= 2:
        return min(facts.classes, most), f"Your label column has {facts.classes} different values."
    if facts.suggested is not None:
        return min(facts.suggested, most), f"This sample is known to have {facts.suggested} groups."
    return min(GUESS, most), f"Nobody knows the number yet; {min(GUESS, most)} is a start. The results show whether groups are too alike."

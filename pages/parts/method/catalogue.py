"""The methods' cards, read once per server."""

from functools import cache

import engine
from engine.core.card import Card
from engine.portfolio.card import AUTO, CARD


@cache
def cards() -> tuple[Card, ...]:
    """Every method's card in display order."""
    return engine.catalogue()


def card(method: str) -> Card | None:
    """The card of one method, or of "Decide for me"; None if this version does not have it."""
    if method == AUTO:
        return CARD
    return next((card for card in cards() if card.id == method), None)


def name(method: str) -> str:
    """The method's name as its authors write it."""
    known = card(method)
    return known.name if known else method


def short(method: str) -> str:
    """The name people say: "IDEC" for Improved Deep Embedded Clustering."""
    known = card(method)
    return known.called if known else method

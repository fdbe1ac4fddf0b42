"""The methods' cards, read once per server."""

from functools import cache

import engine
from engine.core.card import Card


@cache
def cards() -> tuple[Card, ...]:
    """Every method's card in display order."""
    return engine.catalogue()


def card(method: str) -> Card | None:
    """The card of one method; None if this version does not have it."""
    return next((card for card in cards() if card.id == method), None)


def name(method: str) -> str:
    """The method's name as its authors write it."""
    found = card(method)
    return found.name if found else method


def short(method: str) -> str:
    """The name people say: "IDEC" for Improved Deep Embedded Clustering."""
    found = card(method)
    return found.called if found else method

"""The card of "Decide for me": what it is called, and its settings. Loads nothing but the card's own classes."""

from dataclasses import dataclass

from engine.core.card import Card, Family, knob

AUTO = "auto"
"""The id by which the search is asked for where a method's id is expected."""
BUDGETS = (30, 180, 900)
"""Seconds that the page offers."""


@dataclass(frozen=True)
class Knobs:
    """Settings of the search."""

    budget: int = knob(180, 5, 86_400, "How long it may search.", unit="seconds", quick=30, thorough=900, main=True)
    compare: str = knob(
        "any",
        choices=("any", "chosen"),
        help="Which features are tried: any that the data can be had in, or those alone that were chosen for the data.",
        label="Features tried",
    )


CARD = Card(
    id=AUTO,
    name="Decide for me",
    authors="Constella",
    year=2026,
    paper="A. Strehl, J. Ghosh, Cluster Ensembles, JMLR 2002",
    idea="Tries several methods on several descriptions of the data, and takes the groups that most of them come to.",
    family=Family.CLASSICAL,
    architecture="any",
    non_clustering="any",
    clustering="any",
    combination="the grouping that agrees best with all others",
    update="once",
    knobs=Knobs,
    data=frozenset({"table", "image", "series", "text", "graph"}),
    needs_k=False,
    estimates_k=True,
)

"""What to try after plain k-means, after a method that did not beat it, and after a search that ran out of time."""

import streamlit as st

from engine.portfolio.card import AUTO, BUDGETS
from engine.runs.db.records import Record
from pages.parts.app import current
from pages.parts.data import preprocessing
from pages.parts.method import catalogue, recommend
from pages.parts.results.context import ResultContext


def offer(context: ResultContext) -> None:
    """A button that leads to the methods, with data, preparation and number of groups as they are here."""
    label, method = _next(context)
    if (
        context.owner
        and label
        and st.button(label, type="tertiary", icon=":material/arrow_forward:", key=f"onward-{context.key}")
    ):
        search = context.run.search
        if search is not None and method == AUTO:
            _search_longer(context, search["asked"])
        choice = {"method": method} if method else {}
        groups = {"k": str(context.run.n_clusters)} if context.run.n_clusters else {}
        changed = preprocessing.as_in(context.dataset, context.run.preparation)
        current.go("method", dataset=context.dataset.id, **changed, **choice, **groups)


def _next(context: ResultContext) -> tuple[str, str | None]:
    """What the button says, empty where there is nothing to say, and the method it chooses."""
    plain, search = context.result.baseline, context.run.search
    if search is not None:
        untried = any(one["state"] in ("waiting", "unfinished") for one in search["candidates"])
        return ("Search longer", AUTO) if untried and _longer(search["asked"]) else ("", None)
    if context.run.method == recommend.PLAIN:
        learns = recommend.network(context.result.kind, catalogue.cards())
        enough = learns is not None and context.dataset.n >= recommend.FEW
        return ("See whether a network finds more", learns) if enough else ("", None)
    if plain is not None and plain.standing == "worse":
        return "Try another method", None
    return "", None


def _longer(asked: Record) -> int | None:
    """The next budget above that of a search."""
    return next((budget for budget in BUDGETS if budget > asked["knobs"]["budget"]), None)


def _search_longer(context: ResultContext, asked: Record) -> None:
    """To the same question with more time."""
    groups = {"k": str(asked["k"])} if asked["k"] else {}
    changed = preprocessing.as_in(context.dataset, asked["preparation"])
    current.go("method", dataset=context.dataset.id, **changed, **groups, budget=str(_longer(asked)))

"""What to try after plain k-means, and after a method that did not beat it: the same data, another method."""

import streamlit as st

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
        choice = {"method": method} if method else {}
        groups = {"k": str(context.run.n_clusters)} if context.run.n_clusters else {}
        changed = preprocessing.as_in(context.dataset, context.run.preparation)
        current.go("method", dataset=context.dataset.id, **changed, **choice, **groups)


def _next(context: ResultContext) -> tuple[str, str | None]:
    """What the button says, empty where there is nothing to say, and the method it chooses."""
    plain = context.result.baseline
    if context.run.method == recommend.PLAIN:
        learns = recommend.network(context.result.kind, catalogue.cards())
        enough = learns is not None and context.dataset.n >= recommend.FEW
        return ("See whether a network finds more", learns) if enough else ("", None)
    if plain is not None and plain.standing == "worse":
        return "Try another method", None
    return "", None

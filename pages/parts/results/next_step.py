"""What to try after plain k-means, and after a method that did not beat it: the same data, another method."""

import streamlit as st

from pages.parts.app import current
from pages.parts.data import preprocessing
from pages.parts.method import catalogue, recommend
from pages.parts.results.context import ResultContext


def offer(found: ResultContext) -> None:
    """A button that leads to the methods, with data, preparation and number of groups as they are here."""
    label, method = _next(found)
    if (
        found.owner
        and label
        and st.button(label, type="tertiary", icon=":material/arrow_forward:", key=f"onward-{found.key}")
    ):
        told = {"method": method} if method else {}
        groups = {"k": str(found.run.n_clusters)} if found.run.n_clusters else {}
        changed = preprocessing.as_in(found.dataset, found.run.preparation)
        current.go("method", dataset=found.dataset.id, **changed, **told, **groups)


def _next(found: ResultContext) -> tuple[str, str | None]:
    """What the button says, empty where there is nothing to say, and the method it chooses."""
    plain = found.result.baseline
    if found.run.method == recommend.PLAIN:
        learns = recommend.network(found.result.kind, catalogue.cards())
        enough = learns is not None and found.dataset.n >= recommend.FEW
        return ("See whether a network finds more", learns) if enough else ("", None)
    if plain is not None and plain.standing == "worse":
        return "Try another method", None
    return "", None

"""What to try after plain k-means, and after a method that did not beat it: the same data, another method."""

import streamlit as st

from pages.parts import catalogue, decide, here, preparing
from pages.parts.finding import Finding


def offer(found: Finding) -> None:
    """A button that leads to the methods, with data, preparation and number of groups as they are here."""
    label, method = _next(found)
    if (
        found.owner
        and label
        and st.button(label, type="tertiary", icon=":material/arrow_forward:", key=f"onward-{found.key}")
    ):
        told = {"method": method} if method else {}
        groups = {"k": str(found.run.n_clusters)} if found.run.n_clusters else {}
        changed = preparing.as_in(found.dataset, found.run.preparation)
        here.go("method", dataset=found.dataset.id, **changed, **told, **groups)


def _next(found: Finding) -> tuple[str, str | None]:
    """What the button says, empty where there is nothing to say, and the method it chooses."""
    plain = found.result.baseline
    if found.run.method == decide.PLAIN:
        learns = decide.network(found.result.kind, catalogue.cards())
        enough = learns is not None and found.dataset.n >= decide.FEW
        return ("See whether a network finds more", learns) if enough else ("", None)
    if plain is not None and plain.standing == "worse":
        return "Try another method", None
    return "", None

"""How the members are laid out on the map: by UMAP once it is ready, or as the reader likes; t-SNE is made when it is chosen."""

import streamlit as st

from engine.results import Result
from pages.parts.app import error_boundary, formatting, query_params
from pages.parts.results import request_progress
from pages.parts.results.context import ResultContext

FLAT, LINES, NEIGHBORS, DEEP = "2-D", "PCA", "t-SNE", "3-D"
_SPOKEN = {"umap2": "UMAP", "pca2": "PCA", "tsne2": "t-SNE", "pca3": "3-D"}


def choose(context: ResultContext) -> str:
    """The picker; the name of the map that was chosen, which may have to be made yet. It is in the address, as links need it."""
    known = names(context.result, context.owner)
    start = query_params.choice("view", list(known), FLAT)
    view = st.selectbox(
        "Layout",
        list(known),
        list(known).index(start),
        format_func=lambda view: f"Layout: {_SPOKEN.get(known[view], view)}",
        key=f"{context.key}-layout",
        label_visibility="collapsed",
        width=155,
    )
    query_params.remember("view", view, FLAT)
    return known[view]


def names(result: Result, owner: bool) -> dict[str, str]:
    """The choices and their maps; a guest is offered what there is, since only the owner may have another made."""
    first = best(result)
    known = {FLAT: first, LINES: "pca2", NEIGHBORS: "tsne2", DEEP: "pca3"}
    there = {view for view, name in known.items() if name in result.maps} | ({NEIGHBORS} if owner else set())
    return {view: name for view, name in known.items() if view in there and (view == FLAT or name != first)}


def best(result: Result) -> str:
    """The name of the flat map to show unasked: UMAP once it is ready, PCA until then."""
    return next((name for name in ("umap2", "pca2") if name in result.maps), next(iter(result.maps)))


def wait(context: ResultContext, name: str) -> None:
    """Have a layout made that was chosen; say how far it is, or why there is none."""
    layouts = context.workspace.layouts
    request = layouts.find(context.run.id, name)
    with error_boundary.plain_words():
        if request is None or request.state == "done":
            layouts.ask(context.run.id, name)
            request = layouts.find(context.run.id, name)
        if request is not None and request.active:
            st.caption(f"{_SPOKEN[name]} is being made. Until it is there you see {_SPOKEN[best(context.result)]}.")
            request_progress.show(layouts, request.id)
            return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        reason = formatting.sentence(request.sentence) if request is not None and request.sentence else "Stopped."
        st.caption(f"There is no {_SPOKEN[name]} yet. {reason}", width="stretch")
        if st.button("Make it", icon=":material/refresh:", key=f"layout-{name}-{context.key}"):
            layouts.ask(context.run.id, name)
            st.rerun()

"""The whole result: title and facts, five numbers, map and group side by side, and everything else in tabs."""

from collections.abc import Callable

import streamlit as st

from pages.parts.app import formatting, layout, query_params
from pages.parts.method import catalogue
from pages.parts.results import (
    cluster_cards,
    confusion,
    details,
    downloads,
    headline_metrics,
    map_card,
    member_table,
    new_data,
    next_step,
    rules,
)
from pages.parts.results.context import ResultContext
from pages.parts.results.panel import side_panel
from pages.parts.share import share_dialog
from pages.parts.trust import page as trust_page

_STANDING = {
    "better": ":material/trending_up:",
    "same": ":material/balance:",
    "worse": ":material/trending_down:",
    "unknown": ":material/help:",
}


def show(found: ResultContext) -> None:
    """Draw a finished run for its owner or for a guest."""
    _head(found)
    headline_metrics.show(found.result, found.run.seconds)
    left, right = layout.split("result-split")
    with left:
        picked = map_card.show(found)
    with right:
        side_panel.show(found, picked)
    _tabs(found)


def _head(found: ResultContext) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(formatting.plain(formatting.cut(found.run.name, 60)), anchor=False, width="stretch")
        downloads.downloads(found)
        if found.owner:
            share_dialog.share_button(found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(facts(found), width="content")
        next_step.offer(found)
    st.markdown(f":small[{_STANDING[_standing(found)]} {found.result.verdict}]")
    trust_page.brief(found, _tab_key(found))


def _standing(found: ResultContext) -> str:
    return found.result.baseline.standing if found.result.baseline else "unknown"


def facts(found: ResultContext) -> str:
    """Rows, columns, method, seed and time on one line."""
    what = {"table": "row", "image": "picture", "series": "series", "text": "text"}[found.result.kind]
    parts = [formatting.count(len(found.result), what, "series" if what == "series" else None)]
    if found.result.kind == "table":
        parts.append(formatting.count(found.dataset.columns, "column"))
    parts += [
        formatting.plain(catalogue.name(found.run.method)),
        f"seed {found.run.seed}",
        f"done in {formatting.duration(found.run.seconds)}",
    ]
    return " · ".join(parts)


def _tab_key(found: ResultContext) -> str:
    return f"tab-{found.key}"


def _tabs(found: ResultContext) -> None:
    """Only the open tab is drawn."""
    drawn: dict[str, Callable[[ResultContext], None]] = {"Groups": cluster_cards.groups}
    if found.raw is not None:
        drawn["Members"] = member_table.show
    if found.result.explanations.surrogate is not None:
        drawn["Rules"] = rules.show
    if found.result.confusion is not None:
        drawn["Confusion"] = confusion.show
    if found.result.tree:
        drawn["Tree"] = details.tree
    if found.result.alternatives:
        drawn["Other groupings"] = details.alternatives
    drawn["Trust"] = trust_page.show
    if found.owner:
        drawn["New data"] = new_data.show
    drawn |= {"Training": details.training, "Details": details.settings}
    # Not as `default`: that is part of the tabs' identity, and a default that follows the address would undo every second click.
    st.session_state.setdefault(_tab_key(found), query_params.choice("tab", list(drawn), "Groups"))
    tabs = st.tabs(list(drawn), key=_tab_key(found), on_change="rerun")
    for name, tab in zip(drawn, tabs, strict=True):
        if tab.open:
            query_params.remember("tab", name, "Groups")
            with tab:
                drawn[name](found)

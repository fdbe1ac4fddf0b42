"""The page of a result: title and facts, headline metrics, the map beside its panel, and everything else in tabs."""

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

_VERDICT_ICONS = {
    "better": ":material/trending_up:",
    "same": ":material/balance:",
    "worse": ":material/trending_down:",
    "unknown": ":material/help:",
}


def show(found: ResultContext) -> None:
    """Draw a finished run for its owner or for a guest."""
    _header(found)
    headline_metrics.show(found.result, found.run.seconds)
    left, right = layout.split("result-split")
    with left:
        picked = map_card.show(found)
    with right:
        side_panel.show(found, picked)
    _tabs(found)


def _header(found: ResultContext) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(formatting.plain(formatting.cut(found.run.name, 60)), anchor=False, width="stretch")
        downloads.downloads(found)
        if found.owner:
            share_dialog.share_button(found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(facts(found), width="content")
        next_step.offer(found)
    st.markdown(f":small[{_VERDICT_ICONS[_standing(found)]} {found.result.verdict}]")
    trust_page.brief(found, _tab_key(found))


def _standing(found: ResultContext) -> str:
    """How the result compares with k-means: a key of `_VERDICT_ICONS`."""
    return found.result.baseline.standing if found.result.baseline else "unknown"


def facts(found: ResultContext) -> str:
    """Rows, columns, method, seed and time on one line."""
    unit = {"table": "row", "image": "picture", "series": "series", "text": "text"}[found.result.kind]
    parts = [formatting.count(len(found.result), unit, "series" if unit == "series" else None)]
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
    """All tabs that the result has something for; only the open one is drawn."""
    contents: dict[str, Callable[[ResultContext], None]] = {"Groups": cluster_cards.groups}
    if found.raw is not None:
        contents["Members"] = member_table.show
    if found.result.explanations.surrogate is not None:
        contents["Rules"] = rules.show
    if found.result.confusion is not None:
        contents["Confusion"] = confusion.show
    if found.result.tree:
        contents["Tree"] = details.tree
    if found.result.alternatives:
        contents["Other groupings"] = details.alternatives
    contents["Trust"] = trust_page.show
    if found.owner:
        contents["New data"] = new_data.show
    contents |= {"Training": details.training, "Details": details.settings}
    # Not as `default`, which is part of the widget's identity: following the address, it would undo every second click.
    st.session_state.setdefault(_tab_key(found), query_params.choice("tab", list(contents), "Groups"))
    tabs = st.tabs(list(contents), key=_tab_key(found), on_change="rerun")
    for name, tab in zip(contents, tabs, strict=True):
        if tab.open:
            query_params.remember("tab", name, "Groups")
            with tab:
                contents[name](found)

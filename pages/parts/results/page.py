"""The page of a result: title and facts, headline metrics, the map beside its panel, and everything else in tabs."""

from collections.abc import Callable

import streamlit as st

from engine.features import VALUES, encoder
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
from pages.parts.training import candidates
from pages.parts.trust import page as trust_page

_VERDICT_ICONS = {
    "better": ":material/trending_up:",
    "same": ":material/balance:",
    "worse": ":material/trending_down:",
    "unknown": ":material/help:",
}


def show(context: ResultContext) -> None:
    """Draw a finished run for its owner or for a guest."""
    _header(context)
    headline_metrics.show(context.result, context.run.seconds)
    left, right = layout.split("result-split")
    with left:
        picked = map_card.show(context)
    with right:
        side_panel.show(context, picked)
    _tabs(context)


def _header(context: ResultContext) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(formatting.plain(formatting.cut(context.run.name, 60)), anchor=False, width="stretch")
        with st.container(horizontal=True, gap="small", width="content"):
            downloads.downloads(context)
            if context.owner:
                share_dialog.share_button(context)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(facts(context), width="content")
        next_step.offer(context)
    st.markdown(f":small[{_VERDICT_ICONS[_standing(context)]} {context.result.verdict}]")
    trust_page.brief(context, _tab_key(context))


def _standing(context: ResultContext) -> str:
    """How the result compares with k-means: a key of `_VERDICT_ICONS`."""
    return context.result.baseline.standing if context.result.baseline else "unknown"


def facts(context: ResultContext) -> str:
    """Rows, columns, method, seed and time on one line."""
    unit = {"table": "row", "image": "picture", "series": "series", "text": "text", "graph": "node"}[
        context.result.kind
    ]
    parts = [formatting.count(len(context.result), unit, "series" if unit == "series" else None)]
    if context.result.kind == "table":
        parts.append(formatting.count(context.dataset.columns, "column"))
    features = context.run.preparation.get("features", VALUES)
    parts += [] if features == VALUES else [f"compared: {encoder(features).card.name}"]
    parts += [
        formatting.plain(catalogue.name(context.run.method)) + _chosen_among(context),
        f"seed {context.run.seed}",
        f"done in {formatting.duration(context.run.seconds)}",
    ]
    return " · ".join(parts)


def _chosen_among(context: ResultContext) -> str:
    """Of how many combinations a search has chosen this one."""
    tried = [] if context.run.search is None else context.run.search["candidates"]
    combinations = {(one["features"], one["method"]) for one in tried if one["score"] is not None}
    return f", chosen among {len(combinations)} combinations" if len(combinations) > 1 else ""


def _decided(context: ResultContext) -> None:
    """What was tried before these groups were taken."""
    candidates.show(f"decided-{context.key}", context.workspace, context.run, owner=context.owner)


def _tab_key(context: ResultContext) -> str:
    return f"tab-{context.key}"


def _tabs(context: ResultContext) -> None:
    """All tabs that the result has something for; only the open one is drawn."""
    contents: dict[str, Callable[[ResultContext], None]] = {"Groups": cluster_cards.groups}
    if context.raw is not None:
        contents["Members"] = member_table.show
    if context.result.explanations.surrogate is not None:
        contents["Rules"] = rules.show
    if context.result.confusion is not None:
        contents["Confusion"] = confusion.show
    if context.result.tree:
        contents["Tree"] = details.tree
    if context.result.alternatives:
        contents["Other groupings"] = details.alternatives
    contents["Trust"] = trust_page.show
    if context.owner:
        contents["New data"] = new_data.show
    if context.run.search is not None:
        contents["Decided"] = _decided
    contents |= {"Training": details.training, "Details": details.settings}
    # Not as `default`, which is part of the widget's identity: following the address, it would undo every second click.
    st.session_state.setdefault(_tab_key(context), query_params.choice("tab", list(contents), "Groups"))
    tabs = st.tabs(list(contents), key=_tab_key(context), on_change="rerun")
    for name, tab in zip(contents, tabs, strict=True):
        if tab.open:
            query_params.remember("tab", name, "Groups")
            with tab:
                contents[name](context)

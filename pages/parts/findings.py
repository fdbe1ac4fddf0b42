"""The whole result: title and facts, five numbers, map and group side by side, and everything else in tabs."""

from collections.abc import Callable

import streamlit as st

from pages.parts import (
    address,
    apply,
    aside,
    catalogue,
    confusion,
    details,
    keep,
    layout,
    links,
    members,
    numbers,
    onward,
    picture,
    rules,
    trust,
    walls,
    words,
)
from pages.parts.finding import Finding

_STANDING = {
    "better": ":material/trending_up:",
    "same": ":material/balance:",
    "worse": ":material/trending_down:",
    "unknown": ":material/help:",
}


def show(found: Finding) -> None:
    """Draw a finished run for its owner or for a guest."""
    _head(found)
    numbers.show(found.result, found.run.seconds)
    left, right = layout.split("result-split")
    with left:
        picked = picture.show(found)
    with right:
        aside.show(found, picked)
    _tabs(found)


def _head(found: Finding) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(words.plain(words.cut(found.run.name, 60)), anchor=False, width="stretch")
        keep.downloads(found)
        if found.owner:
            links.share_button(found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(facts(found), width="content")
        onward.offer(found)
    st.markdown(f":small[{_STANDING[_standing(found)]} {found.result.verdict}]")
    trust.brief(found, _tab_key(found))


def _standing(found: Finding) -> str:
    return found.result.baseline.standing if found.result.baseline else "unknown"


def facts(found: Finding) -> str:
    """Rows, columns, method, seed and time on one line."""
    what = {"table": "row", "image": "picture", "series": "series", "text": "text"}[found.result.kind]
    parts = [words.count(len(found.result), what, "series" if what == "series" else None)]
    if found.result.kind == "table":
        parts.append(words.count(found.dataset.columns, "column"))
    parts += [
        words.plain(catalogue.name(found.run.method)),
        f"seed {found.run.seed}",
        f"done in {words.duration(found.run.seconds)}",
    ]
    return " · ".join(parts)


def _tab_key(found: Finding) -> str:
    return f"tab-{found.key}"


def _tabs(found: Finding) -> None:
    """Only the open tab is drawn."""
    drawn: dict[str, Callable[[Finding], None]] = {"Groups": walls.groups}
    if found.raw is not None:
        drawn["Members"] = members.show
    if found.result.understanding.imitation is not None:
        drawn["Rules"] = rules.show
    if found.result.confusion is not None:
        drawn["Confusion"] = confusion.show
    if found.result.tree:
        drawn["Tree"] = details.tree
    if found.result.alternatives:
        drawn["Other groupings"] = details.alternatives
    drawn["Trust"] = trust.show
    if found.owner:
        drawn["New data"] = apply.show
    drawn |= {"Training": details.training, "Details": details.settings}
    # Not as `default`: that is part of the tabs' identity, and a default that follows the address would undo every second click.
    st.session_state.setdefault(_tab_key(found), address.choice("tab", list(drawn), "Groups"))
    tabs = st.tabs(list(drawn), key=_tab_key(found), on_change="rerun")
    for name, tab in zip(drawn, tabs, strict=True):
        if tab.open:
            address.remember("tab", name, "Groups")
            with tab:
                drawn[name](found)

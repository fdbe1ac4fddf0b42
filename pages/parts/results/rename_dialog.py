"""The user's own names for groups: one in a small dialog, all of them in a table."""

from collections import Counter

import pandas as pd
import streamlit as st

from engine.core.formatting import format_list
from engine.results import Group, Result
from engine.results.text.markdown import plain
from pages.parts.app import dialogs, error_boundary, formatting
from pages.parts.results.context import ResultContext

LONGEST = 80
_NUMBER, _SIZE, _NAME, _WHY = "Group", "Members", "Name", "What sets it apart"


def button(context: ResultContext, group: Group) -> None:
    """The pencil beside a group's title, for its owner."""
    pressed = st.button("", icon=":material/edit:", type="tertiary", key="name-group", help="Name this group")
    if dialogs.asked(f"name-{context.key}-{group.label}", pressed):
        one(context, group.label)


def button_for_all(context: ResultContext) -> None:
    """The button that opens the table of names, for the owner."""
    pressed = st.button("Name the groups", icon=":material/edit:", type="tertiary", key="name-groups")
    if dialogs.asked(f"names-{context.key}", pressed):
        everyone(context)


@st.dialog("Name this group", icon=":material/edit:", on_dismiss=dialogs.closed)
def one(context: ResultContext, label: int) -> None:
    """One name; it is kept with the run and shown wherever the group appears."""
    group = context.workspace.result(context.run.id).groups[label]
    with error_boundary.plain_words(), st.form(f"name-{context.key}-{label}", border=False):
        st.caption(formatting.plain(plain(group.sentence)))
        name = st.text_input(
            group.title,
            group.name if group.proposed else "",
            LONGEST,
            placeholder=proposed(group),
            key=f"name-{context.key}-{label}-text",
            help="Leave it empty to have the proposed name back.",
        )
        if st.form_submit_button("Keep this name", type="primary"):
            context.workspace.names.give(context.run.id, {label: name})
            dialogs.closed()
            st.rerun()


@st.dialog("Name the groups", width="medium", icon=":material/edit:", on_dismiss=dialogs.closed)
def everyone(context: ResultContext) -> None:
    """A table of all groups; what is written into its last column is kept."""
    result = context.workspace.result(context.run.id)
    with error_boundary.plain_words():
        st.caption(
            "Names are kept with this run and shown wherever a group appears. An empty one is named by Constella."
        )
        edited = st.data_editor(
            table(result),
            hide_index=True,
            disabled=[_NUMBER, _SIZE, _WHY],
            column_order=[_NUMBER, _SIZE, _NAME, _WHY],
            column_config={
                _NUMBER: st.column_config.TextColumn(width=85),
                _SIZE: st.column_config.NumberColumn(format="localized", width=85),
                _NAME: st.column_config.TextColumn(max_chars=LONGEST, width=270),
                _WHY: st.column_config.TextColumn(width="large"),
            },
            key=f"names-{context.key}",
        )
        names = ["" if pd.isna(name) else str(name) for name in edited[_NAME]]
        st.caption(alike(result, names))
        if st.button("Keep these names", type="primary", key=f"names-{context.key}-keep"):
            context.workspace.names.give(context.run.id, changed(result, names))
            dialogs.closed()
            st.rerun()


def table(result: Result) -> pd.DataFrame:
    """Every group with the name it has now."""
    return pd.DataFrame({
        _NUMBER: [group.title for group in result.groups],
        _SIZE: [group.size for group in result.groups],
        _NAME: [group.name for group in result.groups],
        _WHY: [plain(group.sentence) for group in result.groups],
    })  # fmt: skip


def changed(result: Result, names: list[str]) -> dict[int, str]:
    """What is to be stored: the names that differ from those shown before."""
    return {group.label: name for group, name in zip(result.groups, names, strict=True) if name.strip() != group.name}


def alike(result: Result, names: list[str]) -> str:
    """A remark where several groups are called the same; it is allowed, since their numbers tell them apart."""
    count = Counter(name.strip().casefold() for name in names if name.strip())
    twice = next((name for name, n in count.items() if n > 1), None)
    if twice is None:
        return ""
    same = [g.title for g, name in zip(result.groups, names, strict=True) if name.strip().casefold() == twice]
    return f"{format_list(same)} have the same name. Their numbers still tell them apart."


def proposed(group: Group) -> str:
    """The name that Constella gives the group."""
    return group.proposed or group.name

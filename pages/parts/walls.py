"""The wall of groups: each with its size, its average and nearest real member, and what sets it apart."""

import streamlit as st

from engine.results import Group
from engine.results.prose import plain
from pages.parts import aside, chosen, colors, terms, wall, words
from pages.parts.finding import Finding


def groups(found: Finding) -> None:
    """A card per group; picking one shows it beside the map."""
    result = found.result
    if result.prototypes is not None and result.prototypes.values is not None:
        st.caption(
            f"{result.prototypes.caption}, beside the real member closest to it. Pick one to see it beside the map.",
            help=terms.HELP["prototype"],
        )
    else:
        st.caption("Pick one to see it beside the map.")
    shades = colors.groups(result.k)
    tiles = [_tile(found, group, shades[group.label]) for group in result.groups if group.size]
    picked = wall.show(f"wall-{found.key}", tiles, size=72, pick=True, chosen=chosen.current(result))
    if picked is not None:
        chosen.choose(picked)
        st.rerun()
    if result.prototypes is not None and result.prototypes.table is not None:
        _averages(found)


def _tile(found: Finding, group: Group, shade: str) -> wall.Tile:
    facts = f"{words.count(group.size, 'member')} ({words.share(group.share)})"
    said = plain(group.sentence)
    return wall.Tile(group.label, aside.titled(group), f"{facts}. {said}", aside.portrait(found, group, 72), shade)


def _averages(found: Finding) -> None:
    """The average member of each group in the user's own columns."""
    prototypes = found.result.prototypes
    assert prototypes is not None
    assert prototypes.table is not None
    table = prototypes.table.copy()
    table.insert(0, "Group", [group.title for group in found.result.groups][: len(table)])
    st.markdown(f"**{prototypes.caption}**", help=terms.HELP["prototype"])
    st.dataframe(table, hide_index=True, key=f"averages-{found.key}")

"""What stands beside the map: all groups, one group, or what the reader drew around."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.results import Group
from engine.results.text.markdown import plain
from engine.view import profile, series_band
from pages.parts.app import colors, formatting, glossary
from pages.parts.components import bars, plotly_chart, wall
from pages.parts.components.map import Selection
from pages.parts.results import (
    generated,
    map_card,
    member_table,
    outlier_note,
    rename_dialog,
    selected_cluster,
    trajectory,
    why_here,
)
from pages.parts.results.context import ResultContext, banded, drawn


def show(found: ResultContext, picked: Selection) -> None:
    """The card at the right; its height follows the map's."""
    with st.container(border=True, height=map_card.CARD, key="aside-card"):
        group = selected_cluster.current(found.result)
        if picked.mask is not None and picked.mask.any():
            _selection(found, np.flatnonzero(picked.mask))
        elif group is None:
            _all(found)
        elif group < 0:
            _unassigned(found)
        else:
            _one(found, found.result.groups[group], picked.clicked)


def _all(found: ResultContext) -> None:
    st.subheader("Groups", anchor=False, help=glossary.HELP["groups"])
    st.caption("Pick a group here or on the map, or draw around dots with the lasso.")
    label = bars.show(f"groups-{found.key}", sized(found), pick=True)
    if label is not None:
        selected_cluster.choose(label)
        st.rerun()
    if found.owner:
        rename_dialog.button_for_all(found)


def sized(found: ResultContext) -> list[bars.Bar]:
    """All groups as bars, largest first, the unassigned last."""
    result = found.result
    shades, most, n = colors.groups(result.k), max(*result.sizes.tolist(), result.unassigned, 1), max(len(result), 1)
    found_bars = [
        bars.Bar(g.label, titled(g), g.size / most, f"{g.size:,} · {formatting.share(g.share)}", shades[g.label])
        for g in sorted(result.groups, key=lambda g: -g.size)
    ]
    if result.unassigned:
        size = result.unassigned
        found_bars.append(
            bars.Bar(-1, "Unassigned", size / most, f"{size:,} · {formatting.share(size / n)}", colors.unassigned())
        )
    return found_bars


def titled(group: Group) -> str:
    """ "Group 3" or "Group 3 · loyal, high spend"."""
    return group.title if group.name == group.title else f"{group.title} · {group.name}"


def _head(found: ResultContext, title: str, facts: str, group: Group | None = None) -> None:
    left, middle, right = st.columns([8, 1, 1], vertical_alignment="center", gap="small")
    left.subheader(formatting.plain(title), anchor=False)
    with middle:
        if found.owner and group is not None:
            rename_dialog.button(found, group)
    if right.button("", icon=":material/close:", type="tertiary", key="close-group", help="Back to all groups"):
        selected_cluster.choose(None)
        st.rerun()
    st.caption(facts)


def _one(found: ResultContext, group: Group, clicked: int | None) -> None:
    result = found.result
    sure = f" · {formatting.share(group.sure)} sure on average" if group.size else ""
    _head(
        found, titled(group), f"{formatting.count(group.size, 'member')} ({formatting.share(group.share)}){sure}", group
    )
    if clicked is not None and int(result.labels[clicked]) == group.label:
        _member(found, clicked)
    _portrait(found, group)
    st.markdown(group.sentence, help=glossary.HELP["apart"] if group.differences else None)
    if group.differences:
        figure = profile(group, colors.theme(), most=6)
        figure.update_xaxes(title_text="less  ←  usual spreads  →  more")
        plotly_chart.show(
            f"profile-{found.key}-{group.label}", figure, f"What sets {group.title} apart: {plain(group.sentence)}"
        )
    generated.show(found, group)
    if found.raw is not None:
        _examples(found, "Typical members", group.typical, "The members closest to the middle of the group.")
        _examples(found, "Doubtful members", group.doubtful, glossary.HELP["doubtful"])


def _member(found: ResultContext, member: int) -> None:
    """The dot that was clicked, in words."""
    result = found.result
    second = int(result.second[member])
    other = f"; next would be {formatting.plain(result.groups[second].display_name)}" if second >= 0 else ""
    with st.container(border=True):
        st.markdown(
            f"**{formatting.plain(found.title(member))}** · {formatting.share(float(result.sure[member]))} sure{other}"
        )
        picture = found.picture(member, 64)
        if picture is not None:
            wall.show(f"clicked-{found.key}", [wall.Tile(member, pictures=((picture, ""),))], size=64)
        elif found.raw is not None:
            row = found.raw.rows.iloc[found.row(member)]
            st.caption(
                " · ".join(
                    f"{formatting.plain(name)}: {formatting.plain(formatting.cut(_cell(value), 30))}"
                    for name, value in list(row.items())[:6]
                )
            )
        outlier_note.show(result, member)
        why_here.show(found, member)
        trajectory.show(found, member)


def _cell(value: Any) -> str:
    """A cell of the user's table as people write it."""
    if isinstance(value, float):
        return formatting.value(value)  # a dash where it is blank
    return "–" if pd.isna(value) else str(value)


def _portrait(found: ResultContext, group: Group) -> None:
    """Average and nearest real member side by side, where they can be seen."""
    series = found.result.kind == "series"
    size = 72 if series else 104
    pictures = portrait(found, group, size)
    if series and found.result.bands is not None and pictures:
        # The average is drawn larger below.
        made = found.result.prototypes
        pictures = pictures[1:] if made is not None and made.source != "decoded" else pictures
    if pictures:
        wall.show(f"portrait-{found.key}", [wall.Tile(group.label, pictures=pictures)], size=size, wide=series)
    if found.result.bands is not None and group.size:
        figure = series_band(found.result.bands, group.label, colors.theme())
        plotly_chart.show(
            f"band-{found.key}-{group.label}", figure, f"{group.title}: its average series, and the middle 80 %"
        )


def portrait(found: ResultContext, group: Group, size: int = 104) -> tuple[tuple[str, str], ...]:
    """The group's average and its nearest real member as pictures with captions; empty for tables and texts."""
    result, pictures = found.result, []
    if result.prototypes is not None and result.prototypes.values is not None and group.size:
        value, shade = result.prototypes.values[group.label], colors.groups(result.k)[group.label]
        caption = "imagined" if result.prototypes.source == "decoded" else "average"
        if result.bands is not None and caption == "average":
            pictures.append((banded(result.bands, group.label, size, shade), "average, middle 80 %"))
        else:
            pictures.append((drawn(value, result.kind, size, shade), caption))
    nearest = found.picture(group.nearest, size) if group.nearest is not None else None
    if nearest is not None:
        pictures.append((nearest, "nearest real"))
    return tuple(pictures)


def _examples(found: ResultContext, title: str, some: tuple[int, ...], help_text: str) -> None:
    if some:
        st.markdown(f"**{title}**", help=help_text)
        member_table.few(f"{title.split()[0].lower()}-{found.key}", found, np.array(some[:12]))


def _unassigned(found: ResultContext) -> None:
    result = found.result
    share = formatting.share(result.unassigned / max(len(result), 1))
    _head(found, "Unassigned", f"{formatting.count(result.unassigned, 'member')} ({share})")
    st.markdown(glossary.HELP["unassigned"])
    if found.raw is not None:
        member_table.few(f"unassigned-{found.key}", found, np.flatnonzero(result.labels < 0)[:24])


def _selection(found: ResultContext, inside: np.ndarray) -> None:
    """What the reader drew around: how it is spread over the groups, and its members."""
    result = found.result
    st.subheader("Your selection", anchor=False)
    share = formatting.share(len(inside) / max(len(result), 1))
    st.caption(f"{formatting.count(len(inside), 'member')} ({share}). Press Escape on the map to let go.")
    labels, counts = np.unique(result.labels[inside], return_counts=True)
    shades = colors.groups(result.k)
    spread = [
        bars.Bar(
            int(label),
            "Unassigned" if label < 0 else result.groups[label].display_name,
            count / counts.max(),
            f"{count:,} · {formatting.share(count / len(inside))}",
            colors.unassigned() if label < 0 else shades[label],
        )
        for label, count in sorted(zip(labels.tolist(), counts.tolist(), strict=True), key=lambda pair: -pair[1])
    ]
    bars.show(f"spread-{found.key}", spread)
    if found.raw is not None:
        st.markdown("**Members**")
        member_table.few(f"selected-{found.key}", found, inside[:24])
        member_table.download(f"selected-{found.key}", found, inside)

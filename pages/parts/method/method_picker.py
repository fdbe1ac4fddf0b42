"""The methods as cards by family, "Decide for me" first; what the reader wants to see narrows them down."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from engine.core.card import Card, Family, Shows
from engine.features import VALUES
from engine.portfolio.card import AUTO, CARD
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord
from pages.parts.app import formatting, query_params
from pages.parts.data import preprocessing
from pages.parts.home import samples
from pages.parts.method import catalogue, recommend

HEIGHT = 690
_KINDS = {"table": "tables", "image": "pictures", "series": "series", "text": "texts", "graph": "graphs"}
_ICONS = {
    Family.CLASSICAL: ":material/scatter_plot:",
    Family.AUTOENCODER_FIRST: ":material/compress:",
    Family.AUTOENCODER_JOINT: ":material/compress:",
    Family.CONTRASTIVE: ":material/join_inner:",
}
_TREES = {Shows.TREE, Shows.MERGE_TREE, Shows.SPLIT_TREE}
_AVERAGES = {Shows.CENTERS, Shows.MOVING_CENTERS, Shows.PROTOTYPES, Shows.MEDOIDS}


@dataclass(frozen=True)
class Wish:
    """Something a reader may want of a method: what the filter calls it, and which cards have it."""

    label: str
    fits: Callable[[Card], bool]


WISHES: dict[str, Wish] = {
    "estimates_k": Wish("finds the number of groups", lambda card: card.estimates_k or not card.needs_k),
    "tree": Wish("shows a tree", lambda card: not _TREES.isdisjoint(card.shows)),
    "averages": Wish("shows averages", lambda card: not _AVERAGES.isdisjoint(card.shows)),
    "groupings": Wish("finds several groupings", lambda card: Shows.GROUPINGS in card.shows),
    "generated": Wish("generates new members", lambda card: Shows.GENERATED in card.shows),
    "noise": Wish("leaves outliers out", lambda card: Shows.NOISE in card.shows),
    "no_network": Wish("works without a network", lambda card: card.family is Family.CLASSICAL),
}


def show(key: str, workspace: Workspace, record: DatasetRecord) -> Card:
    """Draw the cards in a scrolling column; return the one that is chosen."""
    kinds = {record.kind} if preprocessing.current(record).features == VALUES else {record.kind, "table"}
    cards = [card for card in catalogue.cards() if any(map(card.takes, kinds))]
    chosen = query_params.choice("method", [AUTO, *(card.id for card in cards)], AUTO)
    with st.container(height=HEIGHT, border=False, key=f"{key}-cards"):
        _decide(key, chosen)
        wanted = _filter(key, cards)
        fitting = [card for card in cards if all(WISHES[wish].fits(card) for wish in wanted)]
        for family in dict.fromkeys(card.family for card in fitting):
            st.subheader(f"{_ICONS.get(family, ':material/hub:')} {formatting.plain(family.heading)}", anchor=False)
            _family(key, [card for card in fitting if card.family == family], chosen)
        _unfit(record.kind, cards)
    return CARD if chosen == AUTO else next(card for card in cards if card.id == chosen)


def groups(workspace: Workspace, record: DatasetRecord) -> tuple[int, str]:
    """The number of groups to start from, and where it comes from."""
    raw, now = workspace.raw(record.id), preprocessing.current(record)
    classes = next((column.distinct for column in raw.columns if now.role(column) == "label"), None)
    return recommend.groups(recommend.Facts(record.n, classes, samples.groups(record)))


def _decide(key: str, chosen: str) -> None:
    with st.container(border=True, key=f"{key}-advice"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            st.markdown(f":material/auto_awesome: **{CARD.name}**  \n{CARD.idea}")
        with right:
            _button(key, "advice", AUTO, chosen)


def _filter(key: str, cards: list[Card]) -> list[str]:
    """What the reader wants; only wishes that some but not all methods fulfil are offered."""
    offered = [key for key, wish in WISHES.items() if 0 < sum(map(wish.fits, cards)) < len(cards)]
    if not offered:
        return []
    return st.pills("I want a method that …", offered, selection_mode="multi", format_func=_label, key=f"{key}-wishes")


def _label(wish: str) -> str:
    return WISHES[wish].label


def _family(key: str, cards: list[Card], chosen: str) -> None:
    grid = st.grid(2, min_column_width=250, gap="small", key=f"{key}-{cards[0].family}")
    for card in cards:
        with grid, st.container(border=True, height="stretch", gap="small"):
            st.markdown(
                f"**{formatting.plain(card.name)}** :small[:gray[{card.year}]]  \n{formatting.plain(card.idea)}",
                help=formatting.plain(card.caution) or None,
            )
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(" ".join(f":gray-badge[{badge}]" for badge in badges(card)), width="stretch")
                _button(key, "card", card.id, chosen)


def badges(card: Card) -> list[str]:
    """At most three words on what a method needs and gives."""
    badges = ["finds the number"] if card.estimates_k or not card.needs_k else ["needs the number"]
    if len(card.data) < 4:
        badges.append(
            " and ".join(_KINDS[kind] for kind in sorted(card.data)) + " only"
            if len(card.data) < 3
            else f"no {_missing(card)}"
        )
    badges += [badge for badge in ("tree", "averages") if WISHES[badge].fits(card)]
    if card.memory == "n2":
        badges.insert(1, "small data")
    return badges[:3]


def _missing(card: Card) -> str:
    return next(name for kind, name in _KINDS.items() if kind not in card.data)


def _button(key: str, place: str, method: str, chosen: str) -> None:
    if method == chosen:
        st.markdown(":blue-badge[:material/check: chosen]", width="content")
    elif st.button("Choose", key=f"{key}-{place}-{method}"):
        st.query_params["method"] = method
        st.rerun()


def _unfit(kind: str, fit: list[Card]) -> None:
    """Methods that exist but do not take this kind of data, by name only."""
    others = [card.name for card in catalogue.cards() if card not in fit]
    if others:
        st.caption(f"Not for {_KINDS[kind]}: {', '.join(formatting.plain(name) for name in others)}.")

"""What is compared: the values as they are, or features of them; one sentence each, and what it costs."""

import streamlit as st

from engine.features import VALUES, encoders, plain_card
from engine.features.base import EncoderCard
from engine.intake import Preparation, Raw, suggested_features
from engine.intake.recipes.preparing import kind_of_features
from engine.runs.db.records import DatasetRecord
from pages.parts.app import formatting


def cards(raw: Raw, now: Preparation) -> tuple[EncoderCard, ...]:
    """What the data can be compared by; the values first, graphs by nothing else."""
    kind = kind_of_features(raw, now)
    return (plain_card(kind), *encoders(kind))


def show(record: DatasetRecord, raw: Raw, now: Preparation) -> str:
    """The choice; returns the id of what is chosen."""
    offered = {card.id: card for card in cards(raw, now)}
    if len(offered) < 2:
        return VALUES
    st.subheader("What is compared", anchor=False)
    suggested, why = _cached_suggestion(record.id, now.key(), raw, now)
    current = now.features if now.features in offered else VALUES
    chosen = st.radio(
        "What is compared",
        list(offered),
        index=list(offered).index(current),
        format_func=lambda name: _label(offered[name], suggested),
        captions=[formatting.plain(card.idea) for card in offered.values()],
        label_visibility="collapsed",
        key=f"compared-{record.id}",
    )
    if why:
        which = "" if suggested == chosen else f"**{formatting.plain(offered[suggested].name)}** is suggested. "
        st.caption(f":material/lightbulb: {which}{why}")
    if said := _about(offered[chosen], record.n):
        st.caption(said)
    return chosen


@st.cache_data(max_entries=100, show_spinner=False)
def _cached_suggestion(dataset: str, key: str, _raw: Raw, _now: Preparation) -> tuple[str, str]:
    return suggested_features(_raw, _now)


def _label(card: EncoderCard, suggested: str) -> str:
    return f"{card.name} :gray-badge[suggested]" if card.id == suggested else card.name


def _about(card: EncoderCard, n: int) -> str:
    """Where the features come from, and how long they take."""
    if card.id == VALUES:
        return ""
    said = [f"After {formatting.plain(card.source)}."]
    if card.trained_on:
        said.append(f"It has learned from other data: {formatting.plain(card.trained_on)}.")
    seconds = card.seconds * n / 1000
    if seconds > 5:
        said.append(f"It takes about {formatting.duration(round(seconds, -1) or 10)} once, on two processor cores.")
    return " ".join(said)

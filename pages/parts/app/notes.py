"""What reading a file noticed: the first sentences at once, the others on a click."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.app import formatting

_AT_ONCE = 4


def show(notes: Sequence[str]) -> None:
    """Captions; nothing where there is nothing to say."""
    _captions(notes[:_AT_ONCE])
    if len(notes) > _AT_ONCE:
        with st.popover(f"{len(notes) - _AT_ONCE} more", type="tertiary"):
            _captions(notes[_AT_ONCE:])


def _captions(notes: Sequence[str]) -> None:
    for note in notes:
        st.caption(f":material/info: {formatting.sentence(note)}")

"""Choices that live in the page's address, so that a link shows what its sender saw."""

from collections.abc import Callable, Sequence

import streamlit as st


def choice(name: str, options: Sequence[str], default: str) -> str:
    """The option that the address names; the default where it names none or an unknown one."""
    asked = st.query_params.get(name)
    return asked if asked is not None and asked in options else default


def remember(name: str, value: str, default: str) -> None:
    """Put a choice into the address; the default needs no place there."""
    if value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def number(name: str, fits: Callable[[int], bool]) -> int | None:
    """A whole number from the address, written in the digits 0 to 9 alone, if it is one that fits."""
    asked = st.query_params.get(name, "")
    value = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    return value if value is not None and fits(value) else None


def several(name: str) -> list[str]:
    """What the address lists, parted by commas: each once, in its order."""
    return list(dict.fromkeys(part for part in st.query_params.get(name, "").split(",") if part))

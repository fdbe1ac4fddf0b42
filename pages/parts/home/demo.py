"""The way to the finished example that waits on the first page."""

import streamlit as st

from engine.runs.db.records import RunRecord
from engine.runs.example import ensure, find
from pages.parts.app import current

__all__ = ["button", "ensure", "find"]


def button(example: RunRecord | None) -> None:
    """The way to the example; while it is being made, the button says so and leads to its training."""
    if example is not None and example.state == "done":
        if st.button("Open the finished example", type="primary", icon=":material/bubble_chart:", key="example"):
            current.go("results", run=example.id)
    elif example is not None and not example.active:
        if st.button("See what happened to the example", type="primary", key="example-ended"):
            current.go("training", run=example.id)
    elif st.button(
        "Watch the example being made",
        type="primary",
        icon=":material/timeline:",
        key="example-live",
        disabled=example is None,
    ):
        assert example is not None
        current.go("training", run=example.id)

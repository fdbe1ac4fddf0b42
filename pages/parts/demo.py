"""The finished example that waits on the first page: handwritten digits, sorted by IDEC with the Quick preset."""

import streamlit as st

from engine.card import preset
from engine.runs import Settings, Workspace
from engine.runs.records import RunRecord
from pages.parts import catalogue, here

SAMPLE, METHOD, GROUPS = "digits", "idec", 10
TITLE = "Handwritten digits"


def ensure(place: Workspace) -> bool:
    """Bring the sample in and have the example trained by a worker; True once nothing is left to ask for.

    Called again and again by the thread that keeps workers alive, until it says True. An example that the user stopped
    or deleted while this server runs does not come back.
    """
    state = place.importing(place.add(SAMPLE).id)
    if state.state == "failed":
        return True
    card = catalogue.card(METHOD)
    if state.dataset is None or card is None:
        return card is None
    if find(place) is None:
        run = place.submit(
            Settings(dataset=state.dataset, method=METHOD, n_clusters=GROUPS, knobs=preset(card.knobs, "quick"))
        )
        place.rename(run.id, TITLE)
    return True


def find(place: Workspace) -> RunRecord | None:
    """The example's run, whatever its state."""
    samples = {record.id for record in place.datasets() if record.sample and record.name == SAMPLE}
    runs = [run for run in place.runs() if run.dataset in samples and run.method == METHOD and run.name == TITLE]
    return runs[-1] if runs else None


def button(example: RunRecord | None) -> None:
    """The way to the example; while it is being made, the button says so and leads to its training."""
    if example is not None and example.state == "done":
        if st.button("Open the finished example", type="primary", icon=":material/bubble_chart:", key="example"):
            here.go("results", run=example.id)
    elif example is not None and not example.active:
        if st.button("See what happened to the example", type="primary", key="example-ended"):
            here.go("training", run=example.id)
    elif st.button(
        "Watch the example being made",
        type="primary",
        icon=":material/timeline:",
        key="example-live",
        disabled=example is None,
    ):
        assert example is not None
        here.go("training", run=example.id)

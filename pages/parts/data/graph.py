"""A graph as it arrived: how large and how dense it is, how many links its nodes have, and the nodes themselves."""

import numpy as np
import streamlit as st

from engine.intake import GraphFacts, Raw, ReadOptions, graph_facts
from engine.intake.graph import LINKS
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord
from pages.parts.app import current, formatting
from pages.parts.data import column_pictures

_BINS = 20


def offer(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    """The button that reads a table of edges as a graph; none for other data."""
    if raw.kind != "table" or "graph" not in raw.alternatives.get("kind", ()) or workspace.original(record.id) is None:
        return
    if st.button("Read as graph", icon=":material/hub:", key="graph-now", help="Nodes are grouped by their links."):
        options = ReadOptions.from_json(raw.options.to_json() | {"kind": "graph"})
        current.go("data", arriving=workspace.read_again(record.id, options).id, dataset=record.id)


def show(key: str, raw: Raw) -> None:
    """Counts, the histogram of links, and the nodes with the most links first."""
    facts = _facts(key, raw)
    shown = {
        "Nodes": f"{facts.nodes:,}",
        "Links": f"{facts.links:,}",
        "Density": formatting.share(facts.density),
        "Without a link": f"{facts.isolated:,}",
        "Parts": f"{facts.parts:,}",
    }
    with st.container(horizontal=True, gap="medium"):
        for name, value in shown.items():
            st.metric(name, value, width="content", help=_HELP.get(name))
    most = int(facts.degrees.max())
    bins = np.histogram(facts.degrees, min(_BINS, most + 1), (-0.5, most + 0.5))[0]
    st.markdown(f"**Links of a node** :small[:gray[at most {most:,}, {facts.degrees.mean():.1f} on average]]")
    st.image(
        column_pictures.ranges([int(n) for n in bins]),
        width="stretch",
        alt=f"How many nodes have how many links, from 0 to {most:,}",
    )
    rows = raw.rows.nlargest(500, LINKS)
    st.dataframe(rows, key=f"rows-{key}", height=240, hide_index=True)


@st.cache_data(max_entries=50, show_spinner=False)
def _facts(dataset: str, _raw: Raw) -> GraphFacts:
    return graph_facts(_raw)


_HELP = {
    "Density": "The share of all pairs of nodes that are linked.",
    "Parts": "Sets of linked nodes without a link between them.",
}

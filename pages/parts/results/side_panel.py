"""The card beside the map: what the reader looks at decides which panel is drawn in it."""

import numpy as np
import streamlit as st

from pages.parts.components.map import Selection
from pages.parts.results import cluster_panel, map_card, overview_panel, selected_cluster, selection_panel
from pages.parts.results.context import ResultContext


def show(found: ResultContext, picked: Selection) -> None:
    """A selection on the map, else the chosen group, else all groups; the height follows the map's."""
    with st.container(border=True, height=map_card.CARD, key="aside-card"):
        label = selected_cluster.current(found.result)
        if picked.mask is not None and picked.mask.any():
            selection_panel.show(found, np.flatnonzero(picked.mask))
        elif label is None:
            overview_panel.show(found)
        elif label < 0:
            cluster_panel.show_unassigned(found)
        else:
            cluster_panel.show(found, found.result.groups[label], picked.clicked)

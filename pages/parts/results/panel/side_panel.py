"""The card beside the map, with the panel of what is selected: members, a group, or nothing."""

import numpy as np
import streamlit as st

from pages.parts.components.map import Selection
from pages.parts.results import map_card, selected_cluster
from pages.parts.results.context import ResultContext
from pages.parts.results.panel import cluster, overview, selection


def show(context: ResultContext, picked: Selection) -> None:
    """Draw the lasso selection, else the selected group, else all groups; the card is as high as that of the map."""
    with st.container(border=True, height=map_card.CARD, key="aside-card"):
        label = selected_cluster.current(context.result)
        if picked.mask is not None and picked.mask.any():
            selection.show(context, np.flatnonzero(picked.mask))
        elif label is None:
            overview.show(context)
        elif label < 0:
            cluster.show_unassigned(context)
        else:
            cluster.show(context, context.result.groups[label], picked.clicked)

"""A run's map as a stamp-sized picture for lists."""

from itertools import pairwise

import numpy as np
import streamlit as st

from engine.runs import Workspace
from engine.runs.access import BY_STORE
from engine.runs.db.records import RunRecord
from engine.view import Theme, data_uri, palette
from pages.parts.app import colors
from pages.parts.results import projection_picker
from pages.parts.training import training_view

_MOST = 260


def show(workspace: Workspace, run: RunRecord, width: int | str = 112) -> None:
    """The newest picture of the run; a pale constellation where there is none."""
    svg = _cached(workspace, run.id, colors.theme()) if run.state == "done" else draw(workspace, run.id, colors.theme())
    st.image(data_uri(svg.encode(), "image/svg+xml"), width=width, alt=f"Small map of {run.name}")  # type: ignore[arg-type]


@st.cache_data(max_entries=300, show_spinner=False, hash_funcs=BY_STORE)
def _cached(workspace: Workspace, run: str, theme: Theme) -> str:
    return draw(workspace, run, theme)


def draw(workspace: Workspace, run: str, theme: Theme) -> str:
    """The newest frame of a run's recording as SVG, at most a few hundred dots."""
    return picture(_positions(workspace, run), theme)


def picture(points: tuple[np.ndarray, np.ndarray] | None, theme: Theme) -> str:
    """Positions [m, 2] and labels [m] as a small map in SVG; a pale constellation for None."""
    dots = ""
    if points is not None:
        every = max(1, len(points[0]) // _MOST)
        dots = _dots(points[0][::every], points[1][::every], theme)
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 168 112" width="168" height="112">'
    return f"{frame}{dots or _nothing(theme)}</svg>"


def _positions(workspace: Workspace, run: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Positions and labels: of the result where there is one, else of the newest frame."""
    if workspace.run(run).state == "done":
        result = workspace.result(run)
        return result.maps[projection_picker.best(result)], result.labels
    recording = workspace.frame(run)
    last = recording.frames[-1] if recording.frames else None
    if last is None or last.positions is None or recording.sample is None:
        return None
    return last.positions, training_view.sampled(last.labels, recording.sample, len(last.positions))


def _dots(positions: np.ndarray, labels: np.ndarray, theme: Theme) -> str:
    low, high = np.nanpercentile(positions, [1, 99], axis=0)
    points = 8 + (np.clip(positions, low, high) - low) / np.maximum(high - low, 1e-9) * np.array([152, 96])
    shades = palette(max(int(labels.max(initial=0)) + 1, 1), theme)
    shades = (*shades, "#8A90A0")  # the last one is that of label -1
    return "".join(
        f'<circle cx="{x:.1f}" cy="{112 - y:.1f}" r="2.2" fill="{shades[label]}" fill-opacity="0.8"/>'
        for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True)
        if np.isfinite(x) and np.isfinite(y)
    )


def _nothing(theme: Theme) -> str:
    shade = "#C9D0E4" if theme == "light" else "#39435F"
    points = ((36, 70), (62, 38), (92, 60), (128, 30), (112, 84))
    lines = "".join(f'<path d="M{a[0]} {a[1]} L{b[0]} {b[1]}" stroke="{shade}"/>' for a, b in pairwise(points))
    return lines + "".join(f'<circle cx="{x}" cy="{y}" r="4" fill="{shade}"/>' for x, y in points)

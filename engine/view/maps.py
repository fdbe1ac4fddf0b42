"""The map as a plotly figure, for where the product's own map component cannot run, and in three dimensions."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.results.record.record import Bools, Floats, Ints, Result
from engine.view.palette import Theme, color
from engine.view.style import CLEAR, bare, escaped, figure, outline, shown, titles


def map2d(result: Result, theme: Theme = "light", *, name: str = "pca2", hover: Sequence[str] = ()) -> go.Figure:
    """The members as points in the plane (WebGL), colored by group; `hover` may hold a text per member."""
    positions = result.maps[name]
    made = figure(theme, 520, dragmode="pan", legend=_legend(), showlegend=True)
    made.update_layout(xaxis=bare(theme), yaxis=bare(theme, scaleanchor="x"))
    for label, rows in _parts(result):
        made.add_scattergl(
            x=positions[rows, 0],
            y=positions[rows, 1],
            mode="markers",
            marker={
                "size": _size(len(result)),
                "color": color(label, theme),
                "line": outline(label, theme),
                "opacity": 0.8,
            },
            **_words(result, label, rows, hover),
        )
    return made


def map3d(result: Result, theme: Theme = "light", *, name: str = "pca3", hover: Sequence[str] = ()) -> go.Figure:
    """The members as points in space, colored by group; above 20,000 members an even sample is drawn."""
    positions = result.maps[name]
    made = figure(theme, 560, legend=_legend(), showlegend=True)
    blank = {"visible": False, "showbackground": False}
    made.update_layout(scene={"xaxis": blank, "yaxis": blank, "zaxis": blank, "aspectmode": "data"})
    every = max(1, -(-len(result) // 20_000))
    for label, rows in _parts(result):
        rows = rows[::every]
        made.add_scatter3d(
            x=positions[rows, 0],
            y=positions[rows, 1],
            z=positions[rows, 2],
            mode="markers",
            marker={"size": 2.6, "color": color(label, theme), "opacity": 0.85},
            **_words(result, label, rows, hover),
        )
    return made


def _parts(result: Result) -> list[tuple[int, Ints]]:
    return [(label, _where(result.labels == label)) for label in shown(result)]


def _where(mask: Bools) -> Ints:
    return np.flatnonzero(mask).astype(np.int64)


def _size(n: int) -> float:
    """Dots shrink as they get more: 7 pixels for a hundred, 3 for ten thousand and beyond."""
    return float(np.clip(11 - 2 * np.log10(max(n, 1)), 3, 7))


def _legend() -> dict[str, object]:
    return {"itemsizing": "constant", "x": 1.01, "xanchor": "left", "y": 1, "bgcolor": CLEAR}


def _words(result: Result, label: int, rows: Ints, hover: Sequence[str]) -> dict[str, object]:
    name = titles(result.groups)[label]
    short = escaped("Unassigned" if label < 0 else result.groups[label].display_name, 32)
    text = [escaped(hover[i], 160) for i in rows] if hover else [f"Row {result.kept[i] + 1:,}" for i in rows]
    return {
        "name": f"{short} · {len(rows):,}",
        "text": text,
        "customdata": result.sure[rows],
        "hovertemplate": f"<b>%{{text}}</b><br>{name}<br>%{{customdata:.0%}} sure<extra></extra>",
    }


def best(result: Result, wanted: str = "") -> tuple[str, Floats]:
    """Name and positions of the map to show: the one asked for, else UMAP once it is ready, else PCA."""
    name = next(name for name in (wanted, "umap2", "pca2") if name in result.maps)
    return name, result.maps[name]

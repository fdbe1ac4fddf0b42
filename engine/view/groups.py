"""Figures about the groups: sizes, what sets one apart, how they meet the labels."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.results.record.record import Bands, Confusion, Group, Result
from engine.view.palette import TOKENS, Theme, color, diverging, faded, sequential
from engine.view.style import axis, escaped, figure, outline, shown, titles


def sizes(result: Result, theme: Theme = "light") -> go.Figure:
    """One bar per group in the group's color, largest on top; unassigned members come last."""
    labels = shown(result)
    count = {label: int(result.sizes[label]) if label >= 0 else result.unassigned for label in labels}
    labels.sort(key=lambda label: (label < 0, -count[label]))
    names, total = titles(result.groups), max(len(result), 1)
    made = figure(theme, 60 + 30 * len(labels), bargap=0.35, xaxis={"visible": False})
    made.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    made.add_bar(
        orientation="h",
        x=[count[label] for label in labels],
        y=[names[label] for label in labels],
        text=[f"{count[label]:,} · {count[label] / total:.0%}" for label in labels],
        textposition="auto",
        insidetextanchor="end",
        cliponaxis=False,
        marker={
            "color": [color(label, theme) for label in labels],
            "line": {
                "width": [outline(label, theme)["width"] for label in labels],
                "color": outline(-1, theme)["color"],
            },
            "cornerradius": 5,
        },
        hovertemplate="<b>%{y}</b><br>%{text}<extra></extra>",
    )
    return made


def profile(group: Group, theme: Theme = "light", most: int = 10) -> go.Figure:
    """The columns that set a group apart as diverging bars, in standard deviations, with 95 % intervals."""
    found = group.differences[:most]
    less, more = diverging(theme)
    made = figure(theme, 64 + 30 * max(len(found), 1), bargap=0.4)
    if not found:
        return _empty(made, "Nothing sets this group clearly apart.", theme)
    made.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    made.update_xaxes(title_text="less than the others  ←  standard deviations  →  more", zeroline=True)
    made.update_xaxes(zerolinecolor=TOKENS[theme]["muted"], zerolinewidth=1)
    made.add_bar(
        orientation="h",
        x=[d.effect for d in found],
        y=[escaped(f"{d.column}: {d.value}" if d.value else d.column, 34) for d in found],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [d.high - d.effect for d in found],
            "arrayminus": [d.effect - d.low for d in found],
            "color": TOKENS[theme]["muted"],
            "thickness": 1.2,
            "width": 3,
        },
        marker={"color": [more if d.effect > 0 else less for d in found], "cornerradius": 4},
        customdata=[[escaped(_plain(d.sentence), 160), d.low, d.high] for d in found],
        hovertemplate="%{customdata[0]}<br>%{x:.2f} (95 %: %{customdata[1]:.2f} to %{customdata[2]:.2f})"
        "<extra></extra>",
    )
    return made


def confusion(table: Confusion, groups: tuple[Group, ...], theme: Theme = "light") -> go.Figure:
    """True classes against groups in matched order: the color is the share of the class, the number the count."""
    columns = [escaped(_called(groups, label), 24) for label in table.groups]
    rows = [escaped(name, 30) for name in table.classes]
    crowded = table.counts.size > 400
    made = figure(theme, min(120 + 34 * len(rows), 900))
    made.update_xaxes(side="top", showgrid=False, type="category", tickangle=-40 if len(columns) > 6 else 0)
    made.update_yaxes(autorange="reversed", showgrid=False, type="category", ticklabelstandoff=8)
    made.add_heatmap(
        z=table.shares,
        x=columns,
        y=rows,
        text=np.where(table.counts > 0, table.counts.astype(str), ""),
        texttemplate="" if crowded else "%{text}",
        colorscale=sequential(theme),
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="<b>%{y}</b> in %{x}<br>%{text} members, %{z:.0%} of the label<extra></extra>",
    )
    return made


def series_band(bands: Bands, label: int, theme: Theme = "light", *, channel: int = 0) -> go.Figure:
    """A group's mean series with the band that holds the middle 80 % of its members."""
    shade, time = color(label, theme), np.arange(bands.mean.shape[-1])
    low, mean, high = (part[label, channel] for part in (bands.low, bands.mean, bands.high))
    made = figure(theme, 220, hovermode="x unified")
    made.update_xaxes(showgrid=False, title_text="time step")
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    made.add_scatter(x=time, y=low, **edge)
    made.add_scatter(x=time, y=high, fill="tonexty", fillcolor=faded(shade, 0.22), **edge)
    made.add_scatter(
        x=time, y=mean, mode="lines", line={"color": shade, "width": 2.5}, hovertemplate="%{y:.3g}<extra></extra>"
    )
    return made


def flow(a: Result, b: Result, names: tuple[str, str] = ("", ""), theme: Theme = "light") -> go.Figure:
    """How the members of one grouping are spread over another, by the rows both have, as a Sankey diagram."""
    _, ours, theirs = np.intersect1d(a.kept, b.kept, return_indices=True)
    pairs, counts = np.unique(np.stack([a.labels[ours], b.labels[theirs]], 1), axis=0, return_counts=True)
    left, right = sorted(set(pairs[:, 0].tolist()), key=_last), sorted(set(pairs[:, 1].tolist()), key=_last)
    full = [titles(a.groups)[label] for label in left] + [titles(b.groups)[label] for label in right]
    shades = [color(label, theme) for label in [*left, *right]]
    made = figure(theme, 140 + 30 * max(len(left), len(right)))
    made.add_sankey(
        node={
            "label": [
                escaped(_called(run.groups, label), 32) for run, side in ((a, left), (b, right)) for label in side
            ],
            "customdata": full,
            "color": shades,
            "pad": 14,
            "thickness": 16,
            "line": {"width": 0},
            "hovertemplate": "%{customdata}<br>%{value:,} members<extra></extra>",
        },
        link={
            "source": [left.index(pair[0]) for pair in pairs.tolist()],
            "target": [len(left) + right.index(pair[1]) for pair in pairs.tolist()],
            "value": counts,
            "color": [faded(color(pair[0], theme), 0.35) for pair in pairs.tolist()],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value:,} members<extra></extra>",
        },
        textfont={"color": TOKENS[theme]["text"], "size": 12},
    )
    for x, name in zip((0, 1), names, strict=True):
        made.add_annotation(x=x, y=1.06, xref="paper", yref="paper", text=escaped(name), showarrow=False)
    made.update_layout(margin={"l": 8, "r": 8, "t": 36 if any(names) else 8, "b": 8})
    return made


def _last(label: int) -> tuple[bool, int]:
    return label < 0, label


def _called(groups: Sequence[Group], label: int) -> str:
    """Short enough for an axis: the number, and the name only where the user chose it."""
    return "Unassigned" if label < 0 else groups[label].display_name


def _plain(markdown: str) -> str:
    from engine.results.text.markdown import plain

    return plain(markdown)


def _empty(made: go.Figure, sentence: str, theme: Theme) -> go.Figure:
    made.update_layout(xaxis={"visible": False}, yaxis=axis(theme, visible=False))
    made.add_annotation(text=sentence, showarrow=False, font={"color": TOKENS[theme]["muted"]})
    return made

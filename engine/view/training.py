"""Figures of a training: one curve per loss term, members still changing group, group sizes over time."""

import math
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from engine.results.record.history import moments
from engine.results.record.record import Moment
from engine.view.palette import TOKENS, Theme, color, faded
from engine.view.style import escaped, figure


def terms(history: Iterable[Any]) -> tuple[str, ...]:
    """Names of the loss terms in order of appearance."""
    return tuple(dict.fromkeys(name for moment in moments(history) for name in moment.terms))


def curve(history: Iterable[Any], term: str, theme: Theme = "light") -> go.Figure:
    """One loss term over the rounds, stages marked; `history` holds snapshots, their records or moments."""
    course = moments(history)
    points = [(x, moment) for x, moment in zip(_rounds(course), course, strict=True) if term in moment.terms]
    made = _frame(course, theme)
    made.add_scatter(
        x=[x for x, _ in points],
        y=[moment.terms[term] for _, moment in points],
        mode="lines" if len(points) > 1 else "markers",
        line={"color": TOKENS[theme]["primary"], "width": 2.2},
        marker={"size": 8, "color": TOKENS[theme]["primary"]},
        customdata=[[escaped(m.stage_title), m.epoch, m.epochs] for _, m in points],
        hovertemplate="%{customdata[0]}, round %{customdata[1]} of %{customdata[2]}<br><b>%{y:.4g}</b><extra></extra>",
    )
    return made


def curves(history: Iterable[Any], theme: Theme = "light") -> dict[str, go.Figure]:
    """A figure for each loss term, by the term's name."""
    course = moments(history)
    return {term: curve(course, term, theme) for term in terms(course)}


def changed(history: Iterable[Any], theme: Theme = "light") -> go.Figure:
    """Share of members that moved to another group since the observation before."""
    course = moments(history)
    points = [(x, m.changed) for x, m in zip(_rounds(course), course, strict=True) if m.changed is not None]
    made = _frame(course, theme)
    made.update_yaxes(tickformat=".0%", rangemode="tozero")
    made.add_scatter(
        x=[x for x, _ in points],
        y=[share for _, share in points],
        mode="lines" if len(points) > 1 else "markers",
        fill="tozeroy",
        fillcolor=faded(TOKENS[theme]["primary"], 0.12),
        line={"color": TOKENS[theme]["primary"], "width": 2.2},
        hovertemplate="<b>%{y:.1%}</b> of members changed group<extra></extra>",
    )
    return made


def sizes_over_time(history: Iterable[Any], theme: Theme = "light") -> go.Figure:
    """Group sizes as stacked bands, from the first observation that has groups."""
    course = moments(history)
    points = [(x, m.sizes) for x, m in zip(_rounds(course), course, strict=True) if m.sizes]
    made = _frame(course, theme)
    made.update_yaxes(rangemode="tozero")
    for label in range(max((len(found) for _, found in points), default=0)):
        made.add_scatter(
            x=[x for x, _ in points],
            y=[found[label] if label < len(found) else 0 for _, found in points],
            stackgroup="groups",
            mode="lines",
            line={"width": 0.8, "color": TOKENS[theme]["background"]},
            fillcolor=color(label, theme),
            hovertemplate=f"Group {label + 1}: %{{y:,}}<extra></extra>",
        )
    return made


def _rounds(course: tuple[Moment, ...]) -> list[float]:
    """Rounds done over all stages at each moment; one that is not at the end of a round lies half-way."""
    done, found = 0, []
    for moment in course:
        done += bool(moment.terms)
        found.append(float(done) if moment.terms else done + 0.5)
    return found


def _frame(course: tuple[Moment, ...], theme: Theme) -> go.Figure:
    made = figure(theme, 200, hovermode="closest", margin={"l": 8, "r": 8, "t": 26, "b": 8})
    made.update_xaxes(showgrid=False, title_text="round", rangemode="tozero")
    rounds = _rounds(course)
    for i, moment in enumerate(course):
        if i and moment.stage == course[i - 1].stage:
            continue
        start = math.ceil(rounds[i]) - 0.5
        if i:
            made.add_vline(x=start, line={"width": 1, "dash": "dot", "color": TOKENS[theme]["muted"]})
        made.add_annotation(
            x=start,
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor="left",
            text=escaped(moment.stage_title, 24),
            showarrow=False,
            font={"size": 11, "color": TOKENS[theme]["muted"]},
        )
    return made

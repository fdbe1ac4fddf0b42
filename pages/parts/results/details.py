"""What stands in the tabs below a result: trees, other groupings, the training, every setting."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine import view
from engine.core.card import knobs_of
from engine.features import VALUES, encoder, plain_card
from engine.results import MEASURES, sampling_note
from pages.parts.app import colors, formatting, glossary, layout
from pages.parts.components import bars, curves, plotly_chart
from pages.parts.method import catalogue
from pages.parts.results import headline_metrics
from pages.parts.results.context import ResultContext
from pages.parts.training import playback, training_view


def tree(context: ResultContext) -> None:
    """The tree of groups."""
    st.caption("Branches that part near the top differ the most. Circles are as large as the groups they stand for.")
    plotly_chart.show(f"tree-{context.key}", view.tree(context.result.tree or [], colors.theme()))


def alternatives(context: ResultContext) -> None:
    """Other ways the method found to sort the same members."""
    st.caption(
        "The same members can be sorted by more than one property. Each of these is another answer to the question."
    )
    names = list(context.result.alternatives)
    name = st.segmented_control(
        "Grouping",
        names,
        default=names[0],
        required=True,
        format_func=formatting.plain,
        key=f"alternative-{context.key}",
    )
    labels = context.result.alternatives[name or names[0]]
    counts = np.bincount(labels[labels >= 0])
    bars.show(f"alternative-sizes-{context.key}", training_view.sized(counts))


def training(context: ResultContext) -> None:
    """The curves of the training, and its play-back on the map."""
    history = context.result.history or tuple(training_view.moments(context.workspace.history(context.run.id)))
    left, right = layout.split("training-split", 1, 1, 380)
    with left:
        st.markdown("**Play-back**", help="How the members moved while the method learned.")
        playback.show(f"result-{context.key}", context.workspace, context.run, height=380, autoplay=False)
    with right:
        st.markdown("**Curves**", help=glossary.HELP["loss"])
        lines = training_view.lines(history, context.run.method)
        if lines:
            curves.show(f"result-curves-{context.key}", lines, training_view.marks(history))
        else:
            st.caption("This method learns in one go; there is no curve to show.")


def settings(context: ResultContext) -> None:
    """Everything that made this result, and how to make it again."""
    run, card = context.run, catalogue.card(context.run.method)
    left, right = layout.split("settings-split", 1, 1, 380)
    with left:
        if card is not None:
            st.markdown(f"**{formatting.plain(card.name)}** ({card.year})  \n{formatting.plain(card.idea)}")
            st.caption(f"{formatting.plain(card.authors)}: {formatting.plain(card.paper)}")
            axes = card.axes(run.knobs).items()
            rows = [(axis.replace("_", "-").capitalize(), value) for axis, value in axes]
            st.dataframe(
                pd.DataFrame(rows, columns=["Axis", "This method"]), hide_index=True, key=f"axes-{context.key}"
            )
        st.markdown("**All measures**")
        st.dataframe(_measures(context), hide_index=True, key=f"measures-{context.key}")
        if note := sampling_note(len(context.result)):
            st.caption(note)
        if context.result.report:
            st.markdown("**What the method counted**", help=glossary.HELP["report"])
            st.markdown("\n".join(f"- {line}" for line in counted(context)))
    with right:
        st.markdown("**Settings**")
        if context.owner and not context.workspace.is_current(run):
            st.caption("An earlier version of this method made this result. The same settings would be trained anew.")
        known = {knob.name: knob.label for knob in knobs_of(card.knobs)} if card else {}
        rows = [
            ("Groups", "found by the method" if run.n_clusters is None else str(run.n_clusters)),
            ("Seed", str(run.seed)),
            ("Compared", _compared(context)),
        ]
        rows += [(known.get(name, name), _set(value)) for name, value in run.knobs.items()]
        st.dataframe(pd.DataFrame(rows, columns=["Setting", "Value"]), hide_index=True, key=f"settings-{context.key}")
        if context.owner:
            st.markdown("**Make it again**", help="The same data, settings and seed give the same result.")
            st.code(_command(context), language="bash", wrap_lines=True)


def _compared(context: ResultContext) -> str:
    """What was compared, as the page with the data calls it."""
    features = context.run.preparation.get("features", VALUES)
    return (plain_card(context.result.kind) if features == VALUES else encoder(features).card).name


def _set(value: Any) -> str:
    """What a setting is set to."""
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def _measures(context: ResultContext) -> pd.DataFrame:
    result, rows = context.result, []
    for name, measure in MEASURES.items():
        if name in result.metrics:
            other = result.baseline.metrics.get(name) if result.baseline else None
            rows.append(
                (
                    measure.label,
                    headline_metrics.written(name, result.metrics[name]),
                    headline_metrics.written(name, other),
                )
            )
    return pd.DataFrame(rows, columns=["Measure", "This run", "k-means"])


def counted(context: ResultContext) -> list[str]:
    """What the method says of itself at its end, and what that means."""
    card, lines = catalogue.card(context.run.method), []
    for name, value in context.result.report.items():
        written = formatting.share(value) if training_view.unit(name, card) == "percent" else formatting.value(value)
        line_start = f"{formatting.plain(training_view.term_title(name, card))}: **{written}**"
        meaning = card.meaning(name) if card else ""
        lines.append(f"{line_start}  \n  :small[{formatting.plain(meaning)}]" if meaning else line_start)
    return lines


def _command(context: ResultContext) -> str:
    run = context.run
    groups = "" if run.n_clusters is None else f" --k {run.n_clusters}"
    knobs = "".join(f" --set {name}={value}" for name, value in run.knobs.items())
    features = run.preparation.get(
        "features", VALUES
    )  # always said: left out, it would be what is suggested for the file
    return (
        f"python -m engine run --data YOUR_FILE --method {run.method} --features {features}{groups} --seed {run.seed}"
        f"{knobs}"
    )

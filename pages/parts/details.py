"""What stands in the tabs below a result: trees, other groupings, the training, every setting."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine import view
from engine.card import knobs_of
from engine.results import MEASURES
from pages.parts import bars, catalogue, charts, colors, curves, layout, moving, numbers, playback, terms, words
from pages.parts.finding import Finding


def tree(found: Finding) -> None:
    """The tree of groups."""
    st.caption("Branches that part near the top differ the most. Circles are as large as the groups they stand for.")
    charts.show(f"tree-{found.key}", view.tree(found.result.tree or [], colors.theme()))


def alternatives(found: Finding) -> None:
    """Other ways the method found to sort the same members."""
    st.caption(
        "The same members can be sorted by more than one property. Each of these is another answer to the question."
    )
    names = list(found.result.alternatives)
    name = st.segmented_control(
        "Grouping", names, default=names[0], required=True, format_func=words.plain, key=f"alternative-{found.key}"
    )
    labels = found.result.alternatives[name or names[0]]
    counts = np.bincount(labels[labels >= 0])
    bars.show(f"alternative-sizes-{found.key}", moving.sized(counts))


def training(found: Finding) -> None:
    """The curves of the training, and its play-back on the map."""
    history = found.result.history or tuple(moving.moments(found.place.history(found.run.id)))
    left, right = layout.split("training-split", 1, 1, 380)
    with left:
        st.markdown("**Play-back**", help="How the members moved while the method learned.")
        playback.show(f"result-{found.key}", found.place, found.run, height=380, autoplay=False)
    with right:
        st.markdown("**Curves**", help=terms.HELP["loss"])
        lines = moving.lines(history, found.run.method)
        if lines:
            curves.show(f"result-curves-{found.key}", lines, moving.marks(history))
        else:
            st.caption("This method learns in one go; there is no curve to show.")


def settings(found: Finding) -> None:
    """Everything that made this result, and how to make it again."""
    run, card = found.run, catalogue.card(found.run.method)
    left, right = layout.split("settings-split", 1, 1, 380)
    with left:
        if card is not None:
            st.markdown(f"**{words.plain(card.name)}** ({card.year})  \n{words.plain(card.idea)}")
            st.caption(f"{words.plain(card.authors)}: {words.plain(card.paper)}")
            axes = card.axes(run.knobs).items()
            rows = [(axis.replace("_", "-").capitalize(), value) for axis, value in axes]
            st.dataframe(pd.DataFrame(rows, columns=["Axis", "This method"]), hide_index=True, key=f"axes-{found.key}")
        st.markdown("**All measures**")
        st.dataframe(_measures(found), hide_index=True, key=f"measures-{found.key}")
        if found.result.report:
            st.markdown("**What the method counted**", help=terms.HELP["report"])
            st.markdown("\n".join(f"- {line}" for line in counted(found)))
    with right:
        st.markdown("**Settings**")
        known = {knob.name: knob.label for knob in knobs_of(card.knobs)} if card else {}
        rows = [
            ("Groups", "found by the method" if run.n_clusters is None else str(run.n_clusters)),
            ("Seed", str(run.seed)),
        ]
        rows += [(known.get(name, name), _set(value)) for name, value in run.knobs.items()]
        st.dataframe(pd.DataFrame(rows, columns=["Setting", "Value"]), hide_index=True, key=f"settings-{found.key}")
        if found.owner:
            st.markdown("**Make it again**", help="The same data, settings and seed give the same result.")
            st.code(_command(found), language="bash", wrap_lines=True)


def _set(value: Any) -> str:
    """What a setting is set to."""
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def _measures(found: Finding) -> pd.DataFrame:
    result, rows = found.result, []
    for name, measure in MEASURES.items():
        if name in result.metrics:
            other = result.baseline.metrics.get(name) if result.baseline else None
            rows.append((measure.label, numbers.written(name, result.metrics[name]), numbers.written(name, other)))
    return pd.DataFrame(rows, columns=["Measure", "This run", "k-means"])


def counted(found: Finding) -> list[str]:
    """What the method says of itself at its end, and what that means."""
    card, lines = catalogue.card(found.run.method), []
    for name, value in found.result.report.items():
        written = words.share(value) if moving.form(name) == "percent" else words.value(value)
        said = f"{words.plain(moving.spoken(name))}: **{written}**"
        meaning = card.meaning(name) if card else ""
        lines.append(f"{said}  \n  :small[{words.plain(meaning)}]" if meaning else said)
    return lines


def _command(found: Finding) -> str:
    run = found.run
    groups = "" if run.n_clusters is None else f" --k {run.n_clusters}"
    knobs = "".join(f" --set {name}={value}" for name, value in run.knobs.items())
    return f"python -m engine run --data YOUR_FILE --method {run.method}{groups} --seed {run.seed}{knobs}"

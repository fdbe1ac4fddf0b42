"""Is this the right number of groups?"""

import streamlit as st

from engine import view
from engine.results.evaluate.k_criteria import CRITERIA
from engine.results.evaluate.k_selection import numbers
from engine.results.evaluate.summaries import summarize
from pages.parts.app import colors, glossary
from pages.parts.components import plotly_chart
from pages.parts.results.context import ResultContext
from pages.parts.trust import request
from pages.parts.trust.card import card, folded


def show(context: ResultContext) -> None:
    """The answer, or the button that finds it out."""
    with card("Number of groups: would others fit better?", glossary.HELP["scan"]):
        if context.result.scan is None:
            st.markdown(
                "Divides the members into 1 to 20 groups by k-means and judges each number in five ways, five times."
            )
            request.show(context, "scan", "Try other numbers", "Under a minute, whatever the method.")
        else:
            _answer(context)
            request.again(context, "scan", request.Choice("Up to how many groups", _prices(context)))


def _answer(context: ResultContext) -> None:
    scan = context.result.scan
    assert scan is not None
    st.markdown(summarize(context.result, "scan"))
    with st.grid(3, min_column_width=250, gap="small", key=f"scan-grid-{context.key}"):
        for name, criterion in CRITERIA.items():
            with st.container():
                st.markdown(f"**{criterion.label}**", help=criterion.help)
                figure = view.scan(scan, name, context.result.k, colors.theme())
                plotly_chart.show(f"scan-{name}-{context.key}", figure, f"{criterion.label} over the number of groups.")
        with st.container():
            st.markdown(_legend(scan.learned is not None))
    folded(f"scan-{context.key}", view.scan_table(scan))


def _prices(context: ResultContext) -> dict[int, str]:
    """The largest numbers of groups that can be asked for; with few rows there are none to choose from."""
    usual, *more = request.values("scan")
    tried = {most: numbers(len(context.result), context.result.k, most)[-1] for most in (usual, *more)}
    longer = {most: "A minute or two." for most in more if tried[most] > tried[usual]}
    return {usual: "Under a minute."} | longer


def _legend(learned: bool) -> str:
    lines = ["Line: the average of five samples of the rows. Band: their range. Dot: the number that is favored."]
    lines += ["Dotted: the run's own number."]
    if learned:
        lines += [":primary[Colored]: in what the method learned. Plain: in the prepared data."]
    return "\n\n".join(f":small[{line}]" for line in lines)

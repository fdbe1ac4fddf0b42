"""Short rules that say which members are in which group, how far they can be trusted, and the tree they come from."""

import streamlit as st

from engine import view
from engine.results.explain import rules
from engine.view.rules import alt
from pages.parts.app import colors, formatting, glossary, layout
from pages.parts.components import plotly_chart
from pages.parts.results.context import ResultContext

_SPOKEN = {
    "table": "columns",
    "text": "words",
    "image": "measures of a picture",
    "series": "measures of a series",
    "graph": "links",
}
_WHAT = {
    "image": "Pictures are described by how bright they are, overall and in nine regions. ",
    "series": "Series are described by level, spread, trend and unrest. ",
    "text": "Texts are described by the words in them. ",
    "table": "",
    "graph": "Nodes are described by how many links they have. ",
}


def show(context: ResultContext) -> None:
    """The tab; results that were stored without rules have none."""
    surrogate = context.result.explanations.surrogate
    assert surrogate is not None
    result = context.result
    st.markdown(
        formatting.sentence(rules.verdict(surrogate, _SPOKEN[result.kind])),
        help=_WHAT[result.kind] + glossary.HELP["rules"],
    )
    left_out = rules.describe_unreached(surrogate, result)
    if left_out:
        st.caption(formatting.sentence(left_out))
    if not surrogate.informative:
        return
    plotly_chart.show(f"rules-{context.key}", view.rule_tree(surrogate, result, colors.theme()), alt(surrogate))
    lines = rules.format_rules(surrogate, result)
    half = -(-len(lines) // 2)
    for area, some in zip(layout.split("rules-split", 1, 1, 380), (lines[:half], lines[half:]), strict=True):
        for called, facts, sentences in some:
            area.markdown(f"**{formatting.plain(called)}** :small[:gray[{facts}]]")
            area.markdown("\n".join(f"- {formatting.sentence(line)}" for line in sentences))
    with st.expander("All rules as a table"):
        st.dataframe(rules.table(surrogate, result), hide_index=True, key=f"rules-table-{context.key}")

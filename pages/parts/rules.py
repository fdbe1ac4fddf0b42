"""Short rules that say which members are in which group, how far they can be trusted, and the tree they come from."""

import streamlit as st

from engine import view
from engine.results import rules
from engine.view.rules import alt
from pages.parts import charts, colors, layout, terms, words
from pages.parts.finding import Finding

_SPOKEN = {"table": "columns", "text": "words", "image": "measures of a picture", "series": "measures of a series"}
_WHAT = {
    "image": "Pictures are described by how bright they are, overall and in nine regions. ",
    "series": "Series are described by level, spread, trend and unrest. ",
    "text": "Texts are described by the words in them. ",
    "table": "",
}


def show(found: Finding) -> None:
    """The tab; results that were stored without rules have none."""
    imitation = found.result.understanding.imitation
    assert imitation is not None
    result = found.result
    st.markdown(
        words.sentence(rules.verdict(imitation, _SPOKEN[result.kind])), help=_WHAT[result.kind] + terms.HELP["rules"]
    )
    left_out = rules.unreached(imitation, result)
    if left_out:
        st.caption(words.sentence(left_out))
    if not imitation.tells:
        return
    charts.show(f"rules-{found.key}", view.rule_tree(imitation, result, colors.theme()), alt(imitation))
    told = rules.told(imitation, result)
    half = -(-len(told) // 2)
    for area, some in zip(layout.split("rules-split", 1, 1, 380), (told[:half], told[half:]), strict=True):
        for called, facts, sentences in some:
            area.markdown(f"**{words.plain(called)}** :small[:gray[{facts}]]")
            area.markdown("\n".join(f"- {words.sentence(line)}" for line in sentences))
    with st.expander("All rules as a table"):
        st.dataframe(rules.table(imitation, result), hide_index=True, key=f"rules-table-{found.key}")

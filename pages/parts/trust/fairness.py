"""Is a column spread evenly over the groups?"""

import streamlit as st

from engine import view
from engine.results.evaluate.fairness import Fairness, candidates, fairness, sentence
from pages.parts.app import colors, formatting, glossary
from pages.parts.results.context import BY_RESULT, ResultContext
from pages.parts.trust.card import card, show_chart


def show(context: ResultContext) -> None:
    """A column of the reader's choice against the groups; nothing where no column has few values."""
    assert context.raw is not None
    names = candidates(context.raw.columns)
    if not names:
        return
    with card("Fairness: is a column spread evenly?", glossary.HELP["fairness"]):
        name = st.selectbox(
            "Column to compare the groups by",
            names,
            key=f"fair-{context.key}",
            format_func=lambda name: formatting.cut(name, 40),
            width=320,
        )
        measured = _measured(context, name)
        titles = {group.label: group.title for group in context.result.groups}
        summary = sentence(measured, titles)
        st.markdown(summary)
        figure, table = view.mix(measured, titles, colors.theme()), view.mix_table(measured, titles)
        key = f"fair-{context.key}-{names.index(name)}"
        show_chart(key, figure, table, formatting.bare(summary), file_name=f"fair-{name}")
        st.caption(f"{_balance(measured, titles)} {_part(context, name)}", help=glossary.HELP["balance"])


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_RESULT)
def _measured(context: ResultContext, name: str) -> Fairness:
    """How a column is spread over the groups."""
    assert context.raw is not None
    return fairness(context.raw.rows[name].iloc[context.result.kept], context.result.labels)


def _balance(measured: Fairness, titles: dict[int, str]) -> str:
    if not len(measured.groups):
        return ""
    worst = int(measured.balance.argmin())
    return (
        f"Balance: {measured.balance[worst]:.2f} in the least even group ({titles[measured.groups[worst]]}), "
        f"{measured.possible:.2f} over all members."
    )


def _part(context: ResultContext, name: str) -> str:
    assert context.raw is not None
    role = context.run.preparation.get("roles", {}).get(name) or context.raw.column(name).role
    if role == "feature" and context.result.kind == "table":
        return "The column took part in making the groups, so some difference is to be expected."
    return "The column took no part in making the groups."

"""Is a column spread evenly over the groups?"""

import streamlit as st

from engine import view
from engine.results.evaluate.fairness import Fairness, candidates, fairness, sentence
from pages.parts.app import colors, formatting, glossary
from pages.parts.results.context import BY_RESULT, ResultContext
from pages.parts.trust.card import card, drawn


def show(found: ResultContext) -> None:
    """A column of the reader's choice against the groups; nothing where no column has few values."""
    assert found.raw is not None
    names = candidates(found.raw.columns)
    if not names:
        return
    with card("Fairness: is a column spread evenly?", glossary.HELP["fairness"]):
        name = st.selectbox(
            "Column to compare the groups by",
            names,
            key=f"fair-{found.key}",
            format_func=lambda name: formatting.cut(name, 40),
            width=320,
        )
        made = _measured(found, name)
        titles = {group.label: group.title for group in found.result.groups}
        said = sentence(made, titles)
        st.markdown(said)
        figure, table = view.mix(made, titles, colors.theme()), view.mix_table(made, titles)
        key = f"fair-{found.key}-{names.index(name)}"
        drawn(key, figure, table, formatting.bare(said), file_name=f"fair-{name}")
        st.caption(f"{_balance(made, titles)} {_part(found, name)}", help=glossary.HELP["balance"])


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_RESULT)
def _measured(found: ResultContext, name: str) -> Fairness:
    """How a column is spread over the groups."""
    assert found.raw is not None
    return fairness(found.raw.rows[name].iloc[found.result.kept], found.result.labels)


def _balance(made: Fairness, titles: dict[int, str]) -> str:
    if not len(made.groups):
        return ""
    worst = int(made.balance.argmin())
    return (
        f"Balance: {made.balance[worst]:.2f} in the least even group ({titles[made.groups[worst]]}), {made.possible:.2f} "
        "over all members."
    )


def _part(found: ResultContext, name: str) -> str:
    assert found.raw is not None
    role = found.run.preparation.get("roles", {}).get(name) or found.raw.column(name).role
    if role == "feature" and found.result.kind == "table":
        return "The column took part in making the groups, so some difference is to be expected."
    return "The column took no part in making the groups."

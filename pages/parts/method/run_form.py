"""The chosen method, set up: number of groups, preset, time, settings, start."""

from typing import Any

import streamlit as st

from engine.core.card import PRESETS, Card, Preset, check_knobs
from engine.core.errors import InputError
from engine.core.formatting import format_list
from engine.features import VALUES, encoder, plain_card
from engine.portfolio.card import AUTO, BUDGETS
from engine.runs import Settings, Workspace, eta
from engine.runs.db.records import DatasetRecord, RunRecord
from pages.parts.app import current, formatting, glossary, query_params
from pages.parts.data import compared, dataset, preprocessing
from pages.parts.home import samples
from pages.parts.method import hyperparameters, method_picker

_KNOWN, _OPEN = "I know it", "Find it out"


def head(record: DatasetRecord) -> None:
    """Title, and which data this is about."""
    st.title("Choose a method", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = formatting.plain(formatting.cut(samples.title(record), 60))
        st.caption(
            f"{dataset.ICONS[record.kind]} {title} · {dataset.facts(record)}",
            width="content",
        )
        if st.button("Change", type="tertiary", key="change-data"):
            current.go("data", dataset=record.id, **preprocessing.carried())


def show(key: str, workspace: Workspace, record: DatasetRecord, card: Card) -> None:
    """The card at the right: everything there is to decide, and Start."""
    with st.container(border=True, key=f"{key}-setup"):
        st.subheader(formatting.plain(card.name), anchor=False)
        if card.caution:
            st.caption(f":material/info: {formatting.plain(card.caution)}")
        if card.id == AUTO:
            k = _groups(key, workspace, record, card)
            values = {"budget": _budget(key), "compare": _tried(key, workspace, record)}
            _start(key, workspace, _settings(record, card, k, values))
            return
        _compared(record, card)
        k = _groups(key, workspace, record, card)
        chosen = _preset(key)
        values = hyperparameters.main(key, card, chosen)
        when = st.empty()
        begin = st.container()
        values |= hyperparameters.rest(key, card, chosen)
        try:
            check_knobs(card, values)
        except InputError as fault:
            # Where Start would be, so that it is seen what keeps it away; every setting stays as it is.
            begin.warning(formatting.sentence(str(fault)), icon=":material/rule:")
            return
        seconds, measured = eta.before_start(values, record.n, _finished(workspace, card.id))
        when.caption(f":material/schedule: {describe_duration(seconds, measured)}")
        with begin:
            _start(key, workspace, _settings(record, card, k, values))


def _groups(key: str, workspace: Workspace, record: DatasetRecord, card: Card) -> int | None:
    """The number of groups, or None where the method is to find it."""
    likely = method_picker.groups(workspace, record)
    asked = query_params.number("k", lambda value: 2 <= value <= max(record.n, 2))
    start, why = likely if asked is None else (asked, "As many as in the result you come from.")
    if not card.needs_k and not card.estimates_k:
        st.markdown("**Number of groups**  \nThis method finds it by itself.")
        return None
    if card.estimates_k or not card.needs_k:
        how = st.segmented_control(
            "Number of groups",
            [_KNOWN, _OPEN],
            default=_OPEN if card.id == AUTO and asked is None and not _is_known(workspace, record) else _KNOWN,
            required=True,
            key=f"{key}-how-{record.id}",
            help=glossary.HELP["k"],
        )
        if how == _OPEN:
            return None
        return int(st.number_input("How many", 2, max(record.n, 2), start, 1, key=f"{key}-k-{record.id}", help=why))
    k = st.number_input(
        "Number of groups", 2, max(record.n, 2), start, 1, key=f"{key}-k-{record.id}", help=glossary.HELP["k"]
    )
    st.caption(why)
    return int(k)


def _is_known(workspace: Workspace, record: DatasetRecord) -> bool:
    """Whether the data say themselves how many groups there are."""
    raw, now = workspace.raw(record.id), preprocessing.current(record)
    return samples.groups(record) is not None or any(now.role(column) == "label" for column in raw.columns)


def _compared(record: DatasetRecord, card: Card) -> None:
    """What is compared, where that is not the values themselves, or not what was chosen."""
    features = preprocessing.current(record).features
    if features == VALUES:
        return
    name = formatting.plain(encoder(features).card.name)
    if card.takes("table"):
        st.caption(f":material/compare: Compared: {name}. It can be changed with the data.")
    else:
        plain = formatting.plain(plain_card(record.kind).name)
        st.caption(f":material/compare: Compared: {plain}. “{name}” is not something that this method can work with.")


def _tried(key: str, workspace: Workspace, record: DatasetRecord) -> str:
    """Whether a search compares whatever it can, or only what was chosen for the data."""
    now = preprocessing.current(record)
    offered = {card.id: formatting.plain(card.name) for card in compared.cards(workspace.raw(record.id), now)}
    if len(offered) < 2:
        return "any"
    only = offered.get(now.features) or formatting.plain(encoder(now.features).card.name)
    chosen = st.segmented_control(
        "What is compared",
        ["any", "chosen"],
        default="any",
        required=True,
        format_func=lambda way: "Whatever suits" if way == "any" else f"Only: {only}",
        key=f"{key}-tried-{record.id}",
        help=f"The search decides this, too: {format_list(list(offered.values()), 'or')}. Or it keeps to the one that is chosen "
        "with the data.",
    )
    return chosen or "any"


def _budget(key: str) -> int:
    """Seconds that a search may take."""
    chosen = st.segmented_control(
        "How long it may take",
        list(BUDGETS),
        default=query_params.number("budget", BUDGETS.__contains__) or BUDGETS[0],
        required=True,
        format_func=formatting.duration,
        key=f"{key}-budget",
        help="The more time, the more combinations are tried, networks among them. It can be stopped at any time with the best "
        "so far.",
    )
    return int(chosen or BUDGETS[0])


def _preset(key: str) -> Preset:
    chosen = st.segmented_control(
        "How thorough",
        list(PRESETS),
        default="balanced",
        required=True,
        format_func=str.capitalize,
        key=f"{key}-preset",
        help=glossary.HELP["preset"],
    )
    return chosen or "balanced"


def _settings(record: DatasetRecord, card: Card, k: int | None, values: dict[str, Any]) -> Settings:
    preparation = preprocessing.current(record).to_json()
    if not card.takes("table"):
        preparation["features"] = VALUES
    return Settings(dataset=record.id, method=card.id, n_clusters=k, preparation=preparation, knobs=values, seed=0)


def describe_duration(seconds: float, measured: bool) -> str:
    """ "About 40 s, going by earlier trainings on this machine."; rounded so that it looks no more exact than it is."""
    if seconds < 10:
        about = "10 s"
    else:
        about = formatting.duration(round(seconds / 10) * 10 if seconds < 90 else round(seconds / 60) * 60)
    if measured:
        return f"About {about}, going by earlier trainings on this machine."
    return f"Roughly {about}; a better guess comes once it has run here."


def _finished(workspace: Workspace, method: str) -> list[tuple[RunRecord, int]]:
    """The finished runs of a method with their numbers of members; the time of a search says nothing of what it chose."""
    sizes = {record.id: record.n for record in workspace.datasets()}
    done = [run for run in workspace.runs(("done",), method=method) if run.search is None]
    return [(run, sizes.get(run.dataset, 0)) for run in done]


def _start(key: str, workspace: Workspace, settings: Settings) -> None:
    if st.button("Start", type="primary", icon=":material/play_arrow:", key=f"{key}-start", width="stretch"):
        run = workspace.submit(settings)
        current.go("results" if run.state == "done" else "training", run=run.id)

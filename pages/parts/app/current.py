"""Which data set and which run a page is about: the URL says it, else what was open last, else the newest."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord, RunRecord

T = TypeVar("T", DatasetRecord, RunRecord)


def go(page: str, **parameters: str) -> None:
    """Open another page about these things; its URL carries them."""
    st.switch_page(f"pages/{page}.py", query_params=parameters)


def dataset(place: Workspace) -> DatasetRecord | None:
    """The data set this page is about; None where there is none yet."""
    return _chosen("dataset", place.datasets(), lambda record: True)


def run(place: Workspace, states: Sequence[str] = ()) -> RunRecord | None:
    """The run this page is about; where none is named, the newest in one of `states` (any, if empty)."""
    return _chosen("run", place.runs(), lambda record: not states or record.state in states)


def _chosen(name: str, records: Sequence[T], fits: Callable[[T], bool]) -> T | None:
    """The record that the URL names, else the one open last, else the newest that fits; it is then in the URL."""
    known = {record.id: record for record in records}
    asked = st.query_params.get(name)
    if asked is not None and asked not in known:
        raise InputError(
            f"There is no {_SPOKEN[name]} {asked[:40]!r} here. It may have been deleted: look at the Runs page."
        )
    last = st.session_state.get(f"here-{name}")
    newest = sorted((r for r in records if fits(r)), key=lambda r: r.created, reverse=True)
    found = known.get(asked or "") or (known.get(last or "") if last in known and fits(known[last]) else None)
    found = found or (newest[0] if newest else None)
    if found is not None:
        st.session_state[f"here-{name}"] = found.id
        if asked != found.id:
            st.query_params[name] = found.id
    return found


_SPOKEN = {"dataset": "data set", "run": "run"}

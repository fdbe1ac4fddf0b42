"""Which data set and which run a page is about: the URL says it, else what was open last, else the newest."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import streamlit as st

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord, RunRecord

T = TypeVar("T", DatasetRecord, RunRecord)
_CALLED = {"dataset": "data set", "run": "run"}


def go(page: str, **parameters: str) -> None:
    """Open another page about these things; its URL carries them."""
    st.switch_page(f"pages/{page}.py", query_params=parameters)


def dataset(workspace: Workspace) -> DatasetRecord | None:
    """The data set this page is about.

    Returns
    -------
    DatasetRecord or None
        None where there is none yet.

    Raises
    ------
    InputError
        The URL names a data set that does not exist.
    """
    record = (
        _named("dataset", workspace.dataset) or _opened_last("dataset", workspace.dataset) or workspace.newest_dataset()
    )
    return _remember("dataset", record)


def run(workspace: Workspace, states: Sequence[str] = ()) -> RunRecord | None:
    """The run this page is about.

    Parameters
    ----------
    states : sequence of str
        Where the URL names no run, one in any of these states; in any state, if empty.

    Returns
    -------
    RunRecord or None
        None where there is none.

    Raises
    ------
    InputError
        The URL names a run that does not exist.
    """
    record = _named("run", workspace.run)
    if record is None:
        last = _opened_last("run", workspace.run)
        record = last if last is not None and (not states or last.state in states) else workspace.newest_run(states)
    return _remember("run", record)


def _named(kind: str, look_up: Callable[[str], T]) -> T | None:
    """The record that the URL names; None where it names none."""
    asked = st.query_params.get(kind)
    if asked is None:
        return None
    try:
        return look_up(asked)
    except InputError:
        raise InputError(
            f"There is no {_CALLED[kind]} {asked[:40]!r} here. It may have been deleted: look at the Runs page."
        ) from None


def _opened_last(kind: str, look_up: Callable[[str], T]) -> T | None:
    """The record that was open last in this session; None where it is gone."""
    with suppress(InputError):
        return look_up(st.session_state.get(f"here-{kind}", ""))
    return None


def _remember(kind: str, record: T | None) -> T | None:
    """Put the record into the URL and keep it as the one open last."""
    if record is not None:
        st.session_state[f"here-{kind}"] = record.id
        if st.query_params.get(kind) != record.id:
            st.query_params[kind] = record.id
    return record

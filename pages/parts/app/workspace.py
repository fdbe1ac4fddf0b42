"""The one door from the pages to the store of data sets and runs, and the thread that keeps workers alive."""

import logging
import threading
import time

import streamlit as st

from engine.runs import Workspace
from pages.parts.app import routes
from pages.parts.home import demo

_log = logging.getLogger("constella.pages")
_EVERY = 2.0


def open_workspace() -> Workspace:
    """The workspace of this server process, for whoever came in through the frame."""
    routes.through_the_frame()
    return of_process()


@st.cache_resource(show_spinner=False, on_release=Workspace.close)
def of_process() -> Workspace:
    """The one workspace of this server process, also for requests that no page answers."""
    return Workspace.open()


@st.cache_resource(show_spinner=False)
def keep_alive() -> threading.Thread:
    """Start, once per server process, the thread that puts the example in place and revives dead workers."""
    thread = threading.Thread(target=_tend, args=(of_process(),), name="constella-workers", daemon=True)
    thread.start()
    return thread


def _tend(place: Workspace) -> None:
    """Plain Python only: no Streamlit call is allowed in this thread."""
    ready = False
    while True:
        try:
            ready = ready or demo.ensure(place)
            place.ensure_workers()
        except Exception:
            _log.exception("workers could not be started; trying again")
        time.sleep(_EVERY)

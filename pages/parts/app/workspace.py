"""The one door to the store of data sets and runs. Who comes through is looked at here, so that no page can forget."""

import os
import threading

import streamlit as st
from starlette.requests import HTTPConnection

from engine.core.errors import InputError
from engine.runs import Workspace
from engine.runs.access import GuestWorkspace
from engine.runs.config import Config
from engine.runs.db.records import Share
from pages.parts.app import owner_only, principal, routes

_lock = threading.Lock()
_workspace: Workspace | None = None


def open_workspace() -> Workspace:
    """The workspace for a page of its owner, who came in through the frame; whoever else comes is told so, and the page ends."""
    routes.through_the_frame()
    if principal.reader() != "owner":
        owner_only.show()
        st.stop()
    return of_process()


def open_shared(token: str) -> GuestWorkspace:
    """The run behind a link, for anybody who has the link; kept in the session, so that a password is asked for once.

    Raises
    ------
    InputError
        Where the link opens nothing.
    """
    routes.through_the_frame()
    name = f"guest-{token}"
    if name not in st.session_state:
        st.session_state[name] = GuestWorkspace(of_process(), token)
    guest: GuestWorkspace = st.session_state[name]
    return guest


def may_read(connection: HTTPConnection, run_id: str, *, raw_data: bool = False) -> bool:
    """Whether a request to one of our own routes may read a run.

    Parameters
    ----------
    connection : HTTPConnection
        The request. A guest's page has put the `ticket` of its link into the address, as `?ticket=`.
    run_id : str
        The run.
    raw_data : bool
        Whether rows or pictures of the run's dataset would be read too.

    Returns
    -------
    bool
    """
    if principal.principal_of(connection) == "owner":
        return True
    token = principal.key().verified("ticket", connection.query_params.get("ticket", ""))
    if token is None:
        return False
    try:
        link = of_process().links.find(token)
    except InputError:
        return False
    return link.run == run_id and (link.raw_data or not raw_data)


def ticket(link: Share) -> str:
    """What lets a page that a guest has opened, with the password if there is one, read from our own routes."""
    return principal.key().sign("ticket", link.token)


def of_process() -> Workspace:
    """The one workspace of this server process, for code that has found out who is asking.

    It belongs to the process and not to one of Streamlit's caches, which any visitor may clear while others read from it.
    """
    global _workspace
    with _lock:
        if _workspace is None or _workspace.config != Config.of(os.environ):
            before, _workspace = _workspace, Workspace.open()
            if before is not None:
                before.close()
        return _workspace

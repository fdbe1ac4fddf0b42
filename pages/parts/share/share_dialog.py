"""Secret links for colleagues: read-only, with or without the data, a password and an end."""

import time
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from engine.runs import Workspace
from engine.runs.db.records import Share
from pages.parts.app import dialogs, error_boundary, formatting
from pages.parts.results import view_state
from pages.parts.results.context import ResultContext

_LASTS = {"Until I withdraw it": None, "7 days": 7, "30 days": 30}
_DAY = 86400.0


def share_button(context: ResultContext) -> None:
    """The button that opens the dialog of links."""
    pressed = st.button("Share", type="primary", icon=":material/link:", key=f"share-{context.key}")
    if dialogs.asked(f"share-{context.key}", pressed):
        dialog(context.workspace, context.run.id, view_state.now(context.key))


@st.dialog("Share this result", width="medium", icon=":material/link:", on_dismiss=dialogs.closed)
def dialog(workspace: Workspace, run_id: str, view: dict[str, str] | None = None) -> None:
    """Create, see and withdraw secret links; `view` is what the page shows, which a link may open."""
    with error_boundary.plain_words():
        st.markdown("Whoever has the link can look at this result and nothing else. They can change nothing.")
        options = _options(run_id, bool(view))
        if st.button("Create link", type="primary", icon=":material/add_link:", key=f"share-create-{run_id}"):
            link_view = view if options.pop("as_seen") else None
            workspace.links.share(run_id, **options, view=link_view)
        for share in workspace.links.of_run(run_id):
            _link(workspace, share)


def _options(run_id: str, has_view: bool) -> dict[str, Any]:
    """What a link allows, asks for and shows."""
    raw = st.toggle(
        "Let them see the data too",
        key=f"share-raw-{run_id}",
        help="Off: they see the map, the groups and what sets them apart, but no single row, picture or text of yours.",
    )
    as_seen = has_view and st.toggle(
        "Open it as I see it now",
        value=True,
        key=f"share-view-{run_id}",
        help="The same colors, group, selection and part of the map, at the same moment of the training.",
    )
    lasts = st.segmented_control(
        "The link works", list(_LASTS), default=next(iter(_LASTS)), required=True, key=f"share-lasts-{run_id}"
    )
    days = _LASTS[lasts or next(iter(_LASTS))]
    password = st.text_input(
        "Password (optional)",
        type="password",
        max_chars=200,
        autocomplete="new-password",
        key=f"share-password-{run_id}",
        help="Whoever opens the link has to type it. Send it by another way than the link.",
    )
    expires = None if days is None else time.time() + days * _DAY
    return {"raw_data": raw, "expires": expires, "password": password, "as_seen": as_seen}


def _link(workspace: Workspace, share: Share) -> None:
    with st.container(border=True):
        st.code(address(share.token), language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            until = (
                "no end date"
                if share.expires is None
                else time.strftime("until %d %b %Y", time.localtime(share.expires))
            )
            data = "with the data" if share.raw_data else "without the data"
            more = [*(["asks for a password"] if share.locked else []), *(["opens a view"] if share.view else [])]
            st.caption(
                " · ".join([f"Made {formatting.ago(share.created)}", data, *more, until]),
                width="stretch",
            )
            if st.button("Withdraw", icon=":material/link_off:", key=f"revoke-{share.token}"):
                workspace.links.revoke(share.token)
                st.rerun(scope="fragment")


def address(token: str) -> str:
    """The secret link, on the address by which this server was reached."""
    parts = urlsplit(st.context.url or "http://localhost:8501")
    path = parts.path.rstrip("/").rsplit("/", 1)[0]
    return f"{parts.scheme}://{parts.netloc}{path}/shared?token={token}"

"""Taking a result away: labels and report as files, and secret links for colleagues."""

import re
import time
from urllib.parse import urlsplit

import streamlit as st

from engine import view
from engine.runs import Workspace
from engine.runs.records import Share
from pages.parts import catalogue, guard, members, words
from pages.parts.finding import Finding

_LASTS = {"Until I withdraw it": None, "7 days": 7, "30 days": 30}
_DAY = 86400.0


def downloads(found: Finding) -> None:
    """Labels as CSV and Parquet, and a report that opens anywhere."""
    stem = re.sub(r"[^\w-]+", "-", found.run.name).strip("-").lower() or "result"
    with st.popover("Download", icon=":material/download:", key=f"take-{found.key}"):
        st.caption("Every member with its group, and how sure the method is.")
        for label, make, ending, mime in (
            ("Labels for spreadsheets (CSV)", lambda: members.csv(found), "csv", "text/csv"),
            (
                "Labels for programs (Parquet)",
                lambda: members.parquet(found),
                "parquet",
                "application/vnd.apache.parquet",
            ),
            ("Report to read and print (HTML)", lambda: report(found), "html", "text/html"),
        ):
            st.download_button(
                label,
                make,
                f"{stem}.{ending}",
                mime,
                key=f"take-{ending}-{found.key}",
                on_click="ignore",
                width="stretch",
                type="tertiary",
            )


def report(found: Finding) -> bytes:
    """The result as one HTML file that needs nothing else."""
    card = catalogue.card(found.run.method)
    made = view.report(found.result, card=card, run=found.run, raw=found.raw)
    return made.encode("utf-8") if isinstance(made, str) else made


def share_button(found: Finding) -> None:
    """The button that opens the dialog of links."""
    if st.button("Share", type="primary", icon=":material/link:", key=f"share-{found.key}"):
        dialog(found.place, found.run.id)


@st.dialog("Share this result", width="medium", icon=":material/link:")
def dialog(place: Workspace, run_id: str) -> None:
    """Create, see and withdraw secret links."""
    with guard.plain_words():
        st.markdown("Whoever has the link can look at this result and nothing else. They can change nothing.")
        raw = st.toggle(
            "Let them see the data too",
            key=f"share-raw-{run_id}",
            help="Off: they see the map, the groups and what sets them apart, but no single row, picture or text of yours.",
        )
        lasts = st.segmented_control(
            "The link works", list(_LASTS), default=next(iter(_LASTS)), required=True, key=f"share-lasts-{run_id}"
        )
        days = _LASTS[lasts or next(iter(_LASTS))]
        if st.button("Create link", type="primary", icon=":material/add_link:", key=f"share-create-{run_id}"):
            place.share(run_id, raw_data=raw, expires=None if days is None else time.time() + days * _DAY)
        for share in place.shares(run_id):
            _link(place, share)


def _link(place: Workspace, share: Share) -> None:
    with st.container(border=True):
        st.code(address(share.token), language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            until = (
                "no end date"
                if share.expires is None
                else time.strftime("until %d %b %Y", time.localtime(share.expires))
            )
            data = "with the data" if share.raw_data else "without the data"
            st.caption(f"Made {words.ago(share.created)} · {data} · {until}", width="stretch")
            if st.button("Withdraw", icon=":material/link_off:", key=f"revoke-{share.token}"):
                place.revoke(share.token)
                st.rerun(scope="fragment")


def address(token: str) -> str:
    """The secret link, on the address by which this server was reached."""
    parts = urlsplit(st.context.url or "http://localhost:8501")
    path = parts.path.rstrip("/").rsplit("/", 1)[0]
    return f"{parts.scheme}://{parts.netloc}{path}/shared?token={token}"

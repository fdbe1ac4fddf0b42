"""Taking a result away: labels and report as files."""

import re

import streamlit as st

from engine import view
from pages.parts import catalogue, members
from pages.parts.finding import Finding


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

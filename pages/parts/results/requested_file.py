"""Files that a worker makes on request: a button, then a bar, then the download."""

import streamlit as st

from engine.core.formatting import format_bytes
from engine.runs.db.records import Request
from pages.parts.app import error_boundary, formatting
from pages.parts.results import request_progress
from pages.parts.results.context import ResultContext

_MIME = {"zip": "application/zip", "onnx": "application/octet-stream", "csv": "text/csv"}


def show(context: ResultContext, format: str, label: str, stem: str, help_text: str) -> None:
    """One line for one format: ask for the file, watch it being made, take it, or read why there is none."""
    with error_boundary.plain_words():
        request = context.workspace.exports.find(context.run.id, format)
        if request is not None and request.active:
            request_progress.show(context.workspace.exports, request.id, label)
            return
        if request is not None and request.state == "done":
            _download(context, request, label, stem)
            return
        if request is not None and request.state == "failed":
            st.caption(formatting.sentence(f"{label}: {request.sentence}"))
        again = request is not None and request.state == "failed"
        key = f"take-{format}-{context.key}"
        if st.button("Try again" if again else f"{label} …", key=key, help=help_text):
            context.workspace.exports.ask(context.run.id, format)
            st.rerun()


def _download(context: ResultContext, request: Request, label: str, stem: str) -> None:
    ending = str(request.summary["ending"])
    size = int(request.summary["bytes"])
    st.download_button(
        f"{label} ({format_bytes(size)})" if size > 2**20 else label,
        lambda: context.workspace.exports.read(request.id),
        f"{stem}.{ending}",
        _MIME.get(ending, "application/octet-stream"),
        key=f"take-{request.name}-{context.key}",
        icon=":material/check:",
        on_click="ignore",
        help="It is ready to download.",
    )

"""New data: another file's rows in the groups of a finished run; every file that was placed is kept until it is deleted."""

import streamlit as st

from engine.runs.db.records import Request
from pages.parts.app import error_boundary, formatting, query_params
from pages.parts.results import predictions, request_progress
from pages.parts.results.context import ResultContext

_SAME = {
    "table": "a table with the same columns",
    "image": "pictures, or a zip of them",
    "series": "series with the same channels",
    "text": "a table with the same text columns",
}

_GRAPH = (
    "Groups of a graph come from all of its links at once, so new nodes cannot be placed in them. Add their links to your file, "
    "bring it again and group it anew."
)


def show(context: ResultContext) -> None:
    """Where a file is dropped, the files that were placed, and what became of the chosen one."""
    with st.container(border=True):
        _drop(context)
    known = context.workspace.predictions.of_run(context.run.id)
    if known:
        chosen = _choose(context, known)
        with error_boundary.plain_words():
            _one(context, chosen)


def _drop(context: ResultContext) -> None:
    """The drop zone; a new one after every file, so that the next one can come."""
    if context.result.kind == "graph":
        st.caption(_GRAPH)
        return
    turn = st.session_state.setdefault(f"apply-turn-{context.key}", 0)
    files = st.file_uploader(
        f"Drop {_SAME[context.result.kind]}",
        accept_multiple_files=True,
        key=f"apply-files-{context.key}-{turn}",
        max_upload_size=max(1, context.workspace.config.max_upload // 2**20),
    )
    st.caption(
        "Its rows are prepared as these data were and sorted into the groups above; nothing is trained anew. "
        "Rows unlike anything seen in training are named."
    )
    if files:
        given = [(file.name, file.getvalue()) for file in files]
        name = files[0].name if len(files) == 1 else f"{len(files)} files"
        request = context.workspace.predictions.upload(context.run.id, given, name)
        st.session_state[f"apply-turn-{context.key}"] = turn + 1
        st.session_state[f"apply-file-{context.key}"] = request.id
        st.rerun()


def _choose(context: ResultContext, known: list[Request]) -> Request:
    """Which file to look at, and the way to delete it."""
    by_id = {request.id: request for request in known}
    key = f"apply-file-{context.key}"
    if st.session_state.get(key) not in by_id:
        copied = context.workspace.predictions.copied_to(st.session_state.get(key, ""))
        st.session_state[key] = copied if copied in by_id else query_params.choice("file", list(by_id), known[0].id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("File", list(by_id), key=key, format_func=lambda item: _title(by_id[item]), width=420)
        if st.button("Delete", icon=":material/delete:", key=f"apply-delete-{context.key}"):
            context.workspace.predictions.forget(chosen)
            st.session_state.pop(key, None)
            st.query_params.pop("file", None)
            st.rerun()
    query_params.remember("file", chosen, known[0].id)
    return by_id[chosen]


def _title(request: Request) -> str:
    return f"{formatting.cut(request.name, 40)} · {formatting.ago(request.created)}"


def _one(context: ResultContext, request: Request) -> None:
    if request.active:
        request_progress.show(context.workspace.predictions, request.id)
    elif request.state == "failed":
        then = "" if request.sentence.endswith("again.") else " Then drop the file again."
        st.error(formatting.sentence(f"{request.sentence}{then}"), icon=":material/error:")
    elif request.state == "stopped":
        st.caption("Stopped. Drop the file again to have it placed.")
    else:
        predictions.show(context, request)

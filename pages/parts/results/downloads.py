"""Taking a result away: labels and report as files."""

import re
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine import view
from engine.results.export.annotated_copy import takes_columns
from engine.runs.workers import export_job
from pages.parts.method import catalogue
from pages.parts.results import member_table, requested_file
from pages.parts.results.context import ResultContext


def downloads(context: ResultContext) -> None:
    """Everything that can be taken away: labels, the report, and for its owner the model and what makes the run again."""
    stem = re.sub(r"[^\w-]+", "-", context.run.name).strip("-").lower() or "result"
    with st.popover("Download", icon=":material/download:", key=f"take-{context.key}"):
        with _part("Labels", "Every row with its group, and how sure the method is."):
            _labels(context, stem)
        with _part("Report", "Everything on this page, to read and print."):
            _file(
                context, "HTML", lambda: report(context), f"{stem}.html", "text/html", "One file that opens anywhere."
            )
        if context.owner:
            with _part("Model", "To find the groups of new rows in programs of your own."):
                _model(context, stem)
            with _part("Make it again", "The same groups from your data file, step by step."):
                _again(context, stem)


def _labels(context: ResultContext, stem: str) -> None:
    if context.owner and context.raw is not None and export_job.is_large(context.raw.rows):
        requested_file.show(context, "csv", "CSV", stem, "For spreadsheets.")
    else:
        _file(context, "CSV", lambda: member_table.csv(context), f"{stem}.csv", "text/csv", "For spreadsheets.")
    parquet = "application/vnd.apache.parquet"
    _file(context, "Parquet", lambda: member_table.parquet(context), f"{stem}.parquet", parquet, "For programs.")
    if not context.owner or context.raw is None:
        return
    original = context.workspace.original(context.run.dataset)
    if context.result.kind == "image":
        hint = "A ZIP with a folder for each group, and a list of all files."
        requested_file.show(context, "copy", "Pictures in folders", f"{stem}-pictures", hint)
    elif (
        context.result.kind not in ("series", "graph")
        and original
        and len(original.files) == 1
        and takes_columns(original.files[0])
    ):
        hint = "The file as you brought it, with columns for the group, its name and how sure that is."
        name, _, ending = original.files[0].rpartition(".")
        requested_file.show(context, "copy", f"Your {ending.upper()} file", f"{name}-groups", hint)


def _model(context: ResultContext, stem: str) -> None:
    make = lambda: export_job.model(context.workspace, context.run)
    hint = "For Constella: a ZIP of the model, how data are prepared for it, and five lines on how to load both."
    _file(context, "safetensors", make, f"{stem}-model.zip", "application/zip", hint)
    card = catalogue.card(context.run.method)
    if card is not None and card.transductive:
        st.caption("No ONNX: this method compares new rows with all it was trained on.")
    else:
        hint = "For any language, from prepared numbers to groups. It is tried on your data before you get it."
        requested_file.show(context, "onnx", "ONNX", stem, hint)


def _again(context: ResultContext, stem: str) -> None:
    notebook = lambda: export_job.notebook(context.workspace, context.run)
    _file(context, "Notebook", notebook, f"{stem}.ipynb", "application/x-ipynb+json", "For Jupyter.")
    _file(
        context,
        "Script",
        lambda: export_job.script(context.workspace, context.run),
        f"{stem}.py",
        "text/x-python",
        "For Python.",
    )


def _part(title: str, hint: str) -> DeltaGenerator:
    """The head of a group of files, with one line of words, and the row that they stand in."""
    st.markdown(f"**{title}**  \n:gray[:small[{hint}]]")
    return st.container(horizontal=True, gap="small")


def _file(context: ResultContext, label: str, make: Callable[[], bytes], name: str, mime: str, hint: str) -> None:
    """A file that is made when it is asked for, in a thread of its own."""
    key = f"take-{name.rpartition('.')[2]}-{context.key}"
    st.download_button(label, make, name, mime, key=key, on_click="ignore", help=hint)


def report(context: ResultContext) -> bytes:
    """The result as one HTML file that needs nothing else."""
    card = catalogue.card(context.run.method)
    return view.report(context.result, card=card, run=context.run, raw=context.raw).encode()

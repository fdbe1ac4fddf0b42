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


def downloads(found: ResultContext) -> None:
    """Everything that can be taken away: labels, the report, and for its owner the model and what makes the run again."""
    stem = re.sub(r"[^\w-]+", "-", found.run.name).strip("-").lower() or "result"
    with st.popover("Download", icon=":material/download:", key=f"take-{found.key}"):
        with _part("Labels", "Every row with its group, and how sure the method is."):
            _labels(found, stem)
        with _part("Report", "Everything on this page, to read and print."):
            _file(found, "HTML", lambda: report(found), f"{stem}.html", "text/html", "One file that opens anywhere.")
        if found.owner:
            with _part("Model", "To find the groups of new rows in programs of your own."):
                _model(found, stem)
            with _part("Make it again", "The same groups from your data file, step by step."):
                _again(found, stem)


def _labels(found: ResultContext, stem: str) -> None:
    _file(found, "CSV", lambda: member_table.csv(found), f"{stem}.csv", "text/csv", "For spreadsheets.")
    parquet = "application/vnd.apache.parquet"
    _file(found, "Parquet", lambda: member_table.parquet(found), f"{stem}.parquet", parquet, "For programs.")
    if not found.owner or found.raw is None:
        return
    original = found.place.original(found.run.dataset)
    if found.result.kind == "image":
        said = "A ZIP with a folder for each group, and a list of all files."
        requested_file.show(found, "copy", "Pictures in folders", f"{stem}-pictures", said)
    elif found.result.kind != "series" and original and len(original.files) == 1 and takes_columns(original.files[0]):
        said = "The file as you brought it, with columns for the group, its name and how sure that is."
        name, _, ending = original.files[0].rpartition(".")
        requested_file.show(found, "copy", f"Your {ending.upper()} file", f"{name}-groups", said)


def _model(found: ResultContext, stem: str) -> None:
    make = lambda: export_job.model(found.place, found.run)
    said = "For Constella: a ZIP of the model, how data are prepared for it, and five lines on how to load both."
    _file(found, "safetensors", make, f"{stem}-model.zip", "application/zip", said)
    card = catalogue.card(found.run.method)
    if card is not None and card.transductive:
        st.caption("No ONNX: this method compares new rows with all it was trained on.")
    else:
        said = "For any language, from prepared numbers to groups. It is tried on your data before you get it."
        requested_file.show(found, "onnx", "ONNX", stem, said)


def _again(found: ResultContext, stem: str) -> None:
    notebook = lambda: export_job.notebook(found.place, found.run)
    _file(found, "Notebook", notebook, f"{stem}.ipynb", "application/x-ipynb+json", "For Jupyter.")
    _file(
        found, "Script", lambda: export_job.script(found.place, found.run), f"{stem}.py", "text/x-python", "For Python."
    )


def _part(title: str, said: str) -> DeltaGenerator:
    """The head of a group of files, with one line of words, and the row that they stand in."""
    st.markdown(f"**{title}**  \n:gray[:small[{said}]]")
    return st.container(horizontal=True, gap="small")


def _file(found: ResultContext, label: str, make: Callable[[], bytes], name: str, mime: str, said: str) -> None:
    """A file that is made when it is asked for, in a thread of its own."""
    key = f"take-{name.rpartition('.')[2]}-{found.key}"
    st.download_button(label, make, name, mime, key=key, on_click="ignore", help=said)


def report(found: ResultContext) -> bytes:
    """The result as one HTML file that needs nothing else."""
    card = catalogue.card(found.run.method)
    return view.report(found.result, card=card, run=found.run, raw=found.raw).encode()

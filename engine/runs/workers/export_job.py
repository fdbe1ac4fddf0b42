"""A finished run as files to take away. What takes long is made by the light lane's worker, once for each format."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from engine.api.catalogue import card as card_of
from engine.core.errors import InputError
from engine.results import labels_csv, labels_parquet
from engine.results.record.record import Ints
from engine.runs.access import GuestWorkspace
from engine.runs.db.records import RunRecord
from engine.runs.requests import base
from engine.runs.workers import job_status
from engine.runs.workers.job_context import JobContext
from engine.runs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

MADE = ("copy", "csv", "onnx")
"""Formats that a worker makes: reading and writing a workbook, or tracing a network, takes seconds, and threads of the page
that calculate for so long would make all other readers wait. CSV only where `is_large`."""
LARGE = 4_000_000
"""Cells of a table whose CSV takes longer than a page's thread should."""
MODEL = "model"
README = """{name}, trained by Constella {version}: {method}.
Load it from Python, in this folder, with Constella installed:
    import json, engine; from engine.intake import inspect; from engine.intake.recipes.stored import recipe_from_json
    from engine.api.loading import Data; import torch
    model, recipe = engine.load("model"), recipe_from_json(json.load(open("recipe.json", encoding="utf-8")))
    rows = inspect("YOUR_FILE", options=json.load(open("reading.json", encoding="utf-8")))  # read as the training data were
    labels = model.predict(Data(torch.from_numpy(recipe.apply(rows)), recipe.kind))  # -1: unassigned
"""
STAGES = {
    "copy": "Writing the groups into a copy",
    "csv": "Writing every row with its group",
    "onnx": "Writing the model and trying it on the data",
}
FORMATS = ("csv", "parquet", "html", "script", "notebook", "model", "onnx", "copy")
ENDINGS = {"script": "py", "notebook": "ipynb", "model": "zip"}


def exported(workspace: Workspace, run: RunRecord, format: str) -> tuple[str, bytes]:
    """A finished run in a format of `FORMATS`: the file's ending and its content. InputError where that cannot be."""
    if format not in FORMATS:
        raise InputError(f"There is no export as {format!r}. Choose one of {', '.join(FORMATS)}.")
    makers: dict[str, Callable[[], tuple[str, bytes]]] = {
        "copy": lambda: _copy(workspace, run),
        "onnx": lambda: ("onnx", onnx(workspace, run)),
    }
    if format in makers:
        return makers[format]()
    simple: dict[str, Callable[[Workspace, RunRecord], bytes]] = {
        "csv": csv,
        "parquet": lambda workspace, run: labels_parquet(workspace.result(run.id), workspace.raw(run.dataset).rows),
        "html": report,
        "script": script,
        "notebook": notebook,
        "model": model,
    }
    return ENDINGS.get(format, format), simple[format](workspace, run)


def work(context: JobContext) -> None:
    """Make the file and keep it; a run never changes, so it is made once."""
    request = job_status.current_request(context)
    job_status.report_progress(context, "Loading the model" if request.name == "onnx" else "Reading your file", 0.1)
    run = context.workspace.run(request.run)
    job_status.report_progress(context, STAGES[request.name], 0.4)
    ending, content = exported(context.workspace, run, request.name)
    name = f"made.{ending}"
    context.artifacts.write_folder(base.folder(context.artifacts, request.id), lambda write: write(name, content))
    summary = {"file": name, "ending": ending, "bytes": len(content)}
    context.store.change(lambda connection: job_status.mark_done(connection, context, summary))


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """Say why the file could not be made."""
    job_status.mark_failed(context, sentence)


def is_large(rows: "pd.DataFrame") -> bool:
    """Whether the labels of these rows are made by a worker when a page asks for them."""
    return rows.size > LARGE


def csv(workspace: Workspace | GuestWorkspace, run: RunRecord, some: Ints | None = None) -> bytes:
    """Labels of all rows, or of the members `some` [m], with the user's own cells as they are written in the file."""
    with workspace.rows_as_written(run.dataset) as rows:
        return labels_csv(workspace.result(run.id), rows, some)


def script(workspace: Workspace, run: RunRecord) -> bytes:
    """Python that makes the run again."""
    from engine.results.export.code import script as written

    return written(run, card_of(run.method), *_data_of(workspace, run)).encode()


def notebook(workspace: Workspace, run: RunRecord) -> bytes:
    """A notebook that makes the run again."""
    from engine.results.export.code import notebook as written

    return written(run, card_of(run.method), *_data_of(workspace, run)).encode()


def report(workspace: Workspace, run: RunRecord) -> bytes:
    """The result as one HTML file."""
    from engine.view.reporting import report as written

    return written(workspace.result(run.id), card=card_of(run.method), run=run, raw=workspace.raw(run.dataset)).encode()


def model(workspace: Workspace, run: RunRecord) -> bytes:
    """The stored model (safetensors and JSON), the recipe of its data and how to load both, as a ZIP."""
    from engine import __version__

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        read = workspace.artifacts.read_folder(f"runs/{run.id}/{MODEL}")
        for name in ("model.safetensors", "model.json", "recipe.json"):
            archive.writestr(zipfile.ZipInfo(name), read(name))
        options = workspace.raw(run.dataset).options_for_new_data.to_json()
        archive.writestr(zipfile.ZipInfo("reading.json"), json.dumps(options, ensure_ascii=False))
        readme = README.format(name=run.name, version=__version__, method=card_of(run.method).name)
        archive.writestr(zipfile.ZipInfo("README.txt"), readme)
    return out.getvalue()


def onnx(workspace: Workspace, run: RunRecord) -> bytes:
    """The model as ONNX; it gives the run's groups for rows of the data, or there is none."""
    import torch

    from engine.inference.onnx import CHECKED, to_onnx
    from engine.intake.recipes.preparing import select_rows
    from engine.runs.files.models import load_model

    clusterer, recipe = load_model(workspace, run)
    raw, result = workspace.raw(run.dataset), workspace.result(run.id)
    chosen = torch.linspace(0, len(result) - 1, min(CHECKED, len(result))).round().long().numpy()
    x = torch.from_numpy(recipe.apply(select_rows(raw, result.kept[chosen])))
    return to_onnx(clusterer.method_, x, result.labels[chosen])


def _copy(workspace: Workspace, run: RunRecord) -> tuple[str, bytes]:
    """The groups in a copy of what was uploaded: columns in a table, a folder for each group of pictures or texts."""
    from engine.intake.media.pictures import is_page
    from engine.results.export.annotated_copy import copied, ending_of
    from engine.results.export.image_folders import files_of, sorted_arrays, sorted_files

    raw, result = workspace.raw(run.dataset), workspace.result(run.id)
    original = workspace.original(run.dataset)
    with TemporaryDirectory(prefix="constella-") as folder:
        path = None if original is None else original.fetch(workspace.artifacts, Path(folder))
        whole = "file" in raw.rows and not raw.rows["file"].map(is_page).any()
        if path is not None and whole and (raw.kind == "image" or _holds_files(path)):
            return "zip", sorted_files(result, raw.rows, files_of(path))
        if raw.kind == "image":
            return "zip", sorted_arrays(result, raw.array)
        if path is None:
            raise InputError(
                "There is no file of these data here: samples have none, and earlier uploads were not kept. "
                "Take the groups as CSV instead."
            )
        if path.is_dir() or raw.kind in ("series", "graph"):
            raise InputError("Columns cannot be added to these files. Take the groups as CSV instead.")
        return ending_of(path.name), copied(path, result, len(raw), raw.options)


def _holds_files(path: Path) -> bool:
    """Whether an upload is a folder or a ZIP of files, and not a table."""
    return path.is_dir() or (zipfile.is_zipfile(path) and path.suffix.lower() == ".zip")


def _data_of(workspace: Workspace, run: RunRecord) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """What the data file is called, its columns, and the options it was read with."""
    raw = workspace.raw(run.dataset)
    return workspace.dataset(run.dataset).name, tuple(map(str, raw.rows.columns)), raw.options.to_json()

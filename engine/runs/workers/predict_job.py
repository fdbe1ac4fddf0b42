"""The light lane's work on new data: the rows of another file placed in the groups of a finished run."""

import tempfile
from dataclasses import replace
from pathlib import Path

from engine.runs.files.uploads import unpack
from engine.runs.requests import base
from engine.runs.workers import job_status
from engine.runs.workers.job_context import JobContext

RAW, ROWS = "raw", "rows"


def work(context: JobContext) -> None:
    """Read the file, prepare it as the training data were, find the groups and what does not fit; keep all of it."""
    from engine import intake
    from engine.runs.files.models import load_recipe, predict  # torch, which imports alone do not need

    request, stored = job_status.current_request(context), base.folder(context.artifacts, context.job.target)
    run = context.workspace.run(request.run)
    job_status.report_progress(context, "Reading the file", 0.05)
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        file = unpack(context.artifacts, f"{stored}/upload", request.source, Path(folder))
        options = context.workspace.raw(run.dataset).options_for_new_data
        raw = intake.inspect(file, name=request.name, options=options)
    assignment = predict(
        context.workspace, run, raw, lambda stage, progress: job_status.report_progress(context, stage, progress)
    )
    raw = replace(raw, notes=(*raw.notes, *load_recipe(context.workspace, run).notes(raw)))
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        raw.save(Path(folder))
        context.artifacts.put_folder(f"{stored}/{RAW}", Path(folder))
    context.artifacts.write_folder(f"{stored}/{ROWS}", assignment.save)
    summary = assignment.summary(int(run.summary["k"]))
    context.store.change(lambda connection: job_status.mark_done(connection, context, summary))


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """Say why the file could not be placed; what was written of it goes."""
    job_status.mark_failed(context, sentence)
    stored = base.folder(context.artifacts, context.job.target)
    for part in ("upload", RAW, ROWS):
        context.artifacts.delete(f"{stored}/{part}")

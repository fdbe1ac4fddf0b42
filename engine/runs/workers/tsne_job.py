"""The map lane's work on request: another layout of a finished run's embedding, added to its result."""

import secrets
from functools import partial

from sqlalchemy.engine import Connection

from engine.results import add_map, load_embedding, tsne2
from engine.runs.db import repository
from engine.runs.workers import job_status
from engine.runs.workers.job_context import JobContext


def work(context: JobContext) -> None:
    """Make the layout that was asked for and add it to the result as it is now, which gets a new revision."""
    name, run = job_status.current_request(context).name, context.run
    result = context.workspace.result(run)
    job_status.report_progress(context, "t-SNE: looking for neighbors", 0.0)
    embedding = load_embedding(result, lambda part: context.artifacts.read(f"runs/{run}/result/{part}"))
    report = partial(job_status.report_progress, context, "t-SNE: moving neighbors together")
    positions = tsne2(embedding, result.labels, tell=report)

    def store(connection: Connection) -> None:
        repository.lock_run(connection, run)
        add_map(context.workspace.result(run), name, positions, context.result_writer())
        repository.set_run(connection, run, {"result": secrets.token_hex(4)})
        job_status.mark_done(connection, context, {})

    context.change(store)  # nothing is written once the run was deleted or given to another worker


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """Say why; the other layouts are untouched."""
    job_status.mark_failed(context, sentence)

"""The map lane's work: UMAP of a finished run's embedding, added to its result."""

import secrets

from sqlalchemy.engine import Connection

from engine.results import add_map, load_embedding, umap2
from engine.runs.db import queue, repository
from engine.runs.workers.job_context import JobContext


def work(context: JobContext) -> None:
    """Project and add the map "umap2"; the result gets a new revision so that pages read it again."""
    run = context.job.target
    result = context.workspace.result(run)
    positions = None
    if "umap2" not in result.maps:
        embedding = load_embedding(result, lambda name: context.artifacts.read(f"runs/{run}/result/{name}"))
        positions = umap2(embedding, result.labels)

    def store(connection: Connection) -> None:
        queue.finish(connection, context.worker, context.job)
        repository.lock_run(connection, run)
        if positions is not None:
            now = context.workspace.result(run)  # an evaluation may have added to it meanwhile
            add_map(now, "umap2", positions, context.result_writer())
        repository.set_run(connection, run, {"result": secrets.token_hex(4)})

    context.store.change(store)  # nothing is written once the run was deleted or given to another worker


def fail(context: JobContext, sentence: str, fault: str) -> None:
    """A run without this map is still whole: the page goes on showing the one by PCA."""
    context.store.change(lambda connection: queue.finish(connection, context.worker, context.job))

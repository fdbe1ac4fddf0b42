"""The map lane's work: UMAP of a finished run's embedding, added to its result."""

import secrets

from engine.results import add_map, load_embedding, umap2
from engine.runs import ledger, queue
from engine.runs.worker import Desk


def work(desk: Desk) -> None:
    """Project and add the map "umap2"; the result gets a new revision so that pages read it again."""
    run = desk.job.target
    result = desk.workspace.result(run)
    positions = None
    if "umap2" not in result.maps:
        embedding = load_embedding(result, lambda name: desk.artifacts.read(f"runs/{run}/result/{name}"))
        positions = umap2(embedding, result.labels)
    with desk.write() as connection:  # nothing is written once the run was deleted or given to another worker
        ledger.lock_run(connection, run)
        if positions is not None:
            now = desk.workspace.result(run)  # an examination may have added to it meanwhile
            add_map(now, "umap2", positions, desk.result_writer())
        queue.finish(connection, desk.worker, desk.job)
        ledger.set_run(connection, run, {"result": secrets.token_hex(4)})


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """A run without this map is still whole: the page goes on showing the one by PCA."""
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)

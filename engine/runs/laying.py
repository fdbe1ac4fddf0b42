"""The map lane's work on request: another layout of a finished run's embedding, added to its result."""

import secrets

from engine.results import add_map, load_embedding, tsne2
from engine.runs import doing, ledger
from engine.runs.worker import Desk


def work(desk: Desk) -> None:
    """Make the layout that was asked for and add it to the result as it is now, which gets a new revision."""
    name, run = doing.held(desk).name, desk.run
    result = desk.workspace.result(run)
    doing.tell(desk, "t-SNE: looking for neighbors", 0.0)
    embedding = load_embedding(result, lambda part: desk.artifacts.read(f"runs/{run}/result/{part}"))
    positions = tsne2(
        embedding, result.labels, tell=lambda share: doing.tell(desk, "t-SNE: moving neighbors together", share)
    )
    with desk.write() as connection:  # nothing is written once the run was deleted or given to another worker
        ledger.lock_run(connection, run)
        add_map(desk.workspace.result(run), name, positions, desk.result_writer())
        doing.done(connection, desk, {})
        ledger.set_run(connection, run, {"result": secrets.token_hex(4)})


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """Say why; the other layouts are untouched."""
    doing.failed(desk, sentence)

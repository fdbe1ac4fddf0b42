"""The command line: the same runs, store and cache as the page. Nothing slow is imported before it is needed."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import output
from engine.core.card import check_knobs
from engine.core.errors import InputError
from engine.portfolio.card import AUTO
from engine.runs import RunRecord, Settings, Workspace
from engine.runs.db.validation import card_of

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its beginning.")]


@app.callback()
def constella() -> None:
    """Find groups in unlabeled data. A traceback is only shown with --debug."""


@app.command()
def methods(as_json: AsJson = False) -> None:
    """List the clustering methods and their settings."""
    from engine import catalogue

    cards = catalogue()
    if as_json:
        return output.print_json([output.card_to_json(card) for card in cards])
    return output.print_table(
        ("id", "name", "year", "idea"), [(card.id, card.name, card.year, card.idea) for card in cards]
    )


@app.command()
def encoders(as_json: AsJson = False) -> None:
    """List what can be compared of pictures, series, texts and tables beside their values."""
    from engine import encoders as cards

    if as_json:
        return output.print_json([output.encoder_to_json(card) for card in cards()])
    rows = [(card.id, card.name, ", ".join(sorted(card.kinds)), card.idea) for card in cards()]
    return output.print_table(("id", "name", "for", "idea"), rows)


@app.command()
def datasets(as_json: AsJson = False) -> None:
    """List the samples that ship with Constella, the public sets that can be downloaded, and the datasets that were added."""
    from engine import samples
    from engine.intake import public_sets

    known = [record for record in Workspace.open().datasets() if not record.sample]
    if as_json:
        return output.print_json(
            {
                "samples": list(samples()),
                "public_sets": [output.public_set_to_json(found) for found in public_sets()],
                "datasets": [output.dataset_to_json(record) for record in known],
            }
        )
    rows: list[tuple[object, ...]] = [(name, "sample", "", "") for name in samples()]
    rows += [(found.name, "public", found.n, "") for found in public_sets()]
    return output.print_table(("name", "kind", "rows", "id"), rows + [(r.name, r.kind, r.n, r.id) for r in known])


@app.command()
def run(
    data: Annotated[
        str, typer.Option(help="A file, a folder, the name of a sample or a public set, or the id of a dataset.")
    ],
    method: Annotated[str, typer.Option(help="A method's id, see `methods`; auto tries several and takes the best.")],
    budget: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="With --method auto: how long it may search.")
    ] = None,
    k: Annotated[int | None, typer.Option(help="Number of groups; left out, the method estimates it.")] = None,
    features: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="What is compared, see `encoders`: values, the id of one, or auto, what is suggested."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Number that decides every random choice.")] = 0,
    knobs: Annotated[
        list[str] | None, typer.Option("--set", metavar="KNOB=VALUE", help="A setting of the method.")
    ] = None,
    read: Annotated[
        list[str] | None,
        typer.Option(
            "--read", metavar="OPTION=VALUE", help="How the file is read: sheet, header, encoding, decimal, ..."
        ),
    ] = None,
    series: Annotated[
        str | None, typer.Option(metavar="C", help="Each row is a moment: column that says of which series.")
    ] = None,
    time_column: Annotated[
        str | None, typer.Option("--time", metavar="C", help="With --series: column that orders the moments.")
    ] = None,
    rows_are_series: Annotated[
        bool, typer.Option("--rows-are-series", help="Each row is a series, its columns of numbers the moments.")
    ] = False,
    label_column: Annotated[str | None, typer.Option(metavar="C", help="Column that holds true labels.")] = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for labels and report.")] = None,
) -> None:
    """Cluster a file or a sample; the same settings on the same data are answered from the store."""
    chosen = output.parse_knobs(knobs or []) | ({} if budget is None else {"budget": str(budget)})
    check_knobs(card_of(method), chosen)  # before anything is read
    began, workspace = time.monotonic(), Workspace.open()
    options = None  # a repeat is answered without reading anything
    if read or series or time_column or rows_are_series:
        options = output.with_series(output.parse_options(read or []), series, time_column, rows_are_series)
    dataset = output.import_dataset(workspace, data, options)
    preparation = output.set_label_column(dataset.preparation, label_column)
    if features not in (None, AUTO):
        preparation = preparation | {"features": features}
        chosen |= {"compare": "chosen"} if method == AUTO else {}
    else:
        preparation = {name: value for name, value in preparation.items() if name != "features"}  # as suggested
    record = workspace.submit(Settings(dataset.id, method, k, preparation, chosen, seed))
    cached = record.state == "done"
    output.print_notes(workspace, record)
    if not cached:
        record = output.wait_for_run(workspace, record)
    if out is not None:
        output.export_all(workspace, record, out)
    seconds = time.monotonic() - began if cached else record.seconds
    output.print_finished(record, seconds=seconds, cached=cached, as_json=as_json)


@app.command()
def runs(as_json: AsJson = False) -> None:
    """List the runs, newest first."""
    records = Workspace.open().runs()
    if as_json:
        return output.print_json([output.run_to_json(record) for record in records])
    rows = [(r.id, r.name, r.state, r.summary.get("k", r.n_clusters), f"{r.seconds:.1f} s") for r in records]
    return output.print_table(("id", "name", "state", "k", "time"), rows)


@app.command()
def show(run_id: RunId, as_json: AsJson = False) -> None:
    """Show a run: its settings, where it stands, what it found."""
    record = _find(Workspace.open(), run_id)
    if as_json:
        return output.print_json(output.run_to_json(record))
    return output.print_run(record)


@app.command()
def export(
    run_id: RunId,
    format: Annotated[
        str, typer.Option(metavar="FORMAT", help="csv, parquet, copy, html, script, notebook, model or onnx.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; - is standard output.")] = None,
) -> None:
    """Write a run's labels (csv, parquet, or copy: into a copy of your file), its report (html), its model (model, onnx), or
    what makes it again (script, notebook).
    """
    workspace = Workspace.open()
    record = _find(workspace, run_id)
    ending, content = output.export(workspace, record, format)
    if out == Path("-"):
        sys.stdout.buffer.write(content)
        return
    path = out or Path(f"{record.id}.{ending}")
    output.write(path, content)
    typer.echo(str(path))


@app.command()
def predict(
    run_id: RunId,
    data: Annotated[str, typer.Option(help="A file like the one that the run was trained on.")],
    as_json: AsJson = False,
) -> None:
    """Say to which group of a run each row of another file belongs, how sure that is, and which rows do not fit.

    Rows and groups are counted from 1. A row with a distance above 1 is unlike anything the run was trained on.
    """
    workspace = Workspace.open()
    record = _find(workspace, run_id)
    from engine.intake import inspect
    from engine.runs.files.models import load_recipe
    from engine.runs.files.models import predict as assign

    raw = inspect(data, options=workspace.raw(record.dataset).options_for_new_data)
    assignment = assign(workspace, record, raw)
    output.print_sentences((*raw.notes, *load_recipe(workspace, record).notes(raw)))
    return output.print_assignment(record, assignment, as_json=as_json)


@app.command("examine", hidden=True)  # what earlier versions called it
@app.command()
def evaluate(
    run_id: RunId,
    part: Annotated[str, typer.Option(help="stability, scan (of the number of groups) or robustness.")] = "stability",
    again: Annotated[bool, typer.Option("--again", help="Find it out anew, from other random starts.")] = False,
) -> None:
    """Find out whether the groups of a finished run can be relied on, and say it in a sentence."""
    workspace = Workspace.open()
    typer.echo(output.evaluate(workspace, _find(workspace, run_id).id, part, anew=again))


@app.command()
def example() -> None:
    """Make the finished example that waits on the first page, unless it is there."""
    from engine.runs.example import ensure, find

    workspace = Workspace.open()
    while not ensure(workspace):
        workspace.ensure_workers()
        time.sleep(0.2)
    record = find(workspace)
    if record is not None and record.active:
        output.wait_for_run(workspace, record)


@app.command()
def worker(
    lane: Annotated[str, typer.Option(help="train, light (imports), map (projections) or evaluate.")],
    entry: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Work on what waits in a lane, and leave when there was nothing for ten minutes.

    An unknown lane is an error.
    """
    from engine.runs.db import queue

    for known in queue.LANES:
        if lane == known:
            from engine.runs.workers.worker import main

            return main(known, entry)
    raise InputError(f"There is no lane {lane!r}. Choose one of {', '.join(queue.LANES)}.")


@app.command()
def share(
    run_id: RunId,
    raw_data: Annotated[bool, typer.Option("--raw-data", help="Let readers see the rows of the file too.")] = False,
    days: Annotated[float | None, typer.Option(help="Days after which the link closes by itself.")] = None,
) -> None:
    """Make a secret, read-only link to a run and print its token."""
    workspace = Workspace.open()
    expires = None if days is None else time.time() + 86400 * days
    typer.echo(workspace.links.share(_find(workspace, run_id).id, raw_data=raw_data, expires=expires))


@app.command()
def revoke(token: str) -> None:
    """Close a secret link for good."""
    Workspace.open().links.revoke(token)


@app.command()
def stop(run_id: RunId) -> None:
    """Stop a run that waits or trains."""
    workspace = Workspace.open()
    workspace.stop(_find(workspace, run_id).id)


def main(arguments: list[str] | None = None) -> int:
    """Run a command of the command line.

    Parameters
    ----------
    arguments
        What follows the program's name; left out, that of this process.

    Returns
    -------
    int
        The exit status: 0, 2 where the input was at fault, 1 for any other failure.

    Raises
    ------
    Exception
        Only with --debug: whatever went wrong, with its traceback.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        return output.run_command(lambda: app([word for word in given if word != "--debug"], standalone_mode=False))
    except Exception as fault:
        if debug:
            raise
        return output.report_error(fault)


def _find(workspace: Workspace, run_id: str) -> RunRecord:
    """A run by its id or the beginning of it; InputError where none or several begin so."""
    matches = [record for record in workspace.runs() if record.id.startswith(run_id)]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise InputError(f"There is no run {run_id!r}. `runs` lists those there are.")
    raise InputError(f"{len(matches)} runs begin with {run_id!r}. Write more of the id.")

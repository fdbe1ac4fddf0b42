"""What the command line reads and prints."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from engine.core.errors import InputError
from engine.core.formatting import format_duration
from engine.portfolio.card import AUTO
from engine.runs import DatasetRecord, RunRecord, Workspace

if TYPE_CHECKING:
    from engine.features.base import EncoderCard
    from engine.intake import PublicSet, ReadOptions
    from engine.results.evaluate.assignment import Assignment

POLL_SECONDS = 0.2
"""Seconds between two looks at a job that the command waits for."""
WORKER_SECONDS = 2.0
"""Seconds between two checks that workers live."""


class InternalFault(Exception):
    """Something failed that the user cannot mend; its text is a sentence for the user."""


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Aligned columns on standard output."""
    cells = [[str("" if cell is None else cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def public_set_to_json(found: "PublicSet") -> dict[str, Any]:
    """A public set as JSON values."""
    return asdict(found)


def card_to_json(card: Any) -> dict[str, Any]:
    """A method's card with its knobs, as JSON values."""
    from engine.core.card import knobs_of

    plain = {name: value for name, value in vars(card).items() if name != "knobs"}
    knobs = [asdict(knob) for knob in knobs_of(card.knobs)]
    refusals = [asdict(refusal) for refusal in card.refusals]
    return plain | {
        "data": sorted(card.data),
        "percent": sorted(card.percent),
        "shows": [item.value for item in card.shows],
        "knobs": knobs,
        "refusals": refusals,
    }


def encoder_to_json(card: "EncoderCard") -> dict[str, Any]:
    """An encoder's card as JSON values."""
    return asdict(card) | {"kinds": sorted(card.kinds)}


def dataset_to_json(record: DatasetRecord) -> dict[str, Any]:
    """A dataset as JSON values."""
    return {"id": record.id, "name": record.name, "kind": record.kind, "n": record.n, "columns": record.columns}


def run_to_json(record: RunRecord) -> dict[str, Any]:
    """A run as JSON values."""
    return asdict(record)


def parse_knobs(assignments: Sequence[str]) -> dict[str, str]:
    """Settings written as knob=value.

    Raises
    ------
    InputError
        Where one of them is written otherwise.
    """
    pairs = [assignment.partition("=") for assignment in assignments]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise InputError(f"--set takes KNOB=VALUE, not {name!r}.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def set_label_column(preparation: Mapping[str, Any], column: str | None) -> dict[str, Any]:
    """The preparation, with another column as the true labels; with None as it is.

    Raises
    ------
    InputError
        Where there is no such column.
    """
    if column is None:
        return dict(preparation)
    roles = dict(preparation.get("roles", {}))
    if column not in roles:
        raise InputError(f"There is no column {column!r}. The columns are {', '.join(roles) or 'not named'}.")
    roles = {name: "ignore" if role == "label" else role for name, role in roles.items()} | {column: "label"}
    return dict(preparation) | {"roles": roles}


def parse_options(assignments: Sequence[str]) -> "ReadOptions":
    """Reading options written as option=value.

    Raises
    ------
    InputError
        Where one of them is written otherwise, or there is no such option or value.
    """
    from engine.intake import ReadOptions

    pairs = [assignment.partition("=") for assignment in assignments]
    for name, equals, value in pairs:
        if not name or not equals or not value:
            raise InputError(f"--read takes OPTION=VALUE, not {''.join((name, equals, value))!r}.")
    return ReadOptions.from_words({name.strip(): value for name, _, value in pairs})


def with_series(options: "ReadOptions", series: str | None, time: str | None, rows_are_series: bool) -> "ReadOptions":
    """The options with how a table holds series, where it does.

    Raises
    ------
    InputError
        Where --time comes without --series, or both kinds of series are asked for.
    """
    if series is not None and rows_are_series:
        raise InputError(
            "A table holds a moment in each row (--series) or a series in each row (--rows-are-series), not both."
        )
    if time is not None and series is None:
        raise InputError("--time orders the moments of series: say with --series which column tells the series apart.")
    if series is not None:
        return replace(options, series={"series": series, "time": time or ""})
    return replace(options, series={"columns": "all"}) if rows_are_series else options


def import_dataset(workspace: Workspace, source: str, options: "ReadOptions | None" = None) -> DatasetRecord:
    """Import a file, a folder or a sample and wait until a worker has read it; the id of a dataset gives that dataset.

    Raises
    ------
    InputError
        Where the source does not exist or cannot be read.
    """
    if not Path(source).exists():
        known = [record for record in workspace.datasets() if record.id == source]
        if known:
            return known[0]
    item = workspace.add(source, options=options).id
    state = workspace.importing(item)
    keep_workers = _WorkerKeeper(workspace)
    while state.state in ("queued", "running", "stopping"):
        keep_workers()
        time.sleep(POLL_SECONDS / 4)
        state = workspace.importing(item)
    if state.dataset is None:
        raise InputError(state.sentence)
    return workspace.dataset(state.dataset)


def print_notes(workspace: Workspace, record: RunRecord) -> None:
    """What was assumed when the data of a run were read and what is done to them, a line each on standard error.

    They are kept with the run, so that a repeat says them without loading the data.
    """
    kept = f"runs/{record.id}/notes.json"
    if workspace.artifacts.exists(kept):
        return print_sentences(json.loads(workspace.artifacts.read(kept)))
    from engine.intake import Preparation, preprocessing_summary

    raw = workspace.raw(record.dataset)
    sentences = [*raw.notes, *preprocessing_summary(raw, Preparation.from_json(record.preparation))]
    workspace.artifacts.write(kept, json.dumps(sentences, ensure_ascii=False).encode())
    return print_sentences(sentences)


def print_sentences(sentences: Sequence[str]) -> None:
    """Sentences in Markdown as plain text, a line each on standard error."""
    from engine.results.text import markdown

    for sentence in sentences:
        typer.echo(markdown.plain(sentence), err=True)


def wait_for_run(workspace: Workspace, record: RunRecord) -> RunRecord:
    """Wait for a run, with a line of progress on standard error; Ctrl-C stops it."""
    keep_workers, line = _WorkerKeeper(workspace), _ProgressLine()
    try:
        while record.active:
            keep_workers()
            line.show(_progress(workspace, record))
            time.sleep(POLL_SECONDS)
            record = workspace.run(record.id)
    except KeyboardInterrupt:
        workspace.stop(record.id)
        raise
    finally:
        line.clear()
    return record


def evaluate(workspace: Workspace, run_id: str, part: str, *, anew: bool) -> str:
    """Have a worker evaluate a finished run, wait for it, and return the finding as a sentence; Ctrl-C stops it.

    Parameters
    ----------
    workspace
        Where the run is.
    run_id
        The run.
    part
        One of `engine.runs.requests.evaluations.PARTS`.
    anew
        Evaluate it again, from other random starts, where that was done before.

    Raises
    ------
    InputError
        Where there is no such part, or the run has no result.
    InternalFault
        Where the evaluation failed or was stopped.
    """
    from engine.results.evaluate.summaries import summarize
    from engine.results.text import markdown

    workspace.evaluations.ask(run_id, part, anew=anew)
    keep_workers, line = _WorkerKeeper(workspace), _ProgressLine()
    try:
        while (request := workspace.evaluations.find(run_id, part)) is not None and request.active:
            keep_workers()
            line.show(f"{request.stage or 'Waiting for a worker'} · {request.progress:.0%}")
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        if request is not None:
            workspace.evaluations.stop(request.id)
        raise
    finally:
        line.clear()
    if request is not None and request.state != "done":
        raise InternalFault(request.sentence or "The evaluation was stopped.")
    return markdown.plain(summarize(workspace.result(run_id), part))


def print_finished(record: RunRecord, *, seconds: float, cached: bool, as_json: bool) -> None:
    """Print the result of a run that has ended.

    Parameters
    ----------
    record
        The run.
    seconds
        What it took, in seconds.
    cached
        Whether its result was there before.
    as_json
        Print JSON instead of text.

    Raises
    ------
    InputError
        Where the run failed because of what the user gave.
    InternalFault
        Where it failed for another reason, or was stopped.
    """
    if record.state != "done":
        raise (InputError if record.fault == "input" else InternalFault)(f"{record.name}: {record.sentence}")
    if as_json:
        summary = record.summary
        values = {"run": record.id, "method": record.method, "n": summary["n"], "k": summary["k"]}
        if record.search is not None:
            features = record.preparation.get("features", "values")
            chosen = {"method": record.method, "features": features, "k": record.n_clusters, "knobs": record.knobs}
            values |= {"method": AUTO, "chosen": chosen, "answer": record.search["answer"]}
        return print_json(values | {"seconds": round(seconds, 3), "cached": cached, "metrics": summary["metrics"]})
    return print_run(record)


def print_run(record: RunRecord) -> None:
    """Print a run in a few lines."""
    summary = record.summary
    typer.echo(f"{record.name}: {record.state}  (run {record.id}, seed {record.seed})")
    answer = (record.search or {}).get("answer", ())
    for text in (record.sentence, *answer, summary.get("verdict", "")):
        if text:
            typer.echo(text.replace("*", ""))
    if record.active:
        typer.echo(f"{record.stage_title or 'Waiting'} {record.epoch}/{record.epochs}")
    if summary:
        typer.echo(f"{summary['n']} rows in {summary['k']} groups of {', '.join(map(str, summary['sizes']))}")
        baseline = summary["baseline"]
        rows = [(name, f"{value:.4f}", _number(baseline.get(name))) for name, value in summary["metrics"].items()]
        print_table(("metric", "here", "k-means"), rows)
    typer.echo("settings: " + ", ".join(f"{name}={value}" for name, value in record.knobs.items()))


def print_assignment(record: RunRecord, assignment: "Assignment", *, as_json: bool) -> None:
    """Print the groups of new rows; a row that was left out has neither group nor distance."""
    distances = [None if value != value else round(value, 4) for value in assignment.distance.tolist()]
    sure = [round(value, 4) for value in assignment.sure.tolist()]
    labels, outliers = assignment.labels.tolist(), assignment.outlier.tolist()
    if as_json:
        fits = [not outlier for outlier in outliers]
        rows = {"labels": labels, "sure": sure, "distance": distances, "fits": fits}
        return print_json({"run": record.id, "n": len(assignment)} | rows)
    typer.echo("row,group,sure,fits,distance")
    for row, (label, distance) in enumerate(zip(labels, distances, strict=True)):
        fit = "" if distance is None else "no" if outliers[row] else "yes"
        typer.echo(
            f"{row + 1},{'' if label < 0 else label + 1},{sure[row]},{fit},{'' if distance is None else distance}"
        )
    return None


def export(workspace: Workspace, record: RunRecord, format: str) -> tuple[str, bytes]:
    """A finished run as a file: its ending and its content."""
    from engine.runs.workers.export_job import exported

    return exported(workspace, record, format)


def export_all(workspace: Workspace, record: RunRecord, folder: Path) -> None:
    """Labels and report of a finished run into a folder."""
    if record.state == "done":
        for name in ("labels.csv", "labels.parquet", "report.html"):
            write(folder / name, export(workspace, record, name.rpartition(".")[2])[1])


def write(path: Path, content: bytes) -> None:
    """Write a file where the user asked for it; InputError where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror}.") from fault


def run_command(command: Callable[[], Any]) -> int:
    """Run a command; help that was asked for is no error, nor is a reader that closed the pipe."""
    try:
        status = command()
    except NoArgsIsHelpError as fault:
        typer.echo(fault.ctx.get_help() if fault.ctx else "", err=True)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status if isinstance(status, int) else 0


def report_error(fault: Exception) -> int:
    """One line on standard error, and the exit status."""
    if isinstance(fault, ClickException):
        text, status = fault.format_message(), 2
    elif isinstance(fault, InputError):
        text, status = str(fault), 2
    elif isinstance(fault, InternalFault):
        text, status = str(fault), 1
    else:
        text, status = f"Something went wrong on our side ({type(fault).__name__}: {fault}). Try again with --debug.", 1
    typer.echo(" ".join(text.split()), err=True)
    return status


class _WorkerKeeper:
    """Starts workers where they are missing, every `WORKER_SECONDS`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._last = workspace, float("-inf")

    def __call__(self) -> None:
        if time.monotonic() - self._last > WORKER_SECONDS:
            self._last = time.monotonic()
            self._workspace.ensure_workers(warm=False)


class _ProgressLine:
    """One line that is written over on a terminal; elsewhere a line whenever the stage changes."""

    def __init__(self) -> None:
        self._live, self._last = sys.stderr.isatty(), ""

    def show(self, text: str) -> None:
        stage = text.partition(" ·")[0]
        if self._live:
            typer.echo(f"\r\033[2K{text}", err=True, nl=False)
        elif stage != self._last:
            typer.echo(stage, err=True)
        self._last = stage

    def clear(self) -> None:
        if self._live:
            typer.echo("\r\033[2K", err=True, nl=False)


def _progress(workspace: Workspace, record: RunRecord) -> str:
    if record.state != "running":
        before = workspace.position(record.id)
        return f"Waiting, {before} before this one" if before else "Waiting for a worker"
    text = (
        f"{record.stage_title or 'Starting'} · {record.epoch}/{record.epochs}"
        if record.epochs
        else record.stage_title or "Starting"
    )
    return text if record.eta_seconds is None else f"{text} · about {format_duration(record.eta_seconds)} left"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"

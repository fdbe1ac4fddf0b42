"""What the command line reads and prints."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from engine.core.errors import InputError
from engine.core.formatting import format_duration
from engine.runs import DatasetRecord, RunRecord, Workspace

if TYPE_CHECKING:
    from engine.results.evaluate.assignment import Assignment

LOOK = 0.2
"""Seconds between two looks at work that is being waited for."""
TEND = 2.0
"""Seconds between two looks after the workers."""


class Ours(Exception):
    """A fault that the user cannot mend, as a sentence."""


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Aligned columns on standard output."""
    cells = [[str("" if cell is None else cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def card(card: Any) -> dict[str, Any]:
    """A method's card with its knobs, as JSON values."""
    from engine.core.card import knobs_of

    plain = {name: value for name, value in vars(card).items() if name != "knobs"}
    knobs = [asdict(knob) for knob in knobs_of(card.knobs)]
    refusals = [asdict(refusal) for refusal in card.refusals]
    return plain | {
        "data": sorted(card.data),
        "shows": [item.value for item in card.shows],
        "knobs": knobs,
        "refusals": refusals,
    }


def dataset(record: DatasetRecord) -> dict[str, Any]:
    """A dataset as JSON values."""
    return {"id": record.id, "name": record.name, "kind": record.kind, "n": record.n, "columns": record.columns}


def run(record: RunRecord) -> dict[str, Any]:
    """A run as JSON values."""
    return asdict(record)


def knobs(words: Sequence[str]) -> dict[str, str]:
    """Settings written as knob=value."""
    pairs = [word.partition("=") for word in words]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise InputError(f"--set takes KNOB=VALUE, not {name!r}.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def with_label(preparation: Mapping[str, Any], column: str | None) -> dict[str, Any]:
    """The preparation, with another column as the true labels."""
    if column is None:
        return dict(preparation)
    roles = dict(preparation.get("roles", {}))
    if column not in roles:
        raise InputError(f"There is no column {column!r}. The columns are {', '.join(roles) or 'not named'}.")
    roles = {name: "ignore" if role == "label" else role for name, role in roles.items()} | {column: "label"}
    return dict(preparation) | {"roles": roles}


def arrive(workspace: Workspace, source: str) -> DatasetRecord:
    """The dataset of a file, a folder, a sample or an id; waits until it was read."""
    if not Path(source).exists():
        known = [record for record in workspace.datasets() if record.id == source]
        if known:
            return known[0]
    item = workspace.add(source).id
    state = workspace.importing(item)
    tend = _Tender(workspace)
    while state.state in ("queued", "running"):
        tend()
        time.sleep(LOOK / 4)
        state = workspace.importing(item)
    if state.dataset is None:
        raise InputError(state.sentence)
    return workspace.dataset(state.dataset)


def follow(workspace: Workspace, record: RunRecord) -> RunRecord:
    """Wait for a run, with a line of progress on standard error; Ctrl-C stops it."""
    tend, line = _Tender(workspace), _Line()
    try:
        while record.active:
            tend()
            line.show(_progress(workspace, record))
            time.sleep(LOOK)
            record = workspace.run(record.id)
    except KeyboardInterrupt:
        workspace.stop(record.id)
        raise
    finally:
        line.clear()
    return record


def examined(workspace: Workspace, run_id: str, part: str, *, anew: bool) -> str:
    """Have a part of the examination made, wait for it, and say what it found; Ctrl-C stops it."""
    from engine.results.evaluate.summaries import summarize
    from engine.results.text import markdown

    workspace.evaluations.ask(run_id, part, anew=anew)
    tend, line = _Tender(workspace), _Line()
    try:
        while (told := workspace.evaluations.find(run_id, part)) is not None and told.active:
            tend()
            line.show(f"{told.stage or 'Waiting for a worker'} · {told.progress:.0%}")
            time.sleep(LOOK)
    except KeyboardInterrupt:
        if told is not None:
            workspace.evaluations.stop(told.id)
        raise
    finally:
        line.clear()
    if told is not None and told.state != "done":
        raise Ours(told.sentence or "The examination was stopped.")
    return markdown.plain(summarize(workspace.result(run_id), part))


def finished(record: RunRecord, *, seconds: float, cached: bool, as_json: bool) -> None:
    """Print what a run found, or raise why it found nothing."""
    if record.state != "done":
        raise (InputError if record.fault == "input" else Ours)(f"{record.name}: {record.sentence}")
    if as_json:
        summary = record.summary
        told = {"run": record.id, "method": record.method, "n": summary["n"], "k": summary["k"]}
        return print_json(told | {"seconds": round(seconds, 3), "cached": cached, "metrics": summary["metrics"]})
    return describe(record)


def describe(record: RunRecord) -> None:
    """A run in a few lines."""
    summary = record.summary
    typer.echo(f"{record.name}: {record.state}  (run {record.id}, seed {record.seed})")
    for text in (record.sentence, summary.get("verdict", "").replace("*", "")):
        if text:
            typer.echo(text)
    if record.active:
        typer.echo(f"{record.stage or 'Waiting'} {record.epoch}/{record.epochs}")
    if summary:
        typer.echo(f"{summary['n']} rows in {summary['k']} groups of {', '.join(map(str, summary['sizes']))}")
        plain = summary["baseline"]
        rows = [(name, f"{value:.4f}", _number(plain.get(name))) for name, value in summary["metrics"].items()]
        table(("metric", "here", "k-means"), rows)
    typer.echo("settings: " + ", ".join(f"{name}={value}" for name, value in record.knobs.items()))


def placed(record: RunRecord, found: "Assignment", *, as_json: bool) -> None:
    """Print where new rows belong; a row that was left out has neither group nor distance."""
    far = [None if value != value else round(value, 4) for value in found.distance.tolist()]
    sure = [round(value, 4) for value in found.sure.tolist()]
    if as_json:
        told = {"labels": found.labels.tolist(), "sure": sure, "distance": far, "fits": (~found.outlier).tolist()}
        return print_json({"run": record.id, "n": len(found)} | told)
    typer.echo("row,group,sure,fits,distance")
    for row, label in enumerate(found.labels.tolist()):
        group, fits = "" if label < 0 else label + 1, "" if far[row] is None else "no" if found.outlier[row] else "yes"
        typer.echo(f"{row + 1},{group},{sure[row]},{fits},{'' if far[row] is None else far[row]}")
    return None


def exported(workspace: Workspace, record: RunRecord, format: str) -> tuple[str, bytes]:
    """A finished run as a file: its ending and its content."""
    from engine.runs.workers.export_job import exported

    return exported(workspace, record, format)


def export_all(workspace: Workspace, record: RunRecord, folder: Path) -> None:
    """Labels and report of a finished run into a folder."""
    if record.state == "done":
        for name in ("labels.csv", "labels.parquet", "report.html"):
            write(folder / name, exported(workspace, record, name.rpartition(".")[2])[1])


def write(path: Path, content: bytes) -> None:
    """Write a file where the user asked for it; InputError where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror}.") from fault


def guarded(command: Callable[[], Any]) -> int:
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


def complain(fault: Exception) -> int:
    """One line on standard error, and the exit status."""
    if isinstance(fault, ClickException):
        text, status = fault.format_message(), 2
    elif isinstance(fault, InputError):
        text, status = str(fault), 2
    elif isinstance(fault, Ours):
        text, status = str(fault), 1
    else:
        text, status = f"Something went wrong on our side ({type(fault).__name__}: {fault}). Try again with --debug.", 1
    typer.echo(" ".join(text.split()), err=True)
    return status


class _Tender:
    """Looks after the workers now and then."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._last = workspace, float("-inf")

    def __call__(self) -> None:
        if time.monotonic() - self._last > TEND:
            self._last = time.monotonic()
            self._workspace.ensure_workers(warm=False)


class _Line:
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
        f"{record.stage or 'Starting'} · {record.epoch}/{record.epochs}"
        if record.epochs
        else record.stage or "Starting"
    )
    return text if record.eta_seconds is None else f"{text} · about {format_duration(record.eta_seconds)} left"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"

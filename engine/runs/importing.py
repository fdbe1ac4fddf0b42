"""The light lane's work: reading what a user brought into a dataset."""

import tempfile
import time
from pathlib import Path

from engine import intake
from engine.intake import Raw
from engine.runs import ledger, originals, queue
from engine.runs.records import DatasetRecord, ImportState, Record
from engine.runs.uploads import unpack
from engine.runs.worker import Desk


def work(desk: Desk) -> None:
    """Read an upload, a sample, or a table once more as series; keep it as a dataset named by its content, and the upload."""
    item = desk.job.target
    with desk.store.read() as connection:
        row = ledger.import_row(connection, item)
    if row is None:
        raise queue.Lost(item)
    raw = _read(desk, item, row["name"], row["source"])
    record = _described(raw, "sample" in row["source"])
    _keep(desk, raw, record.id)
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        ledger.add_dataset(connection, record)
        ledger.end_import(connection, item, ImportState("done", "", record.id))
    if "files" in row["source"]:
        originals.keep(desk.artifacts, f"uploads/{item}", record.id, row["name"], row["source"])
    desk.artifacts.delete(f"uploads/{item}")


def fail(desk: Desk, sentence: str, fault: str) -> None:
    """Say why nothing could be read; nothing of it is kept."""
    with desk.store.write() as connection:
        queue.finish(connection, desk.worker, desk.job)
        ledger.end_import(connection, desk.job.target, ImportState("failed", sentence, None))
    desk.artifacts.delete(f"uploads/{desk.job.target}")


def _read(desk: Desk, item: str, name: str, source: Record) -> Raw:
    if "dataset" in source:
        return intake.as_series(desk.workspace.raw(source["dataset"]), source["reading"])
    if "sample" in source:
        return intake.inspect(source["sample"])
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        return intake.inspect(unpack(desk.artifacts, f"uploads/{item}", source, Path(folder)), name=name)


def _described(raw: Raw, sample: bool) -> DatasetRecord:
    return DatasetRecord(
        id=raw.fingerprint[:20],
        name=raw.name,
        kind=raw.kind,
        n=len(raw),
        columns=len(raw.columns),
        created=time.time(),
        sample=sample,
        preparation=intake.suggest(raw).to_json(),
    )


def _keep(desk: Desk, raw: Raw, dataset: str) -> None:
    place = f"datasets/{dataset}"
    if desk.artifacts.exists(f"{place}/sums.json"):
        return
    with tempfile.TemporaryDirectory(prefix="constella-") as folder:
        raw.save(Path(folder))
        desk.artifacts.put_folder(place, Path(folder))

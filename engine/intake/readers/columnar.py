"""Arrow (Feather) and ORC files."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from engine.core.errors import InputError
from engine.intake.frames import from_arrow, unpacked_bytes
from engine.intake.limits import Meter
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The rows of the file, counted while it unpacks. InputError where it is damaged or too large."""
    meter = Meter(name, len(data), 2 * limit)
    try:
        table = _orc(data, meter) if data.startswith(b"ORC") else _arrow(data, meter)
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{italic(name)} is damaged: write or download it again.") from error
    return from_arrow(table, name)


def _orc(data: bytes, meter: Meter) -> pa.Table:
    from pyarrow import orc

    file = orc.ORCFile(pa.BufferReader(data))
    return _counted((file.read_stripe(i) for i in range(file.nstripes)), file.schema, meter)


def _arrow(data: bytes, meter: Meter) -> pa.Table:
    if data.startswith(b"FEA1"):
        from pyarrow import feather

        table = feather.read_table(pa.BufferReader(data))
        return _counted(table.to_batches(), table.schema, meter)
    if not data.startswith(b"ARROW1"):
        stream = pa.ipc.open_stream(pa.BufferReader(data))
        return _counted(stream, stream.schema, meter)
    file = pa.ipc.open_file(pa.BufferReader(data))
    return _counted((file.get_batch(i) for i in range(file.num_record_batches)), file.schema, meter)


def _counted(batches: Iterable[pa.RecordBatch], schema: pa.Schema, meter: Meter) -> pa.Table:
    """A table of batches, each counted with what its words take where they are stored once and stand in every row."""
    found = []
    for batch in batches:
        meter.add(sum(unpacked_bytes(column) for column in batch.columns))
        found.append(batch)
    return pa.Table.from_batches(found, schema)

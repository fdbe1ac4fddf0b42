"""Arrow (Feather) and ORC files."""

from __future__ import annotations

import pyarrow as pa

from engine.core.errors import InputError
from engine.intake.frames import from_arrow
from engine.intake.limits import Meter
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The rows of the file, counted while it unpacks. InputError where it is damaged or too large."""
    try:
        table = _orc(data) if data.startswith(b"ORC") else _arrow(data, Meter(name, len(data), 4 * limit))
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{italic(name)} is damaged: write or download it again.") from error
    return from_arrow(table, name)


def _orc(data: bytes) -> pa.Table:
    from pyarrow import orc

    return orc.ORCFile(pa.BufferReader(data)).read()


def _arrow(data: bytes, meter: Meter) -> pa.Table:
    if data.startswith(b"FEA1"):
        from pyarrow import feather

        return feather.read_table(pa.BufferReader(data))
    if not data.startswith(b"ARROW1"):
        return pa.ipc.open_stream(pa.BufferReader(data)).read_all()
    file, batches = pa.ipc.open_file(pa.BufferReader(data)), []
    for i in range(file.num_record_batches):
        batches.append(file.get_batch(i))
        meter.add(batches[-1].nbytes)
    return pa.Table.from_batches(batches, file.schema)

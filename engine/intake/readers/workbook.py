"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS, by python-calamine."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib

from engine.core.errors import InputError
from engine.intake.layout.sheets import Grid, from_sheets
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic, quote

MOST_CELLS = 40_000_000  # of the rectangle from the first to the last filled cell of a sheet
MOST_COPIES = 1_000_000  # of filled cells that a sheet of OpenDocument says to repeat
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_REPEATED = re.compile(rb'number-(?:columns|rows)-repeated="(\d{1,9})"')
_OLE = {
    "EncryptedPackage": "has a password: take it off (File > Info > Protect Workbook in Excel) and save it again.",
    "WordDocument": "is a Word document: put its table into a workbook or a CSV file.",
    "PowerPoint Document": "is a PowerPoint presentation: put its table into a workbook or a CSV file.",
}


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The table of a workbook; InputError where it has a password, is damaged, too large or empty."""
    return from_sheets(grids(data, name), name, options)


def grids(data: bytes, name: str) -> dict[str, Grid]:
    """The cells of all sheets as they would be typed, by the names of the sheets; InputError as in `read`."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        _check_ole(data, name)
    try:
        if data.startswith(b"PK"):
            _check_extent(data, name)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {title: _grid(book.get_sheet_by_name(title)) for title in book.sheet_names}
    except PasswordError as error:
        raise InputError(f"{italic(name)} {_OLE['EncryptedPackage']}") from error
    except InputError:
        raise
    except (
        CalamineError,
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        raise InputError(f"{italic(name)} is a damaged workbook: open it in Excel and save it again.") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the library, written in Rust, gives up
            raise
        raise InputError(f"{italic(name)} is a damaged workbook: open it in Excel and save it again.") from error


def _check_ole(data: bytes, name: str) -> None:
    """InputError for a container of old Office files that is no workbook, or has a password."""
    for stream, says in _OLE.items():
        if stream.encode("utf-16-le") in data:
            raise InputError(f"{italic(name)} {says}")
    if not any(stream.encode("utf-16-le") in data for stream in ("Workbook", "Book")):
        raise InputError(f"{italic(name)} is an old Office file without a workbook: save its table as XLSX or CSV.")


def _check_extent(data: bytes, name: str) -> None:
    """InputError where cells are so far apart that the blank ones between them fill the memory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            if entry.startswith("xl/worksheets/") and entry.endswith(".xml"):
                area, corner = _extent(archive.read(entry))
            elif entry == "content.xml":
                _check_repeats(archive.read(entry), name)
                continue
            else:
                continue
            if area > MOST_CELLS:
                raise InputError(
                    f"A sheet of {italic(name)} has cells so far apart (up to {quote(corner)}) that it spans {area:,} of them: "
                    "delete the cells that stand alone and save it again."
                )


def _extent(sheet: bytes) -> tuple[int, str]:
    """How many cells the rectangle from the first to the last filled cell of a sheet has, and that cell."""
    right = bottom = 0
    for letters, row in {(match[1], int(match[2])) for match in _PLACE.finditer(sheet)}:
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        right, bottom = max(right, column), max(bottom, row)
    return right * bottom, f"column {right:,}, row {bottom:,}"


def _check_repeats(content: bytes, name: str) -> None:
    """InputError where a few cells of a sheet of OpenDocument stand for very many of the same value."""
    copies = _copies(content)
    if copies > MOST_COPIES:
        raise InputError(
            f"A sheet of {italic(name)} repeats the same cells until they are {copies:,}: delete the copies and save it again."
        )


def _copies(content: bytes) -> int:
    """How many filled cells a sheet of OpenDocument has beyond those that are written in it."""
    total = 0
    for part in content.split(b"<table:table-row")[1:]:
        head, _, cells = part.partition(b">")
        if b"office:value" not in cells and b"<text:p" not in cells:
            continue
        rows = max((int(n) for n in _REPEATED.findall(head)), default=1)
        filled = [
            cell for cell in cells.split(b"<table:table-cell")[1:] if b"office:value" in cell or b"<text:p" in cell
        ]
        across = (max((int(n) for n in _REPEATED.findall(cell.partition(b">")[0])), default=1) for cell in filled)
        total += rows * sum(across) - len(filled)
    return total


def _grid(sheet: object) -> Grid:
    """The cells of a sheet; of merged cells the first holds the value."""
    rows = sheet.to_python(skip_empty_area=False)  # type: ignore[attr-defined]
    return [[cell_text(value) for value in row] for row in rows]


def cell_text(value: object) -> str:
    """A cell as it would be typed: 3 for 3.0, an ISO date, a duration as hours, minutes and seconds, nothing for a blank."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return "" if value != value else repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
        sign, whole = "-" if seconds < 0 else "", abs(round(seconds))
        return f"{sign}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value)

"""Web pages with tables, Excel 2003 XML, and XML of records; external entities are never followed."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any
from xml.parsers import expat

from engine.core.errors import InputError
from engine.intake.files.encoding import lines_of
from engine.intake.layout.sheets import Grid, from_sheets
from engine.intake.options import ReadOptions
from engine.intake.raw import Content
from engine.intake.wording import italic

MOST_SPAN = 1000  # columns or rows that a cell may span
DEEPEST = 200  # elements of XML within each other


def read(data: bytes, name: str, options: ReadOptions, limit: int) -> Content:
    """The table of a web page or of an XML file; InputError where it holds none, or is damaged."""
    declared = re.search(rb"(?i)(?:charset|encoding)\s{0,3}=\s{0,3}[\"']?([\w.-]{2,20})", data[:2048])
    encoding = options.encoding or (_known(declared[1].decode()) if declared else None)
    text, notes = lines_of(data, name, encoding)
    source = text.decode("utf-8", "replace")
    head = source[:2048].lower()
    if "<html" in head or "<!doctype html" in head or ("<table" in head and "<workbook" not in head):
        content = from_sheets(_html(source, name), name, options, "table")
    else:
        content = _xml(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", source), name, options)
    content.notes[:0] = notes
    return content


def _known(encoding: str) -> str | None:
    import codecs

    try:
        codecs.lookup(encoding)
    except LookupError:
        return None
    return encoding


class _Tables(HTMLParser):
    """All tables of a page as grids; a cell's text stands in the first of the cells it spans."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[Grid] = []
        self.open: list[int] = []
        self.cell: list[str] | None = None
        self.columns = self.rows = 1
        self.below: dict[tuple[int, int], dict[int, int]] = {}
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._close()
            self.grids.append([])
            self.open.append(len(self.grids) - 1)
        elif tag == "tr" and self.open:
            self._close()
            self.grids[self.open[-1]].append([])
        elif tag in ("td", "th") and self.open:
            self._close()
            given = dict(attrs)
            self.columns, self.rows = (_span(given.get(key)) for key in ("colspan", "rowspan"))
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")
        elif tag in ("script", "style"):
            self.silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close()
        if tag == "table" and self.open:
            self.open.pop()
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.silent:
            self.cell.append(data)

    def _close(self) -> None:
        if self.cell is None or not self.open:
            return
        grid = self.grids[self.open[-1]]
        if not grid:
            grid.append([])
        row, table = len(grid) - 1, self.open[-1]
        taken = self.below.get((table, row), {})
        while len(grid[row]) in taken:
            grid[row].append("")
        place = len(grid[row])
        grid[row] += [" ".join("".join(self.cell).split()), *[""] * (self.columns - 1)]
        for below in range(row + 1, row + self.rows):
            self.below.setdefault((table, below), {}).update(dict.fromkeys(range(place, place + self.columns), 1))
        self.cell = None


def _span(value: str | None) -> int:
    return min(int(value), MOST_SPAN) if value and value.isascii() and value.isdigit() and int(value) else 1


def _html(source: str, name: str) -> dict[str, Grid]:
    parser = _Tables()
    parser.feed(source)
    parser.close()
    grids = {f"table {i}": grid for i, grid in enumerate(parser.grids, 1) if any(len(row) for row in grid)}
    if not grids:
        raise InputError(
            f"{italic(name)} is a web page without a table: open it in a browser and save the data it shows as CSV."
        )
    return grids


class _Element:
    """An element of XML."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes, self.text = tag.rsplit(":", 1)[-1], attributes, ""
        self.children: list[_Element] = []


def _parsed(source: str, name: str) -> _Element:
    """The root of an XML text. InputError where it is damaged, declares entities, or is nested too deeply."""
    parser = expat.ParserCreate()
    root = _Element("", {})
    stack = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = _Element(tag, {key.rsplit(":", 1)[-1]: value for key, value in attributes.items()})
        if len(stack) > DEEPEST:
            raise InputError(f"{italic(name)} is nested too deeply: bring one element for each row.")
        stack[-1].children.append(element)
        stack.append(element)

    def text(found: str) -> None:
        stack[-1].text += found

    def entity(*_: Any) -> None:
        raise InputError(f"{italic(name)} declares entities of its own, which are not followed: save it without them.")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop() and None
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        raise InputError(f"{italic(name)} is no valid XML: something is wrong in line {error.lineno:,}.") from error
    return root.children[0]


def _xml(source: str, name: str, options: ReadOptions) -> Content:
    root = _parsed(source, name)
    if root.tag == "Workbook":
        sheets = {
            sheet.attributes.get("Name", f"sheet {i}"): _spreadsheet(sheet)
            for i, sheet in enumerate((child for child in root.children if child.tag == "Worksheet"), 1)
        }
        return from_sheets(sheets, name, options)
    if root.tag == "svg":
        raise InputError(f"{italic(name)} is an SVG drawing, which is not read: save it as PNG.")
    return from_sheets({"records": _records(root, name)}, name, options, "table")


def _spreadsheet(sheet: _Element) -> Grid:
    """The cells of a sheet of Excel 2003 XML; `Index` skips blank rows and cells."""
    grid: Grid = []
    table = next((child for child in sheet.children if child.tag == "Table"), _Element("", {}))
    for row in (child for child in table.children if child.tag == "Row"):
        skipped = _span_to(row.attributes.get("Index"), len(grid))
        grid += [[] for _ in range(skipped)]
        cells: list[str] = []
        for cell in (child for child in row.children if child.tag == "Cell"):
            cells += [""] * _span_to(cell.attributes.get("Index"), len(cells))
            data = next((child for child in cell.children if child.tag == "Data"), None)
            cells.append("" if data is None else _value(data))
            cells += [""] * min(int(cell.attributes.get("MergeAcross", "0") or 0), MOST_SPAN)
        grid.append(cells)
    return grid


def _value(data: _Element) -> str:
    kind, text = data.attributes.get("Type", ""), _all_text(data)
    if kind == "Boolean":
        return str(text.strip() == "1")
    return text.replace("T00:00:00.000", "").replace("T", " ") if kind == "DateTime" else text


def _all_text(element: _Element) -> str:
    return element.text + "".join(_all_text(child) for child in element.children)


def _span_to(index: str | None, at: int) -> int:
    return min(max(int(index) - 1 - at, 0), 100_000) if index and index.isdigit() else 0


def _records(root: _Element, name: str) -> Grid:
    """Names and values of the elements that repeat most, one for each row; their attributes and children are columns."""
    best: list[_Element] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        waiting += element.children
        tag, n = Counter(child.tag for child in element.children).most_common(1)[0] if element.children else ("", 0)
        rows = [child for child in element.children if child.tag == tag and (child.children or child.attributes)]
        if n > len(best) and len(rows) > 1:
            best = rows
    if not best:
        raise InputError(f"{italic(name)} is XML without elements that repeat: bring one element for each row, or CSV.")
    rows_of = [_flat(element) for element in best]
    names = list(dict.fromkeys(key for row in rows_of for key in row))
    return [names, *([row.get(key, "") for key in names] for row in rows_of)]


def _flat(element: _Element, before: str = "") -> dict[str, str]:
    found = {before + key: value for key, value in element.attributes.items()}
    for child in element.children:
        key = before + child.tag
        if child.children:
            found |= _flat(child, key + ".")
        elif child.text.strip() or not child.attributes:
            found[key] = f"{found[key]}; {child.text.strip()}" if key in found else child.text.strip()
        else:
            found |= {f"{key}.{name}": value for name, value in child.attributes.items()}
    return found

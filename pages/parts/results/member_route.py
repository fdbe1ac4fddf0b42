"""A route that says who one member of a map is.

The map asks it when the pointer rests on a dot, so that no page sends the words on every member.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.core.errors import InputError
from engine.intake import Raw
from engine.view import data_uri, png
from pages.parts.app import formatting
from pages.parts.app.workspace import may_read, of_process

PATH = "/member"
_MOST_LINES, _LONGEST = 5, 60
"""Columns that are shown of a member, and characters of each."""
_PIXELS = 176
"""The longer side of a thumbnail: twice what is seen of it, for sharp screens."""
_served = False


@dataclass(frozen=True)
class MemberText:
    """What the map says of a member: its id or the number of its row, and a line for each of its first columns."""

    title: str
    lines: list[str]


def route() -> Route:
    """The route, for the server that is to answer it; from now on pages hand out its address."""
    global _served
    _served = True
    return Route(PATH, respond, methods=["GET"])


def address(run_id: str, ticket: str = "") -> str | None:
    """Where the map of a page that shows raw data asks for the members of a run.

    Parameters
    ----------
    run_id : str
        The run whose raw data the reader of this page may see.
    ticket : str
        What lets a guest ask, `workspace.ticket` of the link; empty for the owner.

    Returns
    -------
    str or None
        A path with a query, below the same prefix as the page; None where the server has no such route.
    """
    if not _served:
        return None
    folder = urlsplit(st.context.url or "").path.rpartition("/")[0]
    return f"{folder}{PATH}?{urlencode({'run': run_id, 'ticket': ticket} if ticket else {'run': run_id})}"


def respond(request: Request) -> Response:
    """The words on one member as JSON; 404 for what does not exist and for whoever may not see it."""
    run_id, number = request.query_params.get("run", ""), request.query_params.get("member", "")
    if not may_read(request, run_id, raw_data=True) or not re.fullmatch("[0-9]{1,9}", number):
        return Response(status_code=404)
    workspace = of_process()
    try:
        rows = workspace.result(run_id).kept
        raw = workspace.raw(workspace.run(run_id).dataset)
    except InputError:
        return Response(status_code=404)
    if int(number) >= len(rows):
        return Response(status_code=404)
    row = int(rows[int(number)])
    answer = {**asdict(describe(raw, row)), "picture": _picture(raw, row)}
    return JSONResponse(answer, headers={"Cache-Control": "private, max-age=3600"})


def describe(raw: Raw, row: int) -> MemberText:
    """The words on one row of the raw data."""
    named = next((column.name for column in raw.columns if column.role == "id" and column.name in raw.rows), None)
    names = [c.name for c in raw.columns if c.role in ("feature", "label") and c.name in raw.rows][:_MOST_LINES]
    title = f"Row {row + 1:,}" if named is None else formatting.cut(raw.rows[named].iloc[row], _LONGEST)
    return MemberText(title, [f"{name}: {_cell(raw.rows[name].iloc[row])}" for name in names])


def _picture(raw: Raw, row: int) -> str:
    """A picture as a "data:" address; empty where the row is none."""
    if raw.kind != "image" or raw.values is None:
        return ""
    value = raw.values[row]
    return data_uri(png(value, _PIXELS if max(value.shape[:2]) > _PIXELS else None))


def _cell(value: Any) -> str:
    return formatting.cut(formatting.value(value) if isinstance(value, float) else value, _LONGEST)

"""A finished run as the result parts need it: the run, what it found, and the raw data if the reader may see them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from engine.intake import Raw
from engine.results import Bands, Result
from engine.runs import Workspace
from engine.runs.access import GuestWorkspace
from engine.runs.db.records import DatasetRecord, RunRecord
from engine.view import atlas, data_uri, png, sparkline
from engine.view.thumbnails import band_svg
from pages.parts.app import colors
from pages.parts.app.workspace import ticket
from pages.parts.components import map as dots
from pages.parts.results import member_route

MOST_THUMBNAILS = 2_000
"""Members of a map that are sent a thumbnail each; a sheet of more takes a page too long to make."""
MOST_LINES = 5_000
"""Members of a map that are sent a line of words each, where there is no route to ask."""


PLAYABLE = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3")
MOST_SOUND = 20 * 2**20
"""Bytes of a sound that a page sends at most."""


@dataclass(frozen=True, eq=False)
class ResultContext:
    """`raw` is None for a guest who was not given the raw data."""

    workspace: Workspace
    run: RunRecord
    dataset: DatasetRecord
    result: Result
    raw: Raw | None
    owner: bool

    @property
    def key(self) -> str:
        """What the parts' keys begin with, so that each run keeps a view of its own."""
        return f"{self.run.id}-{'own' if self.owner else 'guest'}"

    def row(self, member: int) -> int:
        """The row of the raw data that a member is."""
        return int(self.result.kept[member])

    def rows(self, members: npt.NDArray[np.integer]) -> pd.DataFrame:
        """The raw rows of some members."""
        assert self.raw is not None
        rows: pd.DataFrame = self.raw.rows.iloc[self.result.kept[members]]
        return rows

    def picture(self, member: int, size: int = 96) -> str | None:
        """The member as a "data:" address, if it is a picture or a series that the reader may see."""
        if self.raw is None or self.raw.values is None:
            return None
        label = int(self.result.labels[member])
        shade = colors.unassigned() if label < 0 else colors.groups(self.result.k)[label]
        return picture_uri(self.raw.values[self.row(member)], self.raw.kind, size, shade)

    def sound(self, member: int) -> bytes | None:
        """The member's own file, if it is a sound that browsers play and the reader may hear."""
        if self.raw is None or "file" not in self.raw.rows or self.raw.kind != "image":
            return None
        path = str(self.raw.rows["file"].iloc[self.row(member)])
        if not path.lower().endswith(PLAYABLE):
            return None
        return self.workspace.original_file(self.run.dataset, path, MOST_SOUND)

    def title(self, member: int) -> str:
        """What the member is called: its id if the data has one, else the number of its row."""
        if self.raw is not None:
            name = next((column.name for column in self.raw.columns if column.role == "id"), None)
            if name is not None:
                return str(self.raw.rows[name].iloc[self.row(member)])
        return f"Row {self.row(member) + 1:,}"


BY_RESULT: dict[str | type[Any], Callable[[Any], Any]] = {
    ResultContext: lambda context: f"{context.run.id} {context.run.ended}"
}
"""How `st.cache_resource` tells results apart, for what depends on nothing else: the same run gives the same to every reader."""


def load(workspace: Workspace, run: RunRecord) -> ResultContext:
    """A finished run for its owner; everything is kept in memory by the workspace, so a rerun costs nothing."""
    return ResultContext(
        workspace, run, workspace.dataset(run.dataset), workspace.result(run.id), workspace.raw(run.dataset), True
    )


def of_guest(guest: GuestWorkspace) -> ResultContext:
    """The run of a shared link, with the raw data if the link shows them."""
    link = guest.link
    run = guest.run(link.run)
    raw = guest.raw(run.dataset) if link.raw_data else None
    workspace = cast(Workspace, guest)  # which it is for reading; the rest it refuses
    return ResultContext(workspace, run, guest.dataset(run.dataset), guest.result(run.id), raw, False)


def picture_uri(value: np.ndarray, kind: str, size: int, shade: str) -> str:
    """A picture [h, w, c] or a series [channels, time] as a "data:" address."""
    if kind == "image":
        return data_uri(png(value, size if max(value.shape[:2]) > size else None))
    return sparkline(value, shade, width=2 * size, height=size)


def band_uri(bands: Bands, label: int, size: int, shade: str) -> str:
    """A group's mean series within the band of the middle 80 % of its members, as a "data:" address."""
    sides = (bands.low[label], bands.mean[label], bands.high[label])
    return data_uri(band_svg(*sides, shade, size=(2 * size, size)).encode(), "image/svg+xml")


def hover(context: ResultContext) -> dots.Atlas | dots.Lookup | list[str] | None:
    """What a dot of the map shows when it is pointed at: a thumbnail, or words that are asked for then.

    Returns
    -------
    Atlas, Lookup, list of str, or None
        Lines for all members only where the server has no route to ask and they are few; None where the reader may not see
        the raw data, or there would be too many.
    """
    if context.raw is None:
        return None
    if context.raw.kind == "image" and context.raw.values is not None and len(context.result) <= MOST_THUMBNAILS:
        return _thumbnails(context)  # at once, however fast the pointer moves
    signed = "" if context.owner else ticket(cast(GuestWorkspace, context.workspace).link)
    address = member_route.address(context.run.id, signed)
    if address is not None:
        return dots.Lookup(address)
    return _lines(context) if len(context.result) <= MOST_LINES else None


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_RESULT)
def _thumbnails(context: ResultContext) -> dots.Atlas:
    assert context.raw is not None
    assert context.raw.values is not None
    tile = 32
    sheet, columns = atlas(context.raw.values, tile, context.result.kept)
    return dots.Atlas(sheet, (tile, tile), columns)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_RESULT)
def _lines(context: ResultContext) -> list[str]:
    assert context.raw is not None
    members = (member_route.describe(context.raw, row) for row in context.result.kept.tolist())
    return [" · ".join([member.title, *member.lines]) for member in members]

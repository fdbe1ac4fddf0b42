"""A finished run as the result parts need it: the run, what it found, and the raw data if the reader may see them."""

from dataclasses import dataclass
from typing import cast

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
from pages.parts.components import map as dots


@dataclass(frozen=True, eq=False)
class ResultContext:
    """`raw` is None for a guest who was not given the raw data."""

    place: Workspace
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
        found: pd.DataFrame = self.raw.rows.iloc[self.result.kept[members]]
        return found

    def picture(self, member: int, size: int = 96) -> str | None:
        """The member as a "data:" address, if it is a picture or a series that the reader may see."""
        if self.raw is None or self.raw.values is None:
            return None
        label = int(self.result.labels[member])
        shade = colors.unassigned() if label < 0 else colors.groups(self.result.k)[label]
        return drawn(self.raw.values[self.row(member)], self.raw.kind, size, shade)

    def title(self, member: int) -> str:
        """What the member is called: its id if the data has one, else the number of its row."""
        if self.raw is not None:
            name = next((column.name for column in self.raw.columns if column.role == "id"), None)
            if name is not None:
                return str(self.raw.rows[name].iloc[self.row(member)])
        return f"Row {self.row(member) + 1:,}"


def load(place: Workspace, run: RunRecord) -> ResultContext:
    """A finished run for its owner; everything is kept in memory by the workspace, so a rerun costs nothing."""
    return ResultContext(place, run, place.dataset(run.dataset), place.result(run.id), place.raw(run.dataset), True)


def of_guest(guest: GuestWorkspace) -> ResultContext:
    """The run of a shared link, with the raw data if the link shows them."""
    link = guest.link
    run = guest.run(link.run)
    raw = guest.raw(run.dataset) if link.raw_data else None
    place = cast(Workspace, guest)  # which it is for reading; the rest it refuses
    return ResultContext(place, run, guest.dataset(run.dataset), guest.result(run.id), raw, False)


def drawn(value: np.ndarray, kind: str, size: int, shade: str) -> str:
    """A picture [h, w, c] or a series [channels, time] as a "data:" address."""
    if kind == "image":
        return data_uri(png(value, size if max(value.shape[:2]) > size else None))
    return sparkline(value, shade, width=2 * size, height=size)


def banded(bands: Bands, label: int, size: int, shade: str) -> str:
    """A group's mean series within the band of the middle 80 % of its members, as a "data:" address."""
    sides = (bands.low[label], bands.mean[label], bands.high[label])
    return data_uri(band_svg(*sides, shade, size=(2 * size, size)).encode(), "image/svg+xml")


def hover(finding: ResultContext) -> dots.Atlas | list[str] | None:
    """What a dot of the map shows when pointed at: a thumbnail, or one line of words."""
    if finding.raw is None:
        return None
    return _hover(finding.run.id, finding)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={ResultContext: lambda finding: finding.run.id})
def _hover(run_id: str, finding: ResultContext) -> dots.Atlas | list[str]:
    raw, kept = finding.raw, finding.result.kept
    assert raw is not None
    if raw.kind == "image" and raw.values is not None and len(kept) <= 20_000:
        tile = 32
        sheet, columns = atlas(raw.values[kept], tile)
        return dots.Atlas(sheet, (tile, tile), columns)
    return _lines(raw, kept)


def _lines(raw: Raw, kept: np.ndarray) -> list[str]:
    """One short line per member: its id and its first few values."""
    shown = [column.name for column in raw.columns if column.role == "id"][:1]
    shown += [column.name for column in raw.columns if column.role in ("feature", "label")][: 4 - len(shown)]
    table = raw.rows.iloc[kept]
    parts = [[f"{name}: {str(value)[:60]}" for value in table[name]] for name in shown if name in table]
    rows = [f"Row {row + 1:,}" for row in kept.tolist()]
    return [" · ".join(line) for line in zip(rows, *parts, strict=True)]

"""column_preview(): one column before and after its preparation, for a page that shows what a choice does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.intake.columns.coded_blanks import without_coded_blanks
from engine.intake.raw import Raw
from engine.intake.recipes.preparation import Preparation
from engine.intake.recipes.preparing import features, fit_plain, without_less_varying
from engine.intake.values.durations import format_time

BINS = 20
MOST_ROWS = 20_000
EXAMPLES = 6


@dataclass(frozen=True)
class ColumnPreview:
    """What one column becomes.

    Attributes
    ----------
    names
        The prepared columns.
    histograms
        For each of them how many rows lie between consecutive edges.
    edges
        For each of them the edges of its histogram.
    examples
        Some cells as they came, blanks as "", each with the numbers that it becomes.
    """

    names: tuple[str, ...]
    histograms: tuple[tuple[int, ...], ...]
    edges: tuple[tuple[float, ...], ...]
    examples: tuple[tuple[str, tuple[float, ...]], ...]


def column_preview(raw: Raw, preparation: Preparation, name: str) -> ColumnPreview | None:
    """One column of a table before and after its preparation, of the first rows where there are very many.

    Parameters
    ----------
    raw
        The table.
    preparation
        The choices that `prepare` would follow.
    name
        The column.

    Returns
    -------
    ColumnPreview or None
        None where the column does not take part, or is free text, which is learned from all of it.

    Raises
    ------
    InputError
        Where the column cannot be prepared as chosen.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import column_preview, inspect, suggest
    >>> raw = inspect(pd.DataFrame({"height": [1.6, 1.8, 1.7], "eyes": ["blue", "brown", "green"]}))
    >>> column_preview(raw, suggest(raw), "height").names
    ('height',)
    """
    preparation, less_varying = without_less_varying(raw, preparation)
    chosen = [column for column in features(raw, preparation) if column.dtype != "text"]
    if name not in [column.name for column in chosen]:
        return None
    cells = raw.rows.head(MOST_ROWS)
    rows = without_coded_blanks(cells, preparation.coded_blanks)
    shares, blocks = fit_plain(rows, chosen, preparation, less_varying)
    block = next((block for block in blocks if block.column == name), None)
    if block is None:
        return None
    x = block.apply(rows if shares is None else shares.apply(rows)).astype(np.float64)
    counted = [np.histogram(x[:, i], BINS) for i in range(x.shape[1])]
    return ColumnPreview(
        block.names(),
        tuple(tuple(int(n) for n in counts) for counts, _ in counted),
        tuple(tuple(float(edge) for edge in edges) for _, edges in counted),
        _examples(cells[name], x, is_time(raw, name)),
    )


def is_time(raw: Raw, name: str) -> bool:
    """Whether the numbers of a column are times of day, in hours."""
    return raw.column(name).dtype == "number" and raw.formats.get(name, {}).get("kind") == "time"


def _examples(cells: pd.Series[Any], x: np.ndarray, times: bool) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The first rows of different cells."""
    first = cells.drop_duplicates().index[:EXAMPLES]
    return tuple(
        (
            "" if pd.isna(cells[i]) else format_time(cells[i]) if times else str(cells[i]),
            tuple(round(float(value), 4) for value in x[i]),
        )
        for i in first
    )

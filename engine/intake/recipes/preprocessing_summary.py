"""preprocessing_summary(): what will be done to the data, in words that need no training."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.core.formatting import format_moments
from engine.features import VALUES, check_features, encoder
from engine.intake.columns.coded_blanks import count_coded_blanks, without_coded_blanks
from engine.intake.graph import STRENGTH
from engine.intake.raw import Column, Raw
from engine.intake.recipes.blocks import BLANK, OTHER, Block, CategoryBlock, NumberBlock, as_moments, as_words
from engine.intake.recipes.count_shares import CountShares
from engine.intake.recipes.date_block import DateBlock, TimeBlock
from engine.intake.recipes.graph_recipe import dimensions, least_part
from engine.intake.recipes.image_recipe import fit_images
from engine.intake.recipes.most_varying import MANY
from engine.intake.recipes.ordinal_block import OrdinalBlock
from engine.intake.recipes.preparation import Preparation, measured_columns
from engine.intake.recipes.preparing import (
    features,
    fit_plain,
    kept_rows,
    kind_of_features,
    label_column,
    select_rows,
    without_less_varying,
)
from engine.intake.recipes.series_recipe import LONGEST
from engine.intake.recipes.texts import analysis_of
from engine.intake.values.durations import format_time
from engine.intake.wording import be, count, italic, joined, listed, number, quote

DETAILED = 4  # columns that get a sentence of their own; the rest share one


def preprocessing_summary(raw: Raw, preparation: Preparation) -> tuple[str, ...]:
    """What `prepare` will do with `raw`, in words that need no training; fast enough for a page.

    Parameters
    ----------
    raw
        The data as `inspect` read it.
    preparation
        The choices that `prepare` would follow.

    Returns
    -------
    tuple of str
        Sentences in Markdown, names of columns in italics. Where the data cannot be prepared, the one sentence that says why.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect, preprocessing_summary, suggest
    >>> raw = inspect(pd.DataFrame({"height": [1.6, 1.8, None, 1.7], "weight": [60, 80, 70, 75]}))
    >>> print(*preprocessing_summary(raw, suggest(raw)), sep="\\n")
    4 rows will be grouped by 2 columns: *height* and *weight*.
    1 blank in *height* is filled with the median (1.7).
    All numbers are brought to the same scale, each by the range of its values.
    So each row becomes 2 numbers.
    """
    if preparation.features != VALUES:
        return _of_features(raw, preparation)
    try:
        summary = {"image": _pictures, "series": _series, "graph": _graph}.get(raw.kind, _table)(raw, preparation)
    except InputError as error:
        return (str(error),)
    return tuple(summary)


def _of_features(raw: Raw, preparation: Preparation) -> tuple[str, ...]:
    """What is compared instead of the values, and of how many members."""
    kind = kind_of_features(raw, preparation)
    try:
        check_features(preparation.features, (kind,), len(raw), italic(raw.name))
        kept = kept_rows(raw, without_less_varying(raw, preparation)[0])
    except InputError as error:
        return (str(error),)
    card = encoder(preparation.features).card
    forms = {"image": ("picture", "pictures"), "series": ("series", "series"), "text": ("text", "texts")}
    summary = [f"{count(len(kept), *forms.get(kind, ('row', 'rows')))} take part.", f"{card.idea} (“{card.name}”.)"]
    if kind == "table":
        summary.append(f"Columns that are compared: {listed([c.name for c in features(raw, preparation)], 12)}.")
    return (*summary, "So each becomes a row of numbers, which the method groups.", *_label(raw, preparation))


def _pictures(raw: Raw, preparation: Preparation) -> list[str]:
    kept_rows(raw, preparation)
    height, width, channels = raw.array.shape[1:]
    recipe = fit_images(raw, preparation)
    color = {1: "gray", 3: "color"}.get(recipe.channels, f"{recipe.channels} bands")
    summary = [f"{count(len(raw), 'picture')} take part."]
    if (recipe.height, recipe.width) == (height, width):
        summary.append(f"They keep their size of {width} x {height} pixels, in {color}.")
    else:
        summary.append(
            f"They are scaled from {width} x {height} to {recipe.width} x {recipe.height} pixels, in {color}."
        )
    if recipe.channels < channels:
        summary.append("Color is dropped, so only light and dark count.")
    return [*summary, "Brightness runs from 0 (black) to 1 (full).", *_label(raw, preparation)]


def _series(raw: Raw, preparation: Preparation) -> list[str]:
    values = raw.array
    kept = len(kept_rows(raw, preparation))
    channels, longest = values.shape[1:]
    target = preparation.length or min(longest, LONGEST)
    summary = [f"{count(kept, 'series', 'series')} take part, each with {count(channels, 'channel')}."]
    if kept < len(raw):
        summary.append(
            f"{count(len(raw) - kept, 'series', 'series')} without any value {'is' if len(raw) - kept == 1 else 'are'} left out."
        )
    lengths = raw.rows["length"] if "length" in raw.rows else pd.Series([longest])
    if lengths.min() != longest:
        summary.append(
            f"They have {number(lengths.min())} to {number(longest)} points in time; "
            f"shorter ones are stretched to {number(target)} so that all can be compared point by point."
        )
    elif target != longest:
        summary.append(f"Their {number(longest)} points in time are resampled to {number(target)}.")
    else:
        summary.append(f"All have {number(longest)} points in time and keep them.")
    ends = np.where(np.isnan(values).all(axis=1), 0, np.arange(1, longest + 1)).max(axis=1)
    holes = int(np.isnan(values).sum() - (longest - ends).sum() * channels)
    if holes:
        summary.append(
            f"{count(holes, 'blank')} inside them {'is' if holes == 1 else 'are'} bridged by a straight line."
        )
    scaled = "All values are" if channels == 1 else "Each channel is"
    return [*summary, f"{scaled} brought to the same scale (mean 0, spread 1).", *_label(raw, preparation)]


def _graph(raw: Raw, preparation: Preparation) -> list[str]:
    kept = kept_rows(raw, preparation)
    graph = raw.graph[kept][:, kept]
    weighted = "the more the larger its weight" if STRENGTH in raw.rows else "each as much as any other"
    summary = [f"{count(len(kept), 'node')} will be grouped by {count(graph.nnz // 2, 'link')}, {weighted}."]
    left_out = len(raw) - len(kept)
    if left_out:
        summary.append(
            f"{count(left_out, 'node')} in parts of fewer than {least_part(len(raw))} nodes, which have no link to the others, "
            f"{be(left_out)} left out."
        )
    return [
        *summary,
        f"So each node becomes {count(dimensions(graph, preparation.components), 'number')}: the leading eigenvectors of the "
        "normalized adjacency matrix (a spectral embedding). Nodes that are linked to the same nodes lie close together.",
        "New nodes cannot be placed in the groups later: they come from all links at once.",
        *_label(raw, preparation),
    ]


def _table(raw: Raw, preparation: Preparation) -> list[str]:
    left_out, (preparation, less_varying) = _left_out(raw, preparation), without_less_varying(raw, preparation)
    chosen = features(raw, preparation)
    kept = kept_rows(raw, preparation)
    part = raw if len(kept) == len(raw) else select_rows(raw, kept)
    plain = [column for column in chosen if column.dtype != "text"]
    shares, blocks = fit_plain(part.rows, plain, preparation, less_varying)
    by_name = {column.name: column for column in raw.columns}
    summary = [_part(raw, preparation, chosen, len(kept)), *_rows_left_out(raw, len(kept), preparation)]
    summary += _most_varying(raw, preparation, len(less_varying)) + _label(raw, preparation) + left_out
    summary += _coded(part.rows, blocks, preparation)
    rows = without_coded_blanks(part.rows, preparation.coded_blanks)
    summary += _blanks(rows, blocks) if preparation.missing == "median" else []
    summary += _words(rows, blocks, by_name) + _orders(blocks) + _texts(raw, chosen, preparation)
    summary += _dates(blocks) + (_numbers(blocks, preparation) if shares is None else [_counts(rows, shares)])
    return [*summary, *_result(raw, chosen, blocks, preparation)]


def _part(raw: Raw, preparation: Preparation, chosen: list[Column], rows: int) -> str:
    names = listed([column.name for column in chosen], 8)
    texts = kind_of_features(raw, preparation) == "text"
    what = count(rows, "text" if texts else "row")
    if len(chosen) > 1:
        return f"{what} will be grouped by {count(len(chosen), 'column')}: {names}."
    if texts:
        return f"{what} in {names} will be grouped by what {'it says' if rows == 1 else 'they say'}."
    return f"{what} will be grouped by {names} alone. With one column, groups are ranges of its values."


def _rows_left_out(raw: Raw, kept: int, preparation: Preparation) -> list[str]:
    gone = len(raw) - kept
    if not gone:
        return []
    why = "a blank" if preparation.missing == "drop" else "no value in any of these columns"
    return [f"{count(gone, 'row')} with {why} {'is' if gone == 1 else 'are'} left out."]


def _most_varying(raw: Raw, preparation: Preparation, less_varying: int) -> list[str]:
    """How many columns of numbers are left out because others vary more, or the advice to do so."""
    measured = len(measured_columns(raw, preparation))
    if less_varying:
        how = (
            "compared with columns of the same mean"
            if preparation.row_scale == "shares"
            else "compared with their range"
        )
        return [
            f"Of {measured + less_varying:,} columns of numbers the {measured:,} that vary most, {how}, are kept. The other "
            f"{less_varying:,} are left out: among so many, columns that vary by chance alone can hide the groups."
        ]
    if preparation.most_varying is not None or measured <= MANY:
        return []
    return [
        f"{measured:,} columns of numbers take part. Among so many, columns that vary by chance alone can hide the groups: "
        "keeping those that vary most can tell groups apart better."
    ]


def _label(raw: Raw, preparation: Preparation) -> list[str]:
    column = label_column(raw, preparation)
    if column is None:
        return []
    guess = " Its name and its few values suggest so." if column.role == "label" and column.warning else ""
    return [
        f"{italic(column.name)} ({count(column.distinct, 'value')}) is kept aside as the known answer: the method never sees it, "
        f"it only serves to check the groups.{guess}"
    ]


def _left_out(raw: Raw, preparation: Preparation) -> list[str]:
    """Identifiers and ignored columns, named, with the reason where it lies in the data."""
    summary = []
    ids = [column.name for column in raw.columns if preparation.role(column) == "id"]
    if ids:
        summary.append(
            f"{listed(ids)} only {'tells' if len(ids) == 1 else 'tell'} rows apart and {be(len(ids))} left out."
        )
    same = [c for c in raw.columns if c.distinct <= 1 and not preparation.is_ticked(c)]
    ignored = [
        c for c in raw.columns if preparation.role(c) == "ignore" or (preparation.role(c) == "feature" and c in same)
    ]
    reasons: dict[str, list[str]] = {}
    for column in ignored:
        reasons.setdefault(column.warning, []).append(column.name)
    for reason, names in reasons.items():
        because = f": {_inside(reason, len(names))}" if reason else "."
        summary.append(f"{listed(names)} {be(len(names))} left out{because}")
    return summary


def _inside(reason: str, columns: int) -> str:
    """The warning of a column within a sentence on one or more columns."""
    if columns > 1:
        for one, more in (("It ", "each "), ("Its ", "the ")):
            reason = more + reason.removeprefix(one) if reason.startswith(one) else reason
    return reason[0].lower() + reason[1:]


def _blanks(rows: pd.DataFrame, blocks: list[Block]) -> list[str]:
    summary: list[str] = []
    more: list[str] = []
    for block in blocks:
        blanks = int(rows[block.column].isna().sum())
        if not blanks:
            continue
        if len(summary) >= DETAILED:
            more.append(block.column)
        elif isinstance(block, NumberBlock | DateBlock | TimeBlock):
            summary.append(
                f"{count(blanks, 'blank')} in {italic(block.column)} {be(blanks)} filled with {_filler(block)}."
            )
        elif isinstance(block, OrdinalBlock):
            middle = f"the middle answer ({quote(block.fill)})"
            summary.append(f"{count(blanks, 'blank')} in {italic(block.column)} {be(blanks)} filled with {middle}.")
        elif isinstance(block, CategoryBlock) and block.fill == BLANK:
            own = "counts as a value of its own" if blanks == 1 else "count as a value of their own"
            summary.append(f"{count(blanks, 'blank')} in {italic(block.column)} {own}.")
        elif isinstance(block, CategoryBlock):
            value = quote(block.fill)
            summary.append(
                f"{count(blanks, 'blank')} in {italic(block.column)} {be(blanks)} filled with the most frequent value ({value})."
            )
    if more:
        summary.append(f"Blanks in {listed(more)} are filled in the same way.")
    return summary


def _coded(rows: pd.DataFrame, blocks: list[Block], preparation: Preparation) -> list[str]:
    """How many cells hold a code that stands for a blank."""
    used = {block.column for block in blocks}
    chosen = {name: codes for name, codes in preparation.coded_blanks.items() if name in used}
    counted = [(name, code, cells) for name, code, cells in count_coded_blanks(rows, chosen) if cells]
    if len(counted) > DETAILED:
        names = list(dict.fromkeys(name for name, _, _ in counted))
        cells = sum(cells for _, _, cells in counted)
        return [f"{count(cells, 'cell')} with codes such as {counted[0][1]} in {listed(names)} count as blank."]
    return [
        f"{count(cells, 'cell')} of {code} in {italic(name)} {'counts' if cells == 1 else 'count'} as blank."
        for name, code, cells in counted
    ]


def _filler(block: NumberBlock | DateBlock | TimeBlock) -> str:
    if isinstance(block, TimeBlock):
        return f"the middle of the times ({format_time(block.fill)})"
    return f"the median ({_moment(block.position) if isinstance(block, DateBlock) else number(block.fill)})"


def _moment(block: NumberBlock) -> str:
    """The median date as it is filled in, with its time where the column has times."""
    moment = as_moments(np.array([block.fill]), block.time_of_day)[0]
    return format_moments(moment.timestamp(), precision="second" if block.time_of_day else "day")[0]


def _words(rows: pd.DataFrame, blocks: list[Block], columns: dict[str, Column]) -> list[str]:
    words = [block for block in blocks if isinstance(block, CategoryBlock)]
    if not words:
        return []
    total = sum(len(block.names()) for block in words)
    names = listed([block.column for block in words])
    summary = [
        f"{names} {'holds' if len(words) == 1 else 'hold'} words or codes, which become {count(total, 'yes-or-no column')}."
    ]
    for block in [block for block in words if OTHER in block.levels][:DETAILED]:
        named = [level for level in block.levels if level not in (OTHER, BLANK)]
        rare = int((~as_words(rows[block.column]).isin(named) & rows[block.column].notna()).sum())
        summary.append(
            f"{italic(block.column)} has {columns[block.column].distinct:,} different values: the {len(named)} most frequent "
            f"stay, the others ({count(rare, 'row')}) are joined as “other”."
        )
    return summary


def _orders(blocks: list[Block]) -> list[str]:
    """In which order words count, columns that share one together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for block in blocks:
        if isinstance(block, OrdinalBlock):
            alike.setdefault(block.levels, []).append(block.column)
    return [
        f"Words in {listed(names)} count as numbers in this order: {' < '.join(quote(level, 30) for level in levels)}."
        for levels, names in alike.items()
    ]


def _texts(raw: Raw, chosen: list[Column], preparation: Preparation) -> list[str]:
    how: dict[str, list[str]] = {}
    for column in chosen:
        if column.dtype == "text":
            how.setdefault(analysis_of(raw.rows[column.name].dropna().astype("str")), []).append(column.name)
    return [_compared(analysis, names, preparation.components) for analysis, names in how.items()]


def _compared(analysis: str, names: list[str], components: int) -> str:
    what = {
        "words": ("their words", "words", ", filler words do not count"),
        "characters": ("their characters and pairs of characters, since no spaces part words", "characters", ""),
        "parts": ("parts of words, two to four letters long, since they are so short", "parts", ""),
    }
    by, unit, more = what[analysis]
    return (
        f"Texts in {listed(names)} are compared by {by}: {unit} that are rare elsewhere count more{more}, "
        f"and {unit} that occur together are merged into at most {components} topics."
    )


def _counts(rows: pd.DataFrame, shares: CountShares) -> str:
    totals = rows[list(shares.columns)].sum(axis=1)
    ends = f"{number(float(totals.min()))} to {number(float(totals.max()))}"
    return (
        f"Numbers are counts, and rows have totals from {ends}: each count becomes a share of its row's total, on a "
        "logarithmic scale, so that rows differ in what was counted and not in how much."
    )


_CIRCLES = {
    "month": ("the month of the year", "December", "January"),
    "weekday": ("the day of the week", "Sunday", "Monday"),
    "hour": ("the time of day", "23:50", "00:10"),
}


def _dates(blocks: list[Block]) -> list[str]:
    """What counts of dates, columns with the same parts together."""
    dates = [block for block in blocks if isinstance(block, DateBlock)]
    alike: dict[tuple[str, ...], list[str]] = {}
    for block in dates:
        alike.setdefault(block.parts, []).append(block.column)
    summary = [_parts(parts, names) for parts, names in alike.items()]
    timed = [b.column for b in dates if b.parts == ("age",) and b.position.time_of_day]
    if timed:
        summary.append(f"The time of day in {listed(timed)} counts as a part of a day.")
    times = [block.column for block in blocks if isinstance(block, TimeBlock)]
    if times:
        summary.append(f"Times of day in {listed(times)} run in a circle, so that 23:50 lies beside 00:10.")
    return summary


def _parts(parts: tuple[str, ...], names: list[str]) -> str:
    if parts == ("age",):
        return f"Dates in {listed(names)} count in days."
    circles = [_CIRCLES[part] for part in parts if part != "age"]
    what, each = joined([name for name, _, _ in circles]), "each " if len(circles) > 1 else ""
    beside = joined([f"{last} lies beside {first}" for _, last, first in circles])
    verb = "count" if len(circles) > 1 else "counts"
    if "age" in parts:
        return (
            f"Dates in {listed(names)} count in days, and {what} {verb} as well, {each}in a circle, so that {beside}."
        )
    return f"Of dates in {listed(names)} only {what} {verb}, {each}in a circle, so that {beside}."


def _numbers(blocks: list[Block], preparation: Preparation) -> list[str]:
    numbers = [block for block in blocks if isinstance(block, NumberBlock | OrdinalBlock | DateBlock | TimeBlock)]
    summary = []
    log = [block.column for block in numbers if isinstance(block, NumberBlock) and block.unit]
    if log:
        summary.append(
            f"A few very large values in {listed(log)} would drown out the rest, "
            f"so {'this column is' if len(log) == 1 else 'these columns are'} compared by ratio (on a logarithmic scale)."
        )
    how = {
        "standard": "All numbers are brought to the same scale, so that none counts more because its figures are larger.",
        "range": "All numbers are brought to the same scale, each by the range of its values.",
        "minmax": "All numbers are brought to a scale from 0 to 1.",
        "shared": "All columns share one unit, so they are scaled together and keep their differences in size.",
        "none": "Numbers stay as they are, so columns with larger figures count more.",
    }
    return [*summary, how[preparation.scale]] if len(numbers) > 1 or (numbers and len(blocks) > 1) else summary


def _result(raw: Raw, chosen: list[Column], blocks: list[Block], preparation: Preparation) -> list[str]:
    if any(column.dtype == "text" for column in chosen):
        return []
    width = sum(len(block.names()) for block in blocks)
    return [f"So each row becomes {count(width, 'number')}."]

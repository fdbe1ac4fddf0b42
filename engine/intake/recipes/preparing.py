"""prepare(): raw data, and the choices about it, into the numbers that methods see."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from engine.core.errors import InputError
from engine.features import VALUES, check_features
from engine.features.base import Tell, silent
from engine.intake.columns.coded_blanks import without_coded_blanks
from engine.intake.mapped import pieces, selected, taken
from engine.intake.raw import Column, Kind, Raw
from engine.intake.recipes.blocks import Block, as_words, fit_category, fit_number
from engine.intake.recipes.count_shares import CountShares, fit_shares
from engine.intake.recipes.date_block import fit_date, fit_time, position_of, with_position
from engine.intake.recipes.feature_recipe import FeatureStore, fit_features
from engine.intake.recipes.graph_recipe import fit_graph, grouped_nodes, least_part
from engine.intake.recipes.image_recipe import fit_images
from engine.intake.recipes.most_varying import most_varying
from engine.intake.recipes.ordinal_block import fit_ordinal
from engine.intake.recipes.preparation import Preparation, measured_columns
from engine.intake.recipes.recipe import Recipe
from engine.intake.recipes.series_recipe import fit_series
from engine.intake.recipes.table_recipe import TableRecipe
from engine.intake.recipes.texts import fit_text
from engine.intake.wording import count, italic, listed

NO_LABEL = "(blank)"
MOST_CLASSES = 1000


@dataclass(eq=False)
class Prepared:
    """Prepared data and how it came to be.

    Attributes
    ----------
    x
        float32: [n, features] of tables and texts, pictures [n, c, h, w] in [0, 1], or series [n, channels, time].
    kept
        int64 [n]: the rows of the raw data that take part.
    truth
        int64 [n], the known answer as an index into `class_names`; None where no answer is known.
    class_names
        What the classes are called; empty where no answer is known.
    recipe
        What was learned from the data: prepares new data in the same way, and turns `x` back into the user's units.
    kind
        "table", "image", "series" or "text"; "table" of a graph, whose nodes become rows of numbers.
    fingerprint
        sha256 of the content and of all choices.
    graph
        Of a graph, the weights of the links between the nodes that take part, a scipy.sparse.csr_array [n, n]; else None.
    base
        Where features are compared, the same rows prepared as their own kind is, for showing and explaining them; else None.
    """

    x: np.ndarray
    kept: np.ndarray
    truth: np.ndarray | None
    class_names: tuple[str, ...]
    recipe: Recipe
    kind: Kind
    fingerprint: str
    graph: Any = None
    base: Prepared | None = None

    @property
    def shown(self) -> Prepared:
        """The same rows in a form that can be turned back into the user's units."""
        return self.base or self


def prepare(
    raw: Raw,
    preparation: Preparation,
    *,
    tell: Tell = silent,
    store: FeatureStore | None = None,
) -> Prepared:
    """Turn raw data into the numbers that methods see.

    Parameters
    ----------
    raw
        The data as `inspect` read it.
    preparation
        The choices; `suggest(raw)` makes them for you.
    tell
        Called with the share, 0 to 1, of the features that is made.
    store
        Where features that were made before are found, and new ones are kept.

    Returns
    -------
    Prepared
        The numbers `x`, float32 with one entry for each row in `kept`, the known answer, and the recipe that prepares new data
        in the same way.

    Raises
    ------
    InputError
        If the preparation names columns that are not there, fewer than two rows or no column are left, or nothing that is left
        differs.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import inspect, prepare, suggest
    >>> raw = inspect(pd.DataFrame({"height": [1.6, 1.8, 1.7], "eyes": ["blue", "brown", "green"]}))
    >>> prepared = prepare(raw, suggest(raw))
    >>> prepared.x.shape, str(prepared.x.dtype)
    ((3, 4), 'float32')
    >>> prepared.recipe.columns_out
    ('height', 'eyes = blue', 'eyes = brown', 'eyes = green')
    """
    check_roles(raw, preparation)
    chosen, less_varying = without_less_varying(raw, preparation)
    check_features(preparation.features, (kind_of_features(raw, chosen),), len(raw), italic(raw.name))
    kept = kept_rows(raw, chosen)
    part = raw if len(kept) == len(raw) else select_rows(raw, kept)
    recipe = _fit(part, chosen, less_varying)
    x = recipe.apply(part)
    if not any((x[piece] != x[:1]).any() for piece in pieces(len(x))):
        what = {"image": "pictures", "series": "series", "text": "texts", "graph": "nodes"}.get(raw.kind, "rows")
        same = f"All {len(x):,} {what} of {italic(raw.name)} are the same once prepared"
        raise InputError(f"{same}, so there is nothing to tell apart.")
    truth, class_names = truth_of(part, preparation)
    fingerprint = hashlib.sha256(f"{raw.fingerprint} {preparation.key()}".encode()).hexdigest()
    prepared = Prepared(x, kept, truth, class_names, recipe, recipe.kind, fingerprint, part.graph)
    if preparation.features == VALUES:
        return prepared
    x, over = fit_features(part, kept, preparation.features, recipe, tell=tell, store=store)
    return replace(prepared, x=x, recipe=over, kind=over.kind, base=prepared)


def select_rows(raw: Raw, kept: np.ndarray) -> Raw:
    """`raw` with the rows of the indices `kept` [m] alone."""
    values = None if raw.values is None else taken(raw.values, kept)
    graph = None if raw.graph is None else raw.graph[kept][:, kept]
    return replace(raw, rows=selected(raw.rows, kept), values=values, graph=graph)


def check_roles(raw: Raw, preparation: Preparation) -> None:
    """InputError if the preparation names columns that the data does not have."""
    names = {column.name for column in raw.columns}
    named = (
        *preparation.roles,
        *preparation.categories,
        *preparation.log,
        *preparation.coded_blanks,
        *preparation.date_parts,
        *preparation.ordinal,
    )
    unknown = [name for name in named if name not in names]
    if unknown:
        raise InputError(
            f"{italic(raw.name)} has no column {italic(unknown[0])}; it has {listed([c.name for c in raw.columns], 12)}."
        )


def features(raw: Raw, preparation: Preparation) -> list[Column]:
    """Columns of a table or text that take part: role feature, more than one value, or a mark in some rows."""
    chosen = [column for column in raw.columns if preparation.role(column) == "feature"]
    return [column for column in chosen if column.distinct > 1 or preparation.is_ticked(column)]


def less_varying_columns(raw: Raw, preparation: Preparation) -> frozenset[str]:
    """The columns of numbers that are left out because others vary more from row to row.

    Parameters
    ----------
    raw
        The data.
    preparation
        The choices that `prepare` would follow.

    Examples
    --------
    >>> import pandas as pd
    >>> from engine.intake import Preparation, inspect, less_varying_columns
    >>> raw = inspect(pd.DataFrame({"a": [1, 1, 9, 9], "b": [4, 4, 4, 5], "c": [0, 9, 5, 4]}))
    >>> sorted(less_varying_columns(raw, Preparation(most_varying=2)))
    ['b']
    """
    return without_less_varying(raw, preparation)[1]


def without_less_varying(raw: Raw, preparation: Preparation) -> tuple[Preparation, frozenset[str]]:
    """The preparation that ignores columns of numbers where others vary more from row to row, and their names.

    The same, and no names, where all columns are kept.
    """
    most = preparation.most_varying
    names = measured_columns(raw, preparation) if most is not None and raw.kind in ("table", "text") else []
    if most is None or len(names) <= most:
        return preparation, frozenset()
    rows = without_coded_blanks(raw.rows, preparation.coded_blanks)
    out = frozenset(names) - most_varying(rows, names, most, preparation.row_scale == "shares")
    return replace(preparation, roles={**preparation.roles, **dict.fromkeys(out, "ignore")}), out


def kind_of_features(raw: Raw, preparation: Preparation) -> Kind:
    """What the columns that take part make of a table or text: texts where they are nothing but texts."""
    if raw.kind not in ("table", "text"):
        return raw.kind
    return "text" if all(column.dtype == "text" for column in features(raw, preparation)) else "table"


def kept_rows(raw: Raw, preparation: Preparation) -> np.ndarray:
    """Rows that take part, int64: all but those without any value, and those with any blank where the user wants that.

    InputError if fewer than two are left, or no column.
    """
    if len(raw) < 2:
        raise InputError(
            f"{italic(raw.name)} has a single row: grouping needs at least two, and about twenty to make sense."
        )
    kept = np.flatnonzero(_takes_part(raw, preparation)).astype(np.int64)
    if len(kept) < 2 and raw.kind == "graph":
        raise InputError(
            f"{italic(raw.name)} falls into parts of fewer than {least_part(len(raw))} nodes without a link between them: these "
            "parts are its groups already, and within them there is too little to go by."
        )
    if len(kept) < 2:
        why = "are blank" if preparation.missing == "median" else "have a blank, and rows with blanks are left out"
        raise InputError(
            f"{count(len(raw) - len(kept), 'row')} of {italic(raw.name)} {why}: fill blanks or bring more rows."
        )
    return kept


def _takes_part(raw: Raw, preparation: Preparation) -> np.ndarray:
    if raw.kind == "image":
        return np.ones(len(raw), bool)
    if raw.kind == "series":
        there: np.ndarray = ~np.isnan(raw.array).all(axis=(1, 2))
        return there
    if raw.kind == "graph":
        return grouped_nodes(raw.graph)
    columns = features(raw, preparation)
    if not columns:
        raise InputError(_nothing_left(raw, preparation))
    columns = [column for column in columns if not preparation.is_ticked(column)]
    if not columns:
        return np.ones(len(raw), bool)
    drop = preparation.missing == "drop"
    gone = np.full(len(raw), not drop)
    for column in columns:
        blank = _blank(raw.rows[[column.name]], column.name, preparation)
        (np.logical_or if drop else np.logical_and)(gone, blank, out=gone)
    return ~gone


def _blank(rows: pd.DataFrame, name: str, preparation: Preparation) -> np.ndarray:
    return without_coded_blanks(rows, preparation.coded_blanks)[name].isna().to_numpy(bool)


def _nothing_left(raw: Raw, preparation: Preparation) -> str:
    if all(column.distinct <= 1 and not column.missing for column in raw.columns):
        return f"All {len(raw):,} rows of {italic(raw.name)} are the same, so there is nothing to tell apart."
    out = [column.name for column in raw.columns if preparation.role(column) != "label"]
    if not out:
        return f"{italic(raw.name)} has nothing but labels: bring columns to group by."
    return (
        f"No column of {italic(raw.name)} is left to group by: {listed(out)} {'is' if len(out) == 1 else 'are'} left out as "
        "blank, the same in every row, different in every row, or by choice."
    )


def _fit(raw: Raw, preparation: Preparation, less_varying: Collection[str]) -> Recipe:
    if raw.kind == "image":
        return fit_images(raw, preparation)
    if raw.kind == "series":
        return fit_series(raw, preparation, np.arange(len(raw)))
    if raw.kind == "graph":
        return fit_graph(raw, preparation)
    columns, kind = features(raw, preparation), kind_of_features(raw, preparation)
    plain = [column for column in columns if column.dtype != "text"]
    shares, blocks = fit_plain(raw.rows, plain, preparation, less_varying)
    for column in columns:
        if column.dtype == "text":
            blocks.append(fit_text(raw.rows[column.name], column.name, preparation.components, kind == "text"))
    order = {column.name: i for i, column in enumerate(columns)}
    return TableRecipe(
        kind, tuple(sorted(blocks, key=lambda block: order[block.column])), shares, preparation.coded_blanks
    )


def fit_plain(
    rows: pd.DataFrame, columns: list[Column], preparation: Preparation, less_varying: Collection[str] = ()
) -> tuple[CountShares | None, list[Block]]:
    """Blocks of numbers, dates and words, and what makes counts shares first, of which those of columns that vary less are a
    part of their row's total; fast, since a page says what would be done."""
    rows = without_coded_blanks(rows, preparation.coded_blanks)
    some = rows[[column.name for column in columns]].notna().any()
    columns = [column for column, filled in zip(columns, some, strict=True) if filled]
    shares = _shares(rows, columns, preparation, less_varying)
    rows = rows if shares is None else shares.apply(rows)
    blocks: list[Block] = []
    for column in columns:
        blocks.append(_fit_for(column, preparation)(rows[column.name], column, preparation))
    return shares, _with_common_scale(blocks, rows, preparation.scale)


def _fit_for(column: Column, preparation: Preparation) -> Callable[[pd.Series[Any], Column, Preparation], Block]:
    if column.name in preparation.ordinal and column.dtype not in ("number", "date"):
        return fit_ordinal
    if column.dtype not in ("number", "date") or column.name in preparation.categories:
        return fit_category
    if column.dtype == "date":
        return fit_date
    return fit_time if "hour" in preparation.date_parts.get(column.name, ()) else fit_number


def _shares(
    rows: pd.DataFrame, columns: list[Column], preparation: Preparation, less_varying: Collection[str]
) -> CountShares | None:
    """The columns of numbers that can be counts, where these become shares."""
    if preparation.row_scale != "shares":
        return None
    others = {*preparation.categories, *preparation.date_parts}
    numbers = [column.name for column in columns if column.dtype == "number" and column.name not in others]
    numbers += [str(name) for name in rows if name in less_varying]
    counts = [name for name, low in zip(numbers, rows[numbers].min(), strict=True) if not low < 0]
    return fit_shares(rows, counts) if counts else None


def _with_common_scale(blocks: list[Block], rows: pd.DataFrame, how: str) -> list[Block]:
    """One divisor for all numbers where they share a unit; one more where each goes by its range, for a mean variance of 1."""
    numbers = [(block, position) for block in blocks if (position := position_of(block)) is not None]
    if not numbers or how not in ("shared", "range"):
        return blocks
    if how == "shared":
        common = float(np.sqrt(np.mean([position.scale**2 for _, position in numbers])))
        scales = {position.column: common for _, position in numbers}
    else:
        variances = [float(block.apply(rows)[:, 0].var(dtype=np.float64)) for block, _ in numbers]
        common = float(np.sqrt(np.mean(variances))) or 1.0
        scales = {position.column: position.scale * common for _, position in numbers}
    return [with_position(block, lambda one: replace(one, scale=scales.get(one.column, one.scale))) for block in blocks]


def label_column(raw: Raw, preparation: Preparation) -> Column | None:
    """The column with the known answer; of several the first that the user chose against our suggestion, else the first."""
    labels = [column for column in raw.columns if preparation.role(column) == "label"]
    return next((column for column in labels if column.role != "label"), labels[0] if labels else None)


def truth_of(raw: Raw, preparation: Preparation) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The known answer as int64 [n] and its names, in order of size for numbers, else of the alphabet; blanks are a class.

    InputError where the column of labels has more than `MOST_CLASSES` different values.
    """
    column = label_column(raw, preparation)
    if column is None:
        return None, ()
    values: pd.Series[Any] = raw.rows[column.name]
    if column.distinct > MOST_CLASSES:
        raise InputError(
            f"Column {italic(column.name)} has {column.distinct:,} different values, too many for a label: give it another role."
        )
    order = sorted(values.dropna().unique().tolist())
    names = as_words(pd.Series(order, dtype=values.dtype)).tolist() if order else []
    codes = np.full(len(values), -1, np.int64)
    for piece in pieces(len(values) if order else 0):
        codes[piece] = pd.Index(order).get_indexer(values.iloc[piece])
    if (codes < 0).any():
        names.append(NO_LABEL)
        codes[codes < 0] = len(names) - 1
    return codes, tuple(str(name) for name in names)

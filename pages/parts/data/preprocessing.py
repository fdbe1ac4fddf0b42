"""What will be done to the data, in sentences, with a switch where there is a choice."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from engine import intake
from engine.core.errors import InputError
from engine.features import VALUES
from engine.intake import Preparation, Raw
from engine.runs.db.records import DatasetRecord
from pages.parts.app import formatting
from pages.parts.data import compared

_SCALES = {
    "standard": "Every column counts the same",
    "range": "Every column by its range",
    "minmax": "Every column from 0 to 1",
    "shared": "One scale for all columns",
    "none": "Leave the numbers as they are",
}
_BLANKS = {"median": "Fill blanks in", "drop": "Leave such rows out"}
_PARAMETER = "changes"
_MANY, _KEPT = 1000, (500, 1000, 2000, 5000, 10_000)
"""Columns of numbers from which on some can be kept alone, and how many."""


def current(record: DatasetRecord) -> Preparation:
    """The suggested preparation with the reader's changes, which are in the page's address; changes in error are dropped."""
    suggested = Preparation.from_json(record.preparation)
    changes = _changes()
    roles = {**suggested.roles, **changes.pop("roles", {})}
    try:
        chosen = Preparation.from_json({**suggested.to_json(), **changes, "roles": roles})
        named = {
            *chosen.roles,
            *chosen.categories,
            *chosen.log,
            *chosen.coded_blanks,
            *chosen.date_parts,
            *chosen.ordinal,
        }
        if not named <= set(suggested.roles):
            raise InputError("The address names columns that this data does not have.")
        return chosen
    except (InputError, TypeError, ValueError):
        st.query_params.pop(_PARAMETER, None)
        return suggested


def carried() -> dict[str, str]:
    """The reader's changes, to be handed on to the next page's address."""
    return {_PARAMETER: st.query_params[_PARAMETER]} if _PARAMETER in st.query_params else {}


def as_in(record: DatasetRecord, preparation: Mapping[str, Any]) -> dict[str, str]:
    """What to hand on to the next page's address so that the data are prepared as they were for a run."""
    suggested = Preparation.from_json(record.preparation).to_json()
    absent: dict[str, Any] = {
        "coded_blanks": {},
        "date_parts": {},
        "ordinal": {},
        "most_varying": None,
        "features": VALUES,
    }  # stored without these keys where they are empty
    chosen = {**absent, **preparation}
    changes = {
        name: value
        for name, value in chosen.items()
        if name != "roles" and suggested.get(name, absent.get(name)) != value
    }
    roles = {name: role for name, role in preparation["roles"].items() if suggested["roles"].get(name) != role}
    changes |= {"roles": roles} if roles else {}
    return {_PARAMETER: _written(changes)} if changes else {}


def change(record: DatasetRecord, **values: Any) -> None:
    """Remember a choice; one that equals the suggestion is forgotten."""
    suggested = Preparation.from_json(record.preparation)
    changes = _changes()
    roles = {**changes.pop("roles", {}), **values.pop("roles", {})}
    roles = {name: role for name, role in roles.items() if suggested.roles.get(name) != role}
    changes = {name: value for name, value in {**changes, **values}.items() if getattr(suggested, name) != value}
    if roles:
        changes["roles"] = roles
    if changes:
        st.query_params[_PARAMETER] = _written(changes)
    else:
        st.query_params.pop(_PARAMETER, None)


def show(record: DatasetRecord, raw: Raw) -> None:
    """The card: what is compared, switches, then everything that will be done, a sentence each."""
    now = current(record)
    now = _changed(record, now, {"features": compared.show(record, raw, now)})
    st.subheader("What will be done", anchor=False)
    now = _changed(record, now, _switches(record, raw, now))
    st.markdown("\n".join(f"- {formatting.sentence(line)}" for line in _sentences(record, now, raw)))


def _changed(record: DatasetRecord, now: Preparation, values: Mapping[str, Any]) -> Preparation:
    """The preparation with the reader's choices, which are remembered."""
    for name, value in values.items():
        if getattr(now, name) != value:
            change(record, **{name: value})
            now = replace(now, **{name: value})
    return now


def _switches(record: DatasetRecord, raw: Raw, now: Preparation) -> dict[str, Any]:
    """One control per choice that this data has."""
    key = f"prepare-{record.id}"
    if now.features != VALUES and raw.kind in ("image", "series"):
        return {}
    if raw.kind == "image" and raw.values is not None:
        return _picture_switches(key, raw, now)
    if raw.kind == "text":
        return {}
    if raw.kind == "series":
        return {}
    if raw.kind == "graph":
        sizes = sorted({4, 8, 16, 32, 64, now.components})
        help = "More of them tell finer groups apart; they count less the finer they are."
        return {
            "components": st.selectbox(
                "Numbers for each node", sizes, sizes.index(now.components), key=f"{key}-components", help=help
            )
        }
    chosen: dict[str, Any] = {}
    chosen["scale"] = st.selectbox(
        "Numbers", list(_SCALES), list(_SCALES).index(now.scale), format_func=_SCALES.__getitem__, key=f"{key}-scale"
    )
    chosen |= _most_varying(key, raw, now)
    if now.row_scale == "shares" or Preparation.from_json(record.preparation).row_scale == "shares":
        shares = st.toggle("Counts as shares of their row", now.row_scale == "shares", key=f"{key}-shares")
        chosen["row_scale"] = "shares" if shares else "none"
    if any(column.missing for column in raw.columns if now.role(column) == "feature"):
        picked = st.segmented_control(
            "Blanks",
            list(_BLANKS),
            default=now.missing,
            required=True,
            format_func=_BLANKS.__getitem__,
            key=f"{key}-missing",
        )
        chosen["missing"] = picked or now.missing
    return chosen


def _most_varying(key: str, raw: Raw, now: Preparation) -> dict[str, Any]:
    """How many columns of numbers are kept, where there are many."""
    measured = len(intake.measured_columns(raw, now))
    if now.most_varying is None and measured <= _MANY:
        return {}
    some = {n for n in _KEPT if n < measured} | ({now.most_varying} if now.most_varying else set())
    choices = [*sorted(some), None]
    picked = st.selectbox(
        "Columns of numbers",
        choices,
        choices.index(now.most_varying),
        format_func=lambda n: f"All {measured:,}" if n is None else f"The {n:,} that vary most",
        key=f"{key}-most-varying",
        help="Among very many columns, such as genes, those that vary by chance alone can hide the groups.",
    )
    return {"most_varying": picked}


def _picture_switches(key: str, raw: Raw, now: Preparation) -> dict[str, Any]:
    sizes = sorted({None, 16, 28, 32, 48, 64, now.image_size}, key=lambda size: size or 0)
    chosen: dict[str, Any] = {
        "image_size": st.selectbox(
            "Size of the pictures",
            sizes,
            sizes.index(now.image_size),
            format_func=lambda size: "As they are" if size is None else f"{size} by {size} pixels",
            key=f"{key}-size",
            help="Small pictures are learned faster. Details smaller than a pixel are lost.",
        )
    }
    if raw.values is not None and raw.values.shape[-1] == 3:
        chosen["gray"] = st.toggle("Ignore color", now.gray, key=f"{key}-gray")
    return chosen


def _sentences(record: DatasetRecord, now: Preparation, raw: Raw) -> tuple[str, ...]:
    return _cached_summary(record.id, now.key(), now, raw)


def less_varying(record: DatasetRecord, now: Preparation, raw: Raw) -> frozenset[str]:
    """The columns of numbers that are left out because others vary more."""
    return frozenset() if now.most_varying is None else _cached_less_varying(record.id, now.key(), now, raw)


@st.cache_data(max_entries=20, show_spinner=False)
def _cached_less_varying(dataset: str, key: str, _now: Preparation, _raw: Raw) -> frozenset[str]:
    return intake.less_varying_columns(_raw, _now)


@st.cache_data(max_entries=200, show_spinner=False)
def _cached_summary(dataset: str, key: str, _now: Preparation, _raw: Raw) -> tuple[str, ...]:
    return intake.preprocessing_summary(_raw, _now)


def _written(changes: Mapping[str, Any]) -> str:
    return json.dumps(changes, ensure_ascii=False, separators=(",", ":"))


def _changes() -> dict[str, Any]:
    """What the address says was changed; an address that was tampered with says nothing."""
    try:
        changes = json.loads(st.query_params.get(_PARAMETER, "{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(changes, dict) or not isinstance(changes.get("roles", {}), dict):
        return {}
    return changes

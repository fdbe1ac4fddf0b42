"""The cards of all methods, without loading what the methods are made of.

A method's card stands in its file, and that file imports torch, which takes seconds. So the cards are kept beside the byte
code, in a file named after the sources: read when it is there, made when the sources have changed, like a .pyc.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, fields, make_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.core.card import Card, Family, Knob, Refusal, Shows, knob, knobs_of

ENGINE = Path(__file__).parents[1]
METHODS = ENGINE / "methods"


@cache
def catalogue() -> tuple[Card, ...]:
    """The cards of all methods, in display order.

    Returns
    -------
    tuple of Card

    Examples
    --------
    >>> import engine
    >>> [card.called for card in engine.catalogue() if card.id in ("kmeans", "dec")]
    ['k-means', 'DEC']
    """
    cached = METHODS / "__pycache__" / f"cards-{_sources()}.json"
    try:
        return tuple(_card(item) for item in json.loads(cached.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        from engine.methods import METHODS as methods

        cards = tuple(method.card for method in methods.values())
        _keep(cached, cards)
        return cards


def card(method: str) -> Card:
    """The card of one method.

    Parameters
    ----------
    method
        Its id.

    Raises
    ------
    KeyError
        Where there is no such method.
    """
    return {item.id: item for item in catalogue()}[method]


def _sources() -> str:
    files = sorted(file for room in ("methods", "core", "objectives") for file in (ENGINE / room).glob("*.py"))
    told = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _keep(path: Path, cards: tuple[Card, ...]) -> None:
    """Write the cards for the next process; where the folder cannot be written, every process makes them anew."""
    try:
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps([_plain(item) for item in cards]), "utf-8")
        part.replace(path)
    except OSError:
        return


def _plain(item: Card) -> dict[str, Any]:
    plain = {part.name: getattr(item, part.name) for part in fields(item) if part.name != "knobs"}
    more = {"knobs": [asdict(one) for one in knobs_of(item.knobs)], "refusals": [asdict(one) for one in item.refusals]}
    return plain | {"data": sorted(item.data), "percent": sorted(item.percent)} | more


def _card(plain: Mapping[str, Any]) -> Card:
    knobs = [_knob(item) for item in plain["knobs"]]
    kind = make_dataclass("Knobs", knobs, frozen=True)
    refusals = tuple(
        Refusal({name: tuple(values) for name, values in one["when"].items()}, one["why"]) for one in plain["refusals"]
    )
    more = {
        "family": Family(plain["family"]),
        "shows": tuple(map(Shows, plain["shows"])),
        "knobs": kind,
        "refusals": refusals,
    }
    sets = {name: frozenset(plain[name]) for name in ("data", "percent")}
    return Card(**{**plain, **sets, **more})


def _knob(plain: Mapping[str, Any]) -> tuple[str, type, Any]:
    known = Knob(**{**plain, "choices": tuple(plain["choices"])})
    more = {name: getattr(known, name) for name in ("label", "unit", "choices", "log", "quick", "thorough", "main")}
    return known.name, type(known.default), knob(known.default, known.low, known.high, known.help, **more)

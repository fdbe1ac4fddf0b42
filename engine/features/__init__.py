"""Encoders: what of the data is compared. A new one is a file in this folder and a line here."""

from collections.abc import Collection
from importlib import import_module
from importlib.util import find_spec

from engine.core.errors import InputError
from engine.features.base import Encoder, EncoderCard
from engine.features.downloaded import check_downloads, model_encoder

NAMES: dict[str, str] = {
    "objects": "Objects",
    "texture": "Texture",
    "patterns": "Patterns",
    "summary": "Summary",
    "alignment": "Alignment",
    "meaning": "Meaning",
    "neighbors": "Neighbors",
}
"""File of each encoder -> its class, in display order."""

PLURALS = {"table": "tables", "image": "pictures", "series": "series", "text": "texts", "graph": "graphs"}

VALUES = "values"
"""What is compared where no encoder is asked for: the prepared values themselves."""

_PLAIN = {
    "image": (
        "Pixel by pixel",
        "Pictures are alike that are as bright at the same places: right for digits, icons and scans.",
    ),
    "series": ("Values, moment by moment", "Series are alike that have about the same values at the same moments."),
    "text": ("Words", "Texts are alike that use the same words, rare ones more than frequent ones."),
    "table": ("Columns", "Rows are alike that have about the same values in all columns."),
    "graph": ("Links", "Nodes are alike that are linked to the same nodes."),
}


def plain_card(kind: str) -> EncoderCard:
    """The card of the values themselves, for data of a kind.

    Examples
    --------
    >>> plain_card("text").name
    'Words'
    """
    name, idea = _PLAIN[kind]
    return EncoderCard(VALUES, name, idea, frozenset({kind}), source="")


def encoder(name: str) -> type[Encoder]:
    """The class of an encoder's id, or of a model by its name, such as "torchvision:resnet18".

    Raises
    ------
    InputError
        Where there is none, with a list of those that there are.
    """
    if ":" in name:
        return model_encoder(name)
    if name not in NAMES:
        raise InputError(f"There are no features {name!r}. Choose one of {', '.join((VALUES, *NAMES))}.")
    found: type[Encoder] = getattr(import_module(f"engine.features.{name}"), NAMES[name])
    return found


def encoders(kind: str | None = None) -> tuple[EncoderCard, ...]:
    """The cards of all encoders, in display order.

    Parameters
    ----------
    kind : {"image", "series", "text", "table"}, optional
        Only those that take data of this kind.

    Returns
    -------
    tuple of EncoderCard

    Examples
    --------
    >>> import engine
    >>> all("image" in card.kinds for card in engine.encoders("image"))
    True
    """
    cards = (encoder(name).card for name in NAMES)
    return tuple(card for card in cards if kind is None or kind in card.kinds)


def is_installed(name: str) -> bool:
    """Whether everything that an encoder imports is there.

    Examples
    --------
    >>> is_installed("texture")
    True
    """
    return all(find_spec(module) is not None for module in encoder(name).card.requires)


def check_features(name: str, kinds: Collection[str], n: int, what: str) -> None:
    """Whether features can be made of data.

    Parameters
    ----------
    name
        Id of an encoder, or `VALUES`.
    kinds
        The kinds of which the data may be.
    n
        How many members they have.
    what
        Their name, for the user.

    Raises
    ------
    InputError
        Where there is no such encoder, or it does not take data of these kinds, or so many of them, or its weights may not be
        downloaded.

    Examples
    --------
    >>> check_features("values", ("table",), 150, "iris")
    """
    if name == VALUES:
        return
    card = encoder(name).card
    if ":" in name:
        check_downloads(name)
    if not card.kinds & set(kinds):
        takes = " and ".join(PLURALS[kind] for kind in sorted(card.kinds))
        raise InputError(
            f"“{card.name}” compares {takes}, and {what} holds {PLURALS[next(iter(kinds))]}. Choose other features."
        )
    if card.most_rows is not None and n > card.most_rows:
        raise InputError(
            f"“{card.name}” compares at most {card.most_rows:,} members, and {what} has {n:,}. Choose other features."
        )

"""Settings made complete and checked before a run is queued, so that equal settings are equal to the letter."""

from dataclasses import asdict, replace
from typing import Any

from engine.api.catalogue import catalogue
from engine.core.card import Card, check_knobs
from engine.core.errors import InputError
from engine.features import VALUES, check_features
from engine.portfolio.card import AUTO, CARD
from engine.runs.db.records import DatasetRecord
from engine.runs.db.run_key import Settings


def completed(settings: Settings, dataset: DatasetRecord) -> tuple[Card, Settings]:
    """Complete and check the settings of a run.

    Parameters
    ----------
    settings
        As the user gave them.
    dataset
        The dataset they are about.

    Returns
    -------
    tuple of Card and Settings
        The method's card, and the settings with preparation and every knob filled in.

    Raises
    ------
    InputError
        Where the method or the data do not allow them.
    """
    card = card_of(settings.method)
    preparation = _preparation(settings, dataset)
    if "features" not in settings.preparation and not card.takes("table"):
        preparation = preparation | {"features": VALUES}  # only a suggestion, which the method cannot follow
    features = preparation.get("features", VALUES)
    # Whether a table is one of texts alone depends on the roles of its columns, which show when it is prepared.
    kinds = ("table", "text") if dataset.kind in ("table", "text") else (dataset.kind,)
    check_features(features, kinds, dataset.n, dataset.name)
    if not card.takes(dataset.kind if features == VALUES else "table"):
        fits = " or ".join(sorted(card.data))
        what = f"{dataset.kind} data" if features == VALUES else "compared by features, which are a table"
        raise InputError(f"{card.name} works on {fits} data; {dataset.name} is {what}. Choose another method.")
    _check_groups(card, settings.n_clusters, dataset)
    knobs = asdict(check_knobs(card, settings.knobs))
    _check_rows(card, preparation, dataset)
    return card, replace(settings, knobs=knobs, preparation=preparation)


def card_of(method: str) -> Card:
    """The card of a method by its id.

    Raises
    ------
    InputError
        Where there is no such method.
    """
    cards = {card.id: card for card in catalogue()}
    if method == AUTO:
        return CARD
    if method not in cards:
        raise InputError(f"There is no method {method!r}. Choose one of {', '.join(cards)}.")
    return cards[method]


def _preparation(settings: Settings, dataset: DatasetRecord) -> dict[str, Any]:
    """The suggested preparation with the user's own choices in it."""
    chosen = dataset.preparation | settings.preparation
    if chosen == dataset.preparation:
        return chosen  # the common case needs none of what reads data
    from engine.intake import Preparation

    return Preparation.from_json(chosen).to_json()


def _check_rows(card: Card, preparation: dict[str, Any], dataset: DatasetRecord) -> None:
    """InputError for more rows than the method takes; where rows with blanks are dropped, how many are left shows later."""
    if card.most_rows is not None and dataset.n > card.most_rows and preparation.get("missing") != "drop":
        raise InputError(
            f"{card.name} compares all pairs of rows and takes at most {card.most_rows:,}; {dataset.name} has {dataset.n:,}. "
            "Choose another method, or bring a sample of the rows."
        )


def _check_groups(card: Card, k: int | None, dataset: DatasetRecord) -> None:
    if k is None:
        if card.needs_k and not card.estimates_k:
            raise InputError(f"{card.name} cannot find out how many groups there are. Say how many (2 or more).")
        return
    if k < 2:
        raise InputError(f"{k} is not a number of groups: choose 2 or more.")
    if k > dataset.n:
        raise InputError(f"{k} groups are more than the {dataset.n} rows of {dataset.name}. Choose fewer groups.")

"""`Clusterer("auto")`: the search of "Decide for me" on arrays and data frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.api.encoding import as_source
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.features import check_features
from engine.intake import Recipe, inspect, suggest
from engine.intake.recipes.preparing import kind_of_features
from engine.intake.recipes.stored import recipe_from_json
from engine.portfolio.candidates import portfolio
from engine.portfolio.card import AUTO, CARD
from engine.portfolio.groups import GroupNumber, number_of_groups
from engine.portfolio.search import Search, Trial
from engine.portfolio.source import PreparedSource


@dataclass(eq=False)
class Decision:
    """What a search on samples has chosen, and how new samples are prepared in the same way.

    Attributes
    ----------
    trial
        The best candidate, trained on all samples.
    candidates
        All that were tried, each as a dict with its features, method, score, seconds and state.
    number
        How many groups candidates were asked for.
    recipe
        How samples are prepared.
    data
        All samples, prepared.
    """

    trial: Trial
    candidates: list[dict[str, Any]]
    number: GroupNumber
    recipe: Recipe
    data: Data

    @property
    def chosen(self) -> dict[str, Any]:
        """Features, method, number of groups and settings that were chosen."""
        one = self.trial.candidate
        return {"features": one.features, "method": one.method, "k": one.n_clusters, "knobs": dict(one.knobs)}


def decide(
    X: Any, k: int | None, knobs: Mapping[str, Any], seed: int, device: torch.device, features: str = AUTO
) -> Decision:
    """Search for the best candidate.

    Parameters
    ----------
    X
        Samples as `engine.read` takes them: [n, features], [n, h, w], [n, channels, time] or a DataFrame.
    k
        Number of groups; None estimates it.
    knobs
        Settings of the search.
    seed
        Decides every random choice.
    device
        Where methods train.
    features
        The only features to be tried; "auto" for all that X can be had in.

    Raises
    ------
    InputError
        For samples that cannot be read, and where nothing can be trained.
    """
    budget = float(check_knobs(CARD, knobs).budget)
    raw = inspect(as_source(X))
    preparation = suggest(raw)
    if features != AUTO:
        check_features(features, (kind_of_features(raw, preparation),), len(raw), "X")
    source = PreparedSource(raw, preparation, seed, device=device, only=None if features == AUTO else features)
    if source.n < len(raw):
        raise InputError(f"{len(raw) - source.n} of {len(raw)} samples have no value: leave them out.")
    number = GroupNumber.given(k) if k is not None else number_of_groups(source, budget / 4)
    search = Search(source, portfolio(source.kind, number.k, source.features), budget, seed)
    for _ in search.run():
        pass
    best = search.best
    assert best is not None
    tried = [
        {
            "features": trial.candidate.features,
            "method": trial.candidate.method,
            "score": trial.score,
            "seconds": trial.seconds,
            "state": trial.state,
            "on_all": trial.on_all,
        }
        for trial in search.trials
    ]
    features = best.candidate.features
    return Decision(best, tried, number, source.prepared(features).recipe, source.everything(features))


def new_data(recipe: Recipe, X: Any) -> Data:
    """New samples prepared by a recipe."""
    return Data(torch.from_numpy(np.ascontiguousarray(recipe.apply(inspect(as_source(X))))), recipe.kind)


def stored_recipe(values: Mapping[str, Any]) -> Recipe:
    """A recipe back from its `to_json`."""
    return recipe_from_json(values)

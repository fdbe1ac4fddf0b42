"""Raw data in every kind of features that candidates ask for, on a sample and as a whole."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch

from engine.core.data import Data
from engine.features import VALUES, encoder, encoders, is_installed
from engine.features.base import Tell, silent
from engine.features.reduction import Reduction
from engine.features.suggested import suggested_for_pictures
from engine.intake import Preparation, Prepared, Raw, prepare
from engine.intake.recipes.feature_recipe import FeatureStore, fit_features
from engine.intake.recipes.preparing import select_rows
from engine.portfolio.candidates import DRAWN, features_of
from engine.portfolio.search import JUDGED


@dataclass(eq=False)
class PreparedSource:
    """A data set for `engine.portfolio.search.Search`.

    Parameters
    ----------
    raw
        The data as they were read.
    preparation
        How they are prepared where their own values are compared.
    seed
        Of the sample.
    store
        Where features of all members are kept.
    tell
        Called with the share that is done of features that take long.
    device
        Where methods are to train.
    only
        The only features to be tried; None for all that these data can be had in.
    """

    raw: Raw
    preparation: Preparation
    seed: int = 0
    store: FeatureStore | None = None
    tell: Tell = silent
    device: torch.device | str = "cpu"
    only: str | None = None
    base: Prepared = field(init=False)
    rows: npt.NDArray[np.int64] = field(init=False)
    _whole: dict[str, Prepared] = field(default_factory=dict)
    _samples: dict[str, Data] = field(default_factory=dict)
    _pace: dict[str, float] = field(default_factory=dict)
    """Seconds that the features of a member took on the sample."""
    _places: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.base = prepare(self.raw, replace(self.preparation, features=VALUES))
        self._whole[VALUES] = self.base
        self.rows = np.arange(self.n)
        if self.n > JUDGED:
            self.rows = np.sort(np.random.default_rng(self.seed).choice(self.n, JUDGED, replace=False))

    @property
    def n(self) -> int:
        """Members that take part."""
        return len(self.base.x)

    @property
    def kind(self) -> str:
        """The kind of data by which experience is looked up."""
        if self.base.kind != "image":
            return str(self.base.kind)
        return DRAWN if suggested_for_pictures(self.raw.array)[0] == VALUES else "image"

    @property
    def features(self) -> tuple[str, ...]:
        """The features that are tried, the likeliest first."""
        if self.only is not None:
            return (self.only,)
        possible = {VALUES, *(card.id for card in encoders(self.base.kind) if is_installed(card.id))}
        return tuple(name for name in features_of(self.kind) if name in possible)

    def sample(self, features: str) -> Data:
        """The members `rows` in these features."""
        if len(self.rows) == self.n:
            return self.everything(features)
        if features not in self._samples:
            if features in self._whole:
                found = self._whole[features]
                self._samples[features] = Data(torch.from_numpy(found.x[self.rows]), found.kind)
            else:
                kept, began = self.base.kept[self.rows], time.monotonic()
                x, recipe = fit_features(select_rows(self.raw, kept), kept, features, self.base.recipe, tell=self.tell)
                self._pace[features] = (time.monotonic() - began) / len(kept)
                self._samples[features] = Data(torch.from_numpy(x), recipe.kind)
            self._samples[features] = self._samples[features].to(self.device)
        return self._samples[features]

    def everything(self, features: str) -> Data:
        """All members in these features."""
        return Data.of(self.prepared(features)).to(self.device)

    def prepared(self, features: str) -> Prepared:
        """All members in these features, with all that belongs to them."""
        if features not in self._whole:
            chosen = replace(self.preparation, features=features)
            self._whole[features] = prepare(self.raw, chosen, tell=self.tell, store=self.store)
        return self._whole[features]

    def seconds(self, features: str, n: int) -> float:
        """How long these features of n members take, about; 0 where they are there."""
        there = features in self._whole or (n == len(self.rows) and features in self._samples)
        pace = self._pace.get(features, encoder(features).card.seconds / 1000) if not there else 0.0
        return pace * n

    def positions(self, features: str, most: int) -> npt.NDArray[np.float32]:
        """The first `most` of the members `rows` on the two leading axes of their features, float32 [m, 2] within -1 to 1."""
        if features not in self._places:
            x = self.sample(features).x.cpu().numpy().reshape(len(self.rows), -1)
            y = Reduction.fit(x, 2).apply(x[:most])
            y = np.pad(y, ((0, 0), (0, 2 - y.shape[1])))
            self._places[features] = np.round(y / max(float(np.abs(y).max()), 1e-9), 3)
        return self._places[features]

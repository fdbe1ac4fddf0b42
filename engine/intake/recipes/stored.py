"""The recipe of each kind of data, read back from JSON."""

from collections.abc import Mapping
from typing import Any

from engine.intake.recipes.feature_recipe import FeatureRecipe
from engine.intake.recipes.graph_recipe import GraphRecipe
from engine.intake.recipes.image_recipe import ImageRecipe
from engine.intake.recipes.recipe import Recipe
from engine.intake.recipes.series_recipe import SeriesRecipe
from engine.intake.recipes.table_recipe import TableRecipe

_BY_KIND: dict[str, type[Recipe]] = {
    "graph": GraphRecipe,
    "image": ImageRecipe,
    "series": SeriesRecipe,
    "table": TableRecipe,
    "text": TableRecipe,
}


def recipe_from_json(values: Mapping[str, Any]) -> Recipe:
    """The recipe back from its `to_json`."""
    if values["kind"] == "features":
        return FeatureRecipe.read({**values, "base": recipe_from_json(values["base"])})
    return _BY_KIND[values["kind"]].read(values)

"""What a run is made of, and the key by which the same run is known again."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.core.code_version import code_version, method_version
from engine.features import VALUES
from engine.portfolio.card import AUTO


@dataclass(frozen=True)
class Settings:
    """Everything that decides a result. `preparation` is `Preparation.to_json()`; empty means the suggested one."""

    dataset: str
    method: str
    n_clusters: int | None = None
    preparation: dict[str, Any] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    def key(self) -> str:
        """sha256 of the settings and of the version of the method's code; knobs and preparation must be filled in before.

        Other code may give another result, so runs that it made are not taken for the same.
        """
        preparation = dict(self.preparation)
        if preparation.get("features") == VALUES:
            del preparation["features"]  # the key is that of earlier versions
        content = {**asdict(self), "preparation": preparation, "code": method_version(self.method)}
        if self.method == AUTO:
            content["tried"] = code_version("engine.portfolio.search", "engine.portfolio.source")
        elif self.preparation.get("features", VALUES) != VALUES:
            content["features"] = code_version(f"engine.features.{self.preparation['features']}")
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

"""What a run is made of, and the key by which the same run is known again."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from engine import __version__


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
        """sha256 of the settings and the engine's version; knobs and preparation must be filled in before.

        Another version may give another result, so its stored runs are not taken for the same.
        """
        content = {**asdict(self), "version": __version__}
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

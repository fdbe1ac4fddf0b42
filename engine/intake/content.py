"""What a reader hands over: rows and values, before names are checked and columns are profiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engine.intake.raw import Kind, Role


@dataclass(eq=False)
class Content:
    """Rows and values as a reader found them. `kind` None: to be found out from the columns; `roles` are known roles."""

    rows: pd.DataFrame
    kind: Kind | None = None
    values: np.ndarray | None = None
    notes: list[str] = field(default_factory=list)
    roles: Mapping[str, Role] = field(default_factory=dict)

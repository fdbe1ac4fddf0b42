"""The folder of this installation."""

import os
from collections.abc import Mapping
from pathlib import Path


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """CONSTELLA_HOME, else data/store of the working directory."""
    return Path(environment.get("CONSTELLA_HOME") or "data/store").absolute()

"""Recorded results: mean and spread, files, and tables in Markdown."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

RESULTS = Path(os.environ.get("CONSTELLA_RESULTS", Path(__file__).parent / "results"))


def spread(values: Sequence[float]) -> dict[str, object]:
    """Mean, standard deviation and every value."""
    return {"mean": float(np.mean(values)), "std": float(np.std(values)), "each": list(values)}


def write(name: str, result: dict[str, object]) -> None:
    """Record a result; what a GPU gave stands in a file of its own."""
    _path(name).write_text(json.dumps(result, indent=1) + "\n")


def read(name: str) -> dict[str, Any] | None:
    """What was recorded last, on a machine like this one as far as a GPU goes."""
    return json.loads(_path(name).read_text()) if _path(name).exists() else None


def _path(name: str) -> Path:
    return RESULTS / f"{name}{'-cuda' if torch.cuda.is_available() else ''}.json"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(["| " + " | ".join(line) + " |" for line in (heads, ["---"] * len(heads), *rows)])

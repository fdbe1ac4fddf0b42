"""Recorded results: mean and spread, files, and tables in Markdown."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

RESULTS = Path(__file__).parent / "results"


def spread(values: Sequence[float]) -> dict[str, object]:
    """Mean, standard deviation and every value."""
    return {"mean": float(np.mean(values)), "std": float(np.std(values)), "each": list(values)}


def write(name: str, result: dict[str, object]) -> Path:
    """Record a result; what a GPU gave stands in a file of its own."""
    path = RESULTS / f"{name}{'-cuda' if torch.cuda.is_available() else ''}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    return path


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(["| " + " | ".join(line) + " |" for line in (heads, ["---"] * len(heads), *rows)])

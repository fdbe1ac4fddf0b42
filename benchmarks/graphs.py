"""What CUDA graphs save: seconds of an epoch of DEC and others with steps replayed as graphs, and without, taken in turn.

    python -m benchmarks.graphs [--rows 70000] [--methods dec idec dcn vade] [--epochs 5] [--rounds 3]

Without a GPU nothing is recorded and both are the same training: that shows only that the comparison runs.
"""

import argparse
from itertools import pairwise

import numpy as np
import torch

from benchmarks.machine import describe
from benchmarks.sets import load
from benchmarks.tables import spread, table, write
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.methods import METHODS
from engine.training.precision import Precision
from engine.training.trainer import fit

METHODS_SHOWN = ("dec", "idec", "dcn", "vade")


def precision(device: torch.device) -> Precision:
    """bf16 on a GPU; a CPU without bf16 in hardware takes minutes for what it does in seconds in float32."""
    return "bf16" if device.type == "cuda" else "float32"


def epoch(method: str, data: Data, epochs: int, graphs: bool) -> float:
    """Seconds of an epoch of pretraining, the median of several; the first, which records, is left out."""
    kind = METHODS[method]
    told = {"network": "dense", "pretrain_epochs": epochs + 1, "epochs": 1, "batch": 256, "augment": "never"}
    knobs = check_knobs(kind.card, {name: value for name, value in told.items() if hasattr(kind.card.knobs, name)})
    moments = []
    settings = {"precision": precision(data.device), "monitor": False, "cuda_graphs": graphs}
    for moment in fit(lambda data: kind(data, 10, knobs), data, **settings):
        if moment.terms:
            moments.append(moment.seconds)
        if len(moments) > epochs:
            break
    return float(np.median([after - before for before, after in pairwise(moments)]))


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--rows", type=int, default=70_000)
    parse.add_argument("--methods", nargs="*", default=list(METHODS_SHOWN))
    parse.add_argument("--epochs", type=int, default=5)
    parse.add_argument("--rounds", type=int, default=3)
    asked = parse.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = load("mnist", asked.rows)[0].to(device)
    about = {"machine": describe(), "data": f"mnist, {len(data)} rows", "batch": 256, "precision": precision(device)}
    result = about | {"found": []}
    for method in asked.methods:
        pairs = [[epoch(method, data, asked.epochs, graphs) for graphs in (False, True)] for _ in range(asked.rounds)]
        off, on = zip(*pairs, strict=True)
        times = spread([without / with_them for without, with_them in pairs])
        result["found"].append({"method": method, "without": spread(off), "with": spread(on), "times_faster": times})
        write("graphs", result)
    print(results_table(result))


def results_table(result: dict) -> str:
    """The table as Markdown."""
    rows = [
        [
            METHODS[one["method"]].card.called,
            f"{one['without']['mean']:.2f} s",
            f"{one['with']['mean']:.2f} s",
            f"{one['times_faster']['mean']:.1f}×",
        ]
        for one in result["found"]
    ]
    return table(["method", "an epoch without graphs", "with graphs", "faster"], rows)


if __name__ == "__main__":
    main()

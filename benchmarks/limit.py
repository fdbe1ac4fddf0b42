"""How close a training comes to what the machine can do: FLOP/s of learning to redraw over FLOP/s of the bare matrix products
of the same shapes and type, taken in turn.

    python -m benchmarks.limit [--rounds 5] [--batches 64 256 1024 4096]

The network is DEC's, 784-500-500-2000-10 and back, on 10,240 digits. Seconds of an epoch are those between two snapshots of the
real loop, `engine.fit`, with all it does: order, gathering, casts, optimizer, sums of the terms.
"""

import argparse
import os
import time
from itertools import pairwise

import numpy as np
import torch

from benchmarks.machine import describe
from benchmarks.sets import load
from benchmarks.tables import spread, table, write
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.method import Method
from engine.methods import METHODS
from engine.training.trainer import fit

SIZES = (784, 500, 500, 2000, 10)
LAYERS = [*pairwise(SIZES), *pairwise(SIZES[::-1])]
ROWS = 10_240


def flops(rows: int) -> int:
    """Of all products of an epoch; the first layer's input needs no gradient."""
    weights = [a * b for a, b in LAYERS]
    return 2 * rows * (3 * sum(weights) - weights[0])


def bare(batch: int, kind: torch.dtype, device: torch.device, rows: int = ROWS, seconds: float = 1.5) -> float:
    """Seconds that the products of an epoch take alone."""
    tensors = []
    for wide, narrow in LAYERS:
        x = torch.randn(batch, wide, device=device).to(kind)
        weight = torch.randn(narrow, wide, device=device).to(kind)
        change = torch.randn(batch, narrow, device=device).to(kind)
        tensors.append((x, weight, change))

    def step() -> None:
        for i, (x, weight, change) in enumerate(tensors):
            x @ weight.T
            change.T @ x
            if i:
                change @ weight

    for _ in range(3):
        step()
    wait(device)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        for _ in range(4):
            step()
        wait(device)
        count += 4
    return (time.perf_counter() - start) / count * (rows / batch)


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def training(batch: int, precision: str, data: Data, epochs: int) -> float:
    """Seconds of an epoch of the real loop, the median of several; the first warms up."""
    kind = METHODS["ae_kmeans"]
    told = {
        "network": "dense",
        "pretrain_epochs": epochs,
        "batch": batch,
        "tolerance": 0.0,
        "augment": "never",
        "layers": "500-500-2000",
    }
    knobs = check_knobs(kind.card, told)

    def build(data: Data) -> Method:
        method = kind(data, 10, knobs)
        method.batch = batch  # also where the method would choose smaller ones
        return method

    moments = []
    for moment in fit(build, data, precision=precision, monitor=False):
        if moment.stage == "pretrain" and moment.terms:
            moments.append(moment.seconds)
        if len(moments) == epochs:
            break
    return float(np.median(np.diff(moments)))


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--rounds", type=int, default=5)
    parse.add_argument("--rows", type=int, default=ROWS)
    parse.add_argument("--batches", type=int, nargs="*", default=[64, 256, 1024, 4096])
    told = parse.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(os.cpu_count() or 1)
    data = load("mnist", told.rows)[0].to(device)
    result = {
        "machine": describe(),
        "data": f"mnist, {told.rows} rows",
        "network": SIZES,
        "rounds": told.rounds,
        "found": [],
    }
    for precision, kind in (("float32", torch.float32), ("bf16", torch.bfloat16)):
        for batch in told.batches:
            seconds, limits = [], []
            for _ in range(told.rounds):
                limits.append(bare(batch, kind, device, told.rows))
                seconds.append(training(batch, precision, data, 5))
            share = spread([a / b for a, b in zip(limits, seconds, strict=True)])
            took = {"bare": limits, "training": seconds}
            speeds = {name: flops(told.rows) / float(np.median(one)) / 1e9 for name, one in took.items()}
            result["found"].append(
                {
                    "precision": precision,
                    "batch": batch,
                    "gflops": speeds,
                    "seconds_an_epoch": spread(seconds),
                    "share_of_limit": share,
                }
            )
            write("limit", result)
            print(precision, batch, {k: round(v) for k, v in speeds.items()}, f"{share['mean']:.2f}", flush=True)
    print(results_table(result))


def results_table(result: dict) -> str:
    """The table as Markdown."""
    rows = [
        [
            one["precision"],
            f"{one['batch']:,}",
            f"{one['gflops']['training']:.0f}",
            f"{one['gflops']['bare']:.0f}",
            f"{one['share_of_limit']['mean']:.2f} ± {one['share_of_limit']['std']:.2f}",
        ]
        for one in result["found"]
    ]
    return table(["type", "batch", "GFLOP/s, training", "GFLOP/s, bare products", "share of the limit"], rows)


if __name__ == "__main__":
    main()

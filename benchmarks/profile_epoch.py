"""Where the time of an epoch goes: the operators of the real loop, by their own time.

    python -m benchmarks.profile_epoch [--method ae_kmeans] [--batch 256] [--precision bf16] [--network dense]

The first epoch warms up, the second is profiled. What was learned from it is in PROFILE.md.
"""

import argparse
import os

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.limit import ROWS
from benchmarks.sets import load
from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.method import Method
from engine.methods import METHODS
from engine.training.trainer import fit


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--method", default="ae_kmeans")
    parse.add_argument("--batch", type=int, default=256)
    parse.add_argument("--precision", default="auto")
    parse.add_argument("--network", default="dense")
    parse.add_argument("--augment", default="never", choices=("auto", "never", "always", "beside", "undone"))
    told = parse.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    kind = METHODS[told.method]
    given = {"pretrain_epochs": 3, "batch": told.batch, "network": told.network, "augment": told.augment}
    knobs = check_knobs(kind.card, given | {"tolerance": 0.0, "layers": "500-500-2000"})

    def build(data: Data) -> Method:
        method = kind(data, 10, knobs)
        method.batch = told.batch
        return method

    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = load("mnist", ROWS)[0].to(device)
    activities = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if device == "cuda" else [])
    training = fit(build, data, precision=told.precision, monitor=False)
    before = next(moment for moment in training if moment.terms).seconds
    with profile(activities=activities) as seen:
        after = next(moment for moment in training if moment.terms).seconds
    print(seen.key_averages().table(sort_by=f"self_{device}_time_total", row_limit=20, max_name_column_width=36))
    print(f"the epoch took {after - before:.2f} s under the profiler")


if __name__ == "__main__":
    main()

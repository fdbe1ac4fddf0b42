"""One training by Constella: reads its task as JSON, prints seconds and how labels changed on the way; see `peer_run`.

More of the task: knobs, precision, kind; `monitor` trains as the app does and keeps the labels of every
observation, with its second; without it the network is the peer's.
"""

import json
import sys
import time

import numpy as np
import torch
import torch._dynamo  # the first optimizer would load it; the peer's imports have loaded it, and so have the app's workers
from torch import nn

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.method import Method
from engine.inference.outcome import evaluate
from engine.methods import METHODS
from engine.training.trainer import fit


def like_the_peer(method: Method) -> Method:
    """The peer's network: its activation and its first weights, in our sizes, which are the same."""
    net = getattr(method.net, "plain", method.net)
    for part in (net.encoder, net.decoder):
        for i, layer in enumerate(part):
            if isinstance(layer, nn.Linear):
                layer.reset_parameters()
            else:
                part[i] = nn.LeakyReLU()
    return method


def main() -> None:
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    data = Data(torch.from_numpy(np.load(task["x"])), task["kind"])
    kind = METHODS[task["method"]]
    knobs = check_knobs(kind.card, task["knobs"])
    if task["device"] == "cuda":
        torch.zeros(1, device="cuda")
    looks, seconds = [], []
    start = time.perf_counter()
    data = data.to(task["device"])
    training = fit(
        lambda data: kind(data, task["k"], knobs) if task["monitor"] else like_the_peer(kind(data, task["k"], knobs)),
        data,
        seed=task["seed"],
        precision=task["precision"],
        monitor=task["monitor"],
    )
    while True:
        try:
            moment = next(training)
        except StopIteration as end:
            method = end.value
            break
        if moment.labels is not None:
            looks.append(moment.labels)
            seconds.append(time.perf_counter() - start)
    labels = evaluate(method, data).labels
    total = time.perf_counter() - start
    np.save(task["labels"], np.stack([*looks, labels]))
    print(json.dumps({"seconds": total, "looks": [*seconds, total]}))


if __name__ == "__main__":
    main()

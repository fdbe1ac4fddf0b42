"""One training by ClustPy, in an environment of its own: reads its task as JSON, prints seconds; labels go to a file.

Of this project only the way to torchvision is run here. The task: method, x (NPY), labels (NPY to write), k, seed, pretrain,
epochs, batch, device, threads.
"""

import contextlib
import json
import runpy
import sys
import time
from pathlib import Path

import numpy as np
import torch


def main() -> None:
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    vision = runpy.run_path(str(Path(__file__).parents[1] / "engine/core/vision.py"))
    vision["import_torchvision"]()
    from clustpy import deep
    from clustpy.deep._utils import mean_squared_error
    from clustpy.deep.vade import _VaDE_VAE

    x = np.load(task["x"])
    kind = {"dec": deep.DEC, "idec": deep.IDEC, "dcn": deep.DCN, "dkm": deep.DKM, "vade": deep.VaDE}[task["method"]]
    more = {"neural_network": (_VaDE_VAE, {"decoder_output_fn": None})} if task["method"] == "vade" else {}
    model = kind(
        task["k"],
        batch_size=task["batch"],
        pretrain_epochs=task["pretrain"],
        clustering_epochs=task["epochs"],
        pretrain_optimizer_params={"lr": 1e-3},
        clustering_optimizer_params={"lr": 1e-4},
        ssl_loss_fn=mean_squared_error,
        device=torch.device(task["device"]),
        random_state=task["seed"],
        **more,
    )
    if task["device"] == "cuda":
        torch.zeros(1, device="cuda")
    with contextlib.redirect_stdout(sys.stderr):
        start = time.perf_counter()
        model.fit(x)
        seconds = time.perf_counter() - start
    np.save(task["labels"], np.asarray(model.labels_, dtype=np.int64))
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()

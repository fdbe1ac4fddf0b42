"""One training by ClustPy, in an environment of its own: reads its task as JSON, prints seconds; labels go to a file.

Nothing of this project is imported here. The task: method, x (NPY), labels (NPY to write), k, seed, pretrain, epochs, batch,
device, threads.
"""

import contextlib
import json
import sys
import time

import numpy as np
import torch


def cure() -> object:
    """torchvision's wheel is built for CUDA; beside a CPU-only torch its operators must be declared first."""
    try:
        import torchvision  # noqa: F401

        return None
    except RuntimeError:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        return library


def main() -> None:
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    kept = cure()
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
    del kept


if __name__ == "__main__":
    main()

"""k-means and distances: scikit-learn beside ours, differences beside products. `python -m benchmarks.kmeans`"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from torch import Tensor

from benchmarks.machine import describe
from benchmarks.sets import load
from engine.clusters.lloyd import lloyd
from engine.losses import squared_distances

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
RESULT = Path(__file__).parent / "results" / f"kmeans{'-cuda' * (DEVICE == 'cuda')}.json"


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """The fastest of three."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(times):
            work()
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        best = min(best, (time.perf_counter() - start) / times)
    return best


def cost(z: Tensor, centers: Tensor) -> float:
    z, centers = z.cpu().double(), centers.cpu().double()
    return sum(float(torch.cdist(part, centers).square().amin(1).sum()) for part in z.split(4096))


def groups(name: str, z: Tensor, k: int, restarts: int) -> dict[str, object]:
    """Seconds and costs of both on the same rows."""
    there = z.to(DEVICE)
    torch.manual_seed(0)
    ours, _ = lloyd(there, k, restarts)
    theirs = torch.from_numpy(KMeans(k, n_init=restarts, random_state=0).fit(z.numpy()).cluster_centers_)
    return {
        "set": name,
        "shape": list(z.shape),
        "k": k,
        "restarts": restarts,
        "scikit_learn": seconds(lambda: KMeans(k, n_init=restarts, random_state=0).fit(z.numpy())),
        "ours": seconds(lambda: lloyd(there, k, restarts)),
        "cost_ratio": cost(z, ours) / cost(z, theirs),
    }


def distances(n: int, k: int, d: int) -> dict[str, object]:
    """Seconds of distances and both gradients."""
    z, centers = (torch.randn(m, d, device=DEVICE, requires_grad=True) for m in (n, k))
    weight, times = torch.rand(n, k, device=DEVICE), max(1, 1_000_000 // (n * k))

    def step(measure: Callable[[Tensor, Tensor], Tensor]) -> float:
        return seconds(lambda: torch.autograd.grad(measure(z, centers), (z, centers), weight), times)

    return {
        "n": n,
        "k": k,
        "d": d,
        "differences": step(lambda z, c: (z.unsqueeze(1) - c).square().sum(2)),
        "ours": step(squared_distances),
    }


def main() -> None:
    digits, pictures = load("optdigits")[0].x, load("mnist")[0].x.flatten(1)
    code = torch.from_numpy(PCA(10, random_state=0).fit_transform(pictures.numpy()))
    found = {
        "machine": describe(),
        "kmeans": [
            groups("optdigits", digits, 10, 10),
            groups("MNIST, 10 components", code[:10_000], 10, 20),
            groups("MNIST, 10 components", code, 10, 5),
            groups("MNIST, 10 components", code, 200, 1),
            groups("MNIST", pictures[:10_000], 10, 2),
        ],
        "distances": [
            distances(*size)
            for size in ((256, 10, 10), (256, 50, 10), (1024, 100, 10), (10_000, 200, 10), (100_000, 50, 10))
        ],
    }
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

"""What runs on a dataset share, pretrained weights and features: where it is stored, and how much of it."""

from engine.runs.files.artifacts import Artifacts


def folder(dataset: str) -> str:
    """Of pretrained weights: with the dataset's own files, so that they go when it goes."""
    return f"datasets/{dataset}/pretrained"


def features_folder(dataset: str) -> str:
    """Of features, each in a folder of its own: with the dataset's own files, too."""
    return f"datasets/{dataset}/features"


def trim(artifacts: Artifacts, budget: int) -> None:
    """Delete the oldest weights and features until those of all datasets have at most `budget` bytes; the newest stay."""
    shared = sorted(_shared(artifacts), key=lambda one: one[1])
    total = sum(size for _, _, size in shared)
    for name, _, size in shared[:-1]:
        if total <= budget:
            break
        artifacts.delete(name)
        total -= size


def _shared(artifacts: Artifacts) -> list[tuple[str, float, int]]:
    """Name, time of writing and bytes of each file of weights and each folder of features."""
    found = []
    for dataset in artifacts.folders("datasets"):
        found += [(file.name, file.modified, file.size) for file in artifacts.files(folder(dataset))]
        for key in artifacts.folders(features_folder(dataset)):
            files = artifacts.files(name := f"{features_folder(dataset)}/{key}")
            found.append((name, max((file.modified for file in files), default=0.0), sum(file.size for file in files)))
    return found

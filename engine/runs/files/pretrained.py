"""Where pretrained weights that runs on a dataset share are stored, and how much of them."""

from engine.runs.files.artifacts import Artifacts


def folder(dataset: str) -> str:
    """With the dataset's own files, so that they go when it goes."""
    return f"datasets/{dataset}/pretrained"


def trim(artifacts: Artifacts, budget: int) -> None:
    """Delete the oldest pretrained weights until those of all datasets have at most `budget` bytes; the newest stay."""
    folders = [folder(dataset) for dataset in artifacts.folders("datasets")]
    files = sorted((file for name in folders for file in artifacts.files(name)), key=lambda file: file.modified)
    total = sum(file.size for file in files)
    for file in files[:-1]:
        if total <= budget:
            break
        artifacts.delete(file.name)
        total -= file.size

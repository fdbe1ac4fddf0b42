"""A home with finished runs, trained inside the test: nothing needs to be waited for."""

import contextlib
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from engine.api.catalogue import card
from engine.core.card import preset
from engine.runs import Settings, Workspace
from engine.runs.db.schema import workers
from engine.runs.workers.worker import Worker


def home(folder: Path, sample: str, k: int) -> tuple[Workspace, str]:
    """A home with one finished run: k-means on a sample."""
    workspace = Workspace.open({"CONSTELLA_HOME": str(folder)})
    return workspace, train(workspace, arrive(workspace, sample), "kmeans", k)


def furnish(folder: Path) -> None:
    """Two datasets and five runs: three of k-means, one of a network, and one that waits."""
    workspace = Workspace.open({"CONSTELLA_HOME": str(folder)})
    ids = {sample: arrive(workspace, sample) for sample in ("customers", "digits")}
    runs = {
        name: train(workspace, ids[sample], "kmeans", k)
        for name, sample, k in (("customers", "customers", 4), ("digits", "digits", 10), ("other", "digits", 6))
    }
    small = {"layers": "32-32", "pretrain_epochs": 2, "epochs": 2}
    runs["deep"] = train(workspace, ids["customers"], "idec", 4, 3, small)
    idec = preset(card("idec").knobs, "quick")
    waiting = workspace.submit(Settings(dataset=ids["customers"], method="idec", n_clusters=4, knobs=idec)).id
    (folder / "ids.json").write_text(json.dumps({"datasets": ids, "runs": runs, "waiting": waiting}))
    workspace.close()


def moved(source: Path, folder: Path) -> dict[str, Any]:
    """A copy of a furnished home: "home", "workspace", and the ids of its "datasets", "runs" and of the one "waiting"."""
    shutil.copytree(source, folder)
    workspace = Workspace.open({"CONSTELLA_HOME": str(folder)})
    return {"home": folder, "workspace": workspace, **json.loads((folder / "ids.json").read_text())}


def end_workers(workspace: Workspace) -> None:
    """Kill the workers that a server started for this home; they outlive it on purpose."""
    with workspace.store.read() as connection:
        pids = [row.pid for row in connection.execute(workers.select()) if row.pid not in (0, os.getpid())]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def arrive(workspace: Workspace, sample: str) -> str:
    """The id of a sample's dataset, brought in."""
    item, light = workspace.add(sample).id, Worker(workspace, "light")
    while workspace.importing(item).state in ("queued", "running"):
        light.once()
    light._deregister()  # or else a server would count on it
    dataset = workspace.importing(item).dataset
    assert dataset is not None, workspace.importing(item).sentence
    return dataset


def train(
    workspace: Workspace, dataset: str, method: str, k: int, seed: int = 0, knobs: dict[str, Any] | None = None
) -> str:
    """The id of a finished run, with the Quick preset where nothing else is chosen."""
    knobs = knobs or preset(card(method).knobs, "quick")
    run = workspace.submit(Settings(dataset=dataset, method=method, n_clusters=k, knobs=knobs, seed=seed)).id
    worker = Worker(workspace, "train")
    while worker.once():
        continue
    worker._deregister()
    assert workspace.run(run).state == "done", workspace.run(run).sentence
    return run

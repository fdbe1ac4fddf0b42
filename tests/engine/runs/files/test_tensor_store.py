"""Pretrained weights that runs share: of one dataset, made by the same code, and whole or not taken."""

from pathlib import Path

import pytest
import torch

from engine.core.data import Data
from engine.core.method import Stage, Step
from engine.runs import Workspace
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.tensor_store import ArtifactTensorStore
from engine.training import pretrained

KEY = "reuse-abc"


@pytest.fixture
def store(tmp_path: Path) -> ArtifactTensorStore:
    return ArtifactTensorStore(Artifacts(str(tmp_path)), "run", "data")


def test_damaged_weights_are_thrown_away(store: ArtifactTensorStore, tmp_path: Path) -> None:
    store.put(KEY, {"0.weight": torch.ones(50)})
    path = tmp_path / "datasets" / "data" / "pretrained" / f"{KEY}.safetensors"
    content = bytearray(path.read_bytes())
    content[-60] ^= 1  # a bit of one weight: still safetensors, still the same shape
    path.write_bytes(bytes(content))
    assert store.get(KEY) is None
    assert not path.exists()
    store.put(KEY, {"0.weight": torch.ones(50)})
    again = store.get(KEY)
    assert again is not None
    assert again["0.weight"].tolist() == [1.0] * 50


def test_weights_are_shared_within_a_dataset_and_go_with_it(digits: Workspace) -> None:
    (record,) = digits.datasets()
    one, two, other = (
        ArtifactTensorStore(digits.artifacts, run, dataset)
        for run, dataset in (("one", record.id), ("two", record.id), ("one", "another"))
    )
    one.put(KEY, {"0": torch.ones(1)})
    one.put("checkpoint", {"0": torch.ones(1)})
    assert two.get(KEY) is not None
    assert two.get("checkpoint") is None
    assert other.get(KEY) is None
    digits.delete_dataset(record.id)
    assert two.get(KEY) is None
    assert digits.artifacts.files("datasets") == []


def test_weights_of_other_code_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage("a", "A", [Step(lambda batch: {}, [torch.nn.Linear(2, 2)])], pretrained=("autoencoder",))
    data = Data(torch.ones(4, 2), "table")
    before = pretrained.key(stage, data, 0, False)
    assert pretrained.key(stage, data, 0, False) == before
    monkeypatch.setattr(pretrained, "code_version", lambda *modules: "later")
    assert pretrained.key(stage, data, 0, False) != before

"""What can be taken away of a finished run: it says the same everywhere, or there is none and a sentence says why."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

import engine
from engine.core import autoencoder_method
from engine.core.errors import InputError
from engine.inference.onnx import OUTPUTS, run
from engine.intake import inspect
from engine.intake.recipes.stored import recipe_from_json
from engine.runs import RunRecord, Settings, Workspace
from engine.runs.files.models import load_model
from engine.runs.workers import export_job
from engine.runs.workers.worker import Worker

ROOT = Path(__file__).parents[4]
CUSTOMERS = ROOT / "data" / "customers.csv"
SMALL = {"layers": "32-32", "pretrain_epochs": 2, "epochs": 2}
KNOBS = {
    "kmeans": {},
    "ae_kmeans": {"layers": "32-32", "pretrain_epochs": 2},
    "dec": SMALL,
    "vade": SMALL,
    "hdbscan": {},
    "kmedoids": {},
    "gmm": {},
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace that holds customers from a file, and photos."""
    found = Workspace.open({"CONSTELLA_HOME": str(tmp_path_factory.mktemp("exported") / "home")})
    for source in (CUSTOMERS, "photos"):
        found.add(source)
    _all(found, "light")
    return found


@pytest.fixture(autouse=True)
def as_for_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings take the turns that they take in a process of their own, not those that tests ask for."""
    monkeypatch.setattr(autoencoder_method, "STRETCH", autoencoder_method.CORRECTIONS)


def _all(workspace: Workspace, lane: str) -> None:
    worker = Worker(workspace, lane)
    while worker.once():
        continue
    worker._deregister()


def _done(workspace: Workspace, method: str, dataset: str = "customers.csv", **knobs: object) -> RunRecord:
    """A finished run; an unusual seed, and one column chosen away from what is suggested."""
    known = next(record for record in workspace.datasets() if record.name == dataset)
    roles = known.preparation["roles"] | ({"gender": "ignore"} if dataset == "customers.csv" else {})
    k = None if method == "hdbscan" else 4
    preparation = {"roles": roles, "features": "values"}
    settings = Settings(known.id, method, k, preparation, {**KNOBS.get(method, {}), **knobs}, 11)
    record = workspace.submit(settings)
    _all(workspace, "train")
    record = workspace.run(record.id)
    assert record.state == "done", record.sentence
    return record


def test_the_script_makes_exactly_the_groups_of_the_run(workspace: Workspace, tmp_path: Path) -> None:
    record = _done(workspace, "dec")
    text = export_job.script(workspace, record).decode().replace("'customers.csv'", repr(str(CUSTOMERS)), 1)
    (tmp_path / "again.py").write_text(text, "utf-8")
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "again.py"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=250
    )
    assert told.returncode == 0, told.stderr
    table, result = pd.read_csv(tmp_path / "groups.csv"), workspace.result(record.id)
    assert table["group"].tolist() == (result.labels + 1).tolist()
    assert table["customer_id"].tolist() == pd.read_csv(CUSTOMERS)["customer_id"][result.kept].tolist()


@pytest.mark.filterwarnings("ignore")
def test_the_notebook_is_valid_and_makes_exactly_the_groups_of_the_run(workspace: Workspace, tmp_path: Path) -> None:
    record = _done(workspace, "dec")
    book = nbformat.reads(export_job.notebook(workspace, record).decode(), as_version=4)
    nbformat.validate(book)
    assert book.cells[0].cell_type == "markdown"
    assert book.cells[0].source.startswith("# ")
    book.cells[1].source = f"import os, sys\nsys.path.insert(0, {str(ROOT)!r})\nPATH = {str(CUSTOMERS)!r}"
    book.cells.append(nbformat.v4.new_code_cell("print(' '.join(map(str, labels.tolist())))"))
    nbclient.NotebookClient(book, timeout=250, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = [int(word) for word in book.cells[-1].outputs[0].text.split()]
    assert said == workspace.result(record.id).labels.tolist()


@pytest.mark.parametrize("method", ["dec", "gmm"])
def test_the_stored_model_fitted_anew_makes_exactly_the_groups_of_the_run(workspace: Workspace, method: str) -> None:
    record = _done(workspace, method)
    stored, recipe = load_model(workspace, record)
    assert stored.random_state == record.seed == 11
    x = recipe.apply(workspace.raw(record.dataset))[workspace.result(record.id).kept]
    again = clone(stored).fit(x)
    assert again.labels_.tolist() == workspace.result(record.id).labels.tolist()


@pytest.mark.parametrize("method", ["kmeans", "ae_kmeans", "dec", "vade"])
def test_safetensors_and_onnx_name_the_same_groups(workspace: Workspace, method: str, tmp_path: Path) -> None:
    record = _done(workspace, method)
    _compare(workspace, record, tmp_path)


def test_a_convolutional_network_too(workspace: Workspace, tmp_path: Path) -> None:
    record = _done(workspace, "ae_kmeans", "photos", network="convolutional", pretrain_epochs=1)
    _compare(workspace, record, tmp_path)


def _compare(workspace: Workspace, record: RunRecord, folder: Path) -> None:
    """The ZIP as its README says, and the ONNX file, on all rows: the groups of the run."""
    zipfile.ZipFile(io.BytesIO(export_job.model(workspace, record))).extractall(folder)
    assert len((folder / "README.txt").read_text().splitlines()) == 7
    model = engine.load(folder / "model")
    recipe = recipe_from_json(json.loads((folder / "recipe.json").read_text("utf-8")))
    raw, result = workspace.raw(record.dataset), workspace.result(record.id)
    x = recipe.apply(raw)[result.kept]
    labels = model.predict(engine.Data(torch.from_numpy(x), recipe.kind))
    assert labels.tolist() == result.labels.tolist()
    content = export_job.onnx(workspace, record)
    said = run(content, x)
    assert tuple(said) == OUTPUTS
    assert said["labels"].tolist() == result.labels.tolist()
    assert np.allclose(said["code"], model.transform(engine.Data(torch.from_numpy(x), recipe.kind)), atol=1e-3)
    assert np.allclose(said["memberships"].sum(1), 1, atol=1e-4)
    assert said["memberships"].shape == (len(x), 4)
    assert run(content, x[:1])["labels"].tolist() == result.labels[:1].tolist()


def test_the_readme_of_the_model_works_as_written(workspace: Workspace, tmp_path: Path) -> None:
    record = _done(workspace, "kmeans")
    zipfile.ZipFile(io.BytesIO(export_job.model(workspace, record))).extractall(tmp_path)
    lines = [line.strip() for line in (tmp_path / "README.txt").read_text().splitlines() if line.startswith("    ")]
    script = "\n".join(lines).replace("YOUR_FILE", str(CUSTOMERS)) + "\nprint(*labels.tolist())"
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200
    )
    assert told.returncode == 0, told.stderr
    assert [int(word) for word in told.stdout.split()] == workspace.result(record.id).labels.tolist()


@pytest.mark.parametrize(("method", "said"), [("hdbscan", "looking at all rows"), ("kmedoids", "no fixed calculation")])
def test_methods_that_have_no_onnx_say_why(workspace: Workspace, method: str, said: str) -> None:
    record = _done(workspace, method)
    request = workspace.exports.ask(record.id, "onnx")
    _all(workspace, "light")
    request = workspace.exports.get(request.id)
    assert request.state == "failed"
    assert said in request.sentence


def test_a_file_that_names_other_groups_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    record = _done(workspace, "ae_kmeans")
    clusterer, recipe = load_model(workspace, record)
    x = torch.from_numpy(recipe.apply(workspace.raw(record.dataset))[:50])
    wrong = workspace.result(record.id).labels[:50].copy()
    wrong[7] = (wrong[7] + 1) % 4
    from engine.inference.onnx import to_onnx

    with pytest.raises(InputError, match="another group for 1 of 50"):
        to_onnx(clusterer.method_, x, wrong)


def test_the_worker_makes_each_file_once_and_the_copy_holds_every_row(workspace: Workspace) -> None:
    record = _done(workspace, "kmeans")
    assert workspace.exports.find(record.id, "copy") is None
    request = workspace.exports.ask(record.id, "copy")
    _all(workspace, "light")
    again = workspace.exports.ask(record.id, "copy")
    assert (again.state, again.created) == ("done", request.created)
    table, mine, result = (
        pd.read_csv(io.BytesIO(workspace.exports.read(request.id))),
        pd.read_csv(CUSTOMERS),
        workspace.result(record.id),
    )
    pd.testing.assert_frame_equal(table[mine.columns], mine)
    assert table["group"][result.kept].tolist() == (result.labels + 1).tolist()
    assert workspace.original(record.dataset) is not None
    workspace.exports.forget(request.id)
    assert workspace.exports.find(record.id, "copy") is None


def test_labels_give_back_every_cell_as_it_was_from_everywhere(workspace: Workspace, tmp_path: Path) -> None:
    days, marks = ("01.02.2024", "3.4.2024"), ("Ja ", "nein", "-")
    written = [[f"{i:05}", f"{i % 7},5{i % 3}0", days[i % 2], marks[i % 3]] for i in range(60)]
    path = tmp_path / "plain.csv"
    path.write_text("\n".join(map(";".join, [["code", "price", "day", "yes"], *written])))
    workspace.add(path)
    _all(workspace, "light")
    record = _done(workspace, "kmeans", "plain.csv")
    _, made = export_job.exported(workspace, record, "csv")
    table = pd.read_csv(io.BytesIO(made), dtype=str, keep_default_na=False)
    assert table.iloc[:, 1:5].to_numpy().tolist() == written
    request = workspace.exports.ask(record.id, "csv")
    _all(workspace, "light")
    assert workspace.exports.read(request.id) == made
    some = np.arange(3)
    assert export_job.csv(workspace, record, some).decode().splitlines()[1:] == made.decode().splitlines()[1:4]


def test_predictions_give_back_every_cell_as_it_was(workspace: Workspace) -> None:
    record = _done(workspace, "kmeans")
    own = pd.read_csv(CUSTOMERS, dtype=str, keep_default_na=False).head(20)
    own.iloc[:, 0] = [f"00{i}" for i in range(20)]
    request = workspace.predictions.ask(record.id, own.to_csv(index=False).encode(), "new.csv")
    _all(workspace, "light")
    with workspace.predictions.rows_as_written(request.id) as rows:
        assert rows.to_numpy().tolist() == own.to_numpy().tolist()


def test_pictures_of_a_sample_are_sorted_too(workspace: Workspace) -> None:
    record = _done(workspace, "kmeans", "photos")
    ending, content = export_job.exported(workspace, record, "copy")
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert ending == "zip"
    assert len(names) == len(workspace.result(record.id)) + 1


def test_the_original_goes_with_its_dataset(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "tiny.csv"
    path.write_text("a,b\n1,2\n3,4\n5,9\n")
    item = workspace.add(path)
    _all(workspace, "light")
    dataset = workspace.importing(item.id).dataset
    assert dataset is not None
    found = workspace.original(dataset)
    assert found is not None
    assert found.files == ("tiny.csv",)
    assert (
        inspect(found.fetch(workspace.artifacts, tmp_path / "back")).fingerprint == workspace.raw(dataset).fingerprint
    )
    workspace.delete_dataset(dataset)
    assert workspace.original(dataset) is None
    assert workspace.artifacts.names(f"originals/{dataset}") == []

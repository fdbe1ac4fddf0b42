"""A run from its settings to its stored result, and everything that can go wrong on the way."""

import errno
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.intake import inspect, mapped
from engine.intake.recipes import recipe
from engine.methods.idec import IDEC
from engine.runs import Settings, Workspace
from engine.runs.db import repository
from engine.runs.db.validation import completed
from engine.runs.files import models
from engine.runs.files.artifacts import Artifacts
from engine.runs.workers import train_job
from engine.runs.workers.worker import Worker

SMALL = {"layers": "32-16", "pretrain_epochs": 3, "epochs": 4, "tolerance": 0.0}


def _settings(space: Workspace, method: str = "kmeans", seed: int = 0, k: int = 10) -> Settings:
    return Settings(space.datasets()[0].id, method, k, knobs=SMALL if method in ("idec", "dec") else {}, seed=seed)


def _train(space: Workspace, settings: Settings) -> str:
    run = space.submit(settings).id
    assert Worker(space, "train").once()
    return run


def test_a_run_leaves_a_result_a_history_and_a_film(digits: Workspace) -> None:
    run = _train(digits, _settings(digits, "idec"))
    record, result = digits.run(run), digits.result(run)
    assert (record.state, record.sentence, record.progress, record.eta_seconds) == ("done", "", 1.0, None)
    assert record.name.endswith("on digits")
    assert len(result) == record.summary["n"] == 1797
    assert record.summary["metrics"]["acc"] == pytest.approx(result.metrics["acc"])
    history = digits.history(run)
    assert [item["epoch"] for item in history] == [1, 2, 3, 1, 2, 3, 4, 1]
    assert [item["epochs"] for item in history] == [3] * 3 + [4] * 4 + [1]
    assert all(item["terms"] and item["seconds"] > 0 for item in history[:-1])
    assert (history[-1]["stage"], history[-1]["stage_title"]) == ("final", "Final groups")
    assert digits.history(run, since=history[4]["seq"]) == history[5:]
    recording = digits.recording(run)
    assert recording.sample is not None
    assert len(recording.sample) == 1797
    seen = [item["frame"] for item in history if item["frame"] is not None]
    assert seen == list(range(len(recording)))
    assert len(recording) >= 2
    assert recording.frames[-1].positions is not None
    assert recording.frames[-1].positions.shape == (1797, 2)
    assert recording.frames[-1].labels is not None
    assert recording.frames[-1].labels.dtype == np.int64
    assert np.isfinite(recording.frames[-1].positions).all()
    assert digits.frame(run).frames[0].seq == recording.frames[-1].seq
    assert len(digits.recording(run, since=1)) == len(recording) - 1


def test_methods_that_pretrain_alike_share_it(digits: Workspace) -> None:
    _train(digits, _settings(digits, "dec"))
    second = _train(digits, _settings(digits, "idec"))
    reports = [item["report"] for item in digits.history(second)]
    assert reports[0].get("reused") == 1.0


def test_a_model_places_new_rows_where_the_run_did(digits: Workspace, tmp_path: Path) -> None:
    run = _train(digits, _settings(digits))
    raw, result = digits.raw(digits.datasets()[0].id), digits.result(run)
    assert raw.values is not None
    np.save(tmp_path / "more.npy", raw.values[:40].squeeze(-1))
    placed = models.predict(digits, digits.run(run), inspect(tmp_path / "more.npy"))
    np.testing.assert_array_equal(placed.labels, result.labels[:40])
    np.testing.assert_allclose(placed.sure, result.sure[:40], atol=1e-4)
    assert placed.outlier.mean() < 0.05


def test_maps_come_later_and_once(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.runs.workers import umap_job

    monkeypatch.setattr(umap_job, "umap2", lambda embedding, labels: np.zeros((len(labels), 2), np.float32))
    run = _train(digits, _settings(digits))
    assert "umap2" not in digits.result(run).maps
    late = Worker(digits, "map")
    assert late.once()
    assert not late.once()
    assert digits.result(run).maps["umap2"].shape == (1797, 2)


def test_very_many_members_are_shown_by_pca_alone(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_job, "MOST_ON_UMAP", 1_000)
    run = _train(digits, _settings(digits))
    assert not Worker(digits, "map").once()
    assert set(digits.result(run).maps) == {"pca2", "pca3"}


def test_a_disk_that_fills_up_fails_the_run_in_a_sentence(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Artifacts.write

    def full(self: Artifacts, name: str, content: bytes) -> None:
        if name.endswith("members.parquet"):
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, name, content)

    monkeypatch.setattr(Artifacts, "write", full)
    run = _train(digits, _settings(digits))
    record = digits.run(run)
    assert (record.state, record.fault) == ("failed", "ours")
    assert "disk is full" in record.sentence
    assert set(digits.artifacts.names(f"runs/{run}")) <= {"film", "sample"}, "nothing of a result is left half-stored"
    with pytest.raises(InputError, match="no result yet"):
        digits.result(run)
    monkeypatch.undo()
    assert digits.retry(run).state == "queued"
    assert Worker(digits, "train").once()
    assert digits.run(run).state == "done"


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        space = Workspace.open(
            {"CONSTELLA_HOME": str(tmp_path / "home"), "CONSTELLA_ARTIFACTS": str(small / "artifacts")}
        )
        with pytest.raises(InputError, match="disk is full"):
            space.add(b"a,b\n" + b"1,2\n" * 500_000, "big.csv")
        assert [path for path in (small / "artifacts").rglob("*") if path.is_file()] == []
        assert space.datasets() == []
        space.close()
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
@pytest.mark.parametrize("part", ["result.json", "members.parquet", "map-pca2.safetensors"])
def test_a_damaged_result_is_a_sentence(digits: Workspace, part: str, damage: bytes | None) -> None:
    run = _train(digits, _settings(digits))
    name = f"runs/{run}/result/{part}"
    whole = digits.artifacts.read(name)
    flipped = whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :]
    digits.artifacts.write(name, flipped if damage is None else damage)
    with pytest.raises(InputError, match="damaged"):
        digits.result(run)


def test_a_damaged_dataset_fails_its_runs_in_a_sentence(digits: Workspace) -> None:
    dataset = digits.datasets()[0].id
    name = f"datasets/{dataset}/values.safetensors"
    digits.artifacts.write(name, digits.artifacts.read(name)[:-1])
    run = _train(digits, _settings(digits))
    assert digits.run(run).state == "failed"
    assert "values.safetensors was changed or damaged" in digits.run(run).sentence
    with pytest.raises(InputError, match="damaged"):
        digits.raw(dataset)


def test_a_damaged_checkpoint_or_pretraining_is_made_again(digits: Workspace) -> None:
    _train(digits, _settings(digits, "dec"))
    (shared,) = digits.artifacts.files(f"datasets/{digits.datasets()[0].id}/pretrained")
    digits.artifacts.write(shared.name, b"garbage")
    run = digits.submit(_settings(digits, "idec")).id
    digits.artifacts.write(f"runs/{run}/checkpoint.safetensors", b"garbage")
    assert Worker(digits, "train").once()
    assert digits.run(run).state == "done"
    assert not any("reused" in item["report"] for item in digits.history(run))


def test_our_own_fault_keeps_its_traceback_for_the_operator(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.runs.workers import train_job

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a secret of ours")

    monkeypatch.setattr(train_job, "build", broken)
    run = _train(digits, _settings(digits))
    record = digits.run(run)
    assert (record.state, record.fault) == ("failed", "ours")
    assert "secret" not in record.sentence
    assert "a secret of ours" in digits.trouble(run)


def test_memory_that_runs_out_is_said(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.runs.workers import train_job

    def hungry(*_: Any, **__: Any) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 10 bytes")

    monkeypatch.setattr(train_job, "build", hungry)
    assert "not enough memory" in digits.run(_train(digits, _settings(digits))).sentence


def test_data_that_do_not_fit_into_memory_are_refused_by_methods_that_need_all_rows_at_once(
    digits: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_job, "free_memory", lambda: 2**18)  # of 1,797 pictures of 8 x 8: 449 KiB
    run = _train(digits, _settings(digits, "hdbscan"))
    assert digits.run(run).state == "failed"
    assert "needs all rows in memory at once" in digits.run(run).sentence
    assert "such as k-means" in digits.run(run).sentence
    assert digits.run(_train(digits, _settings(digits))).state == "done"


def test_a_run_trains_from_a_file_as_from_memory(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = digits.result(_train(digits, _settings(digits, "idec")))
    monkeypatch.setattr(mapped, "LARGE", 1)
    monkeypatch.setattr(mapped, "SHARE", 0.0)
    monkeypatch.setattr(recipe, "CELLS", 10_000)
    digits.cache.drop("")
    digits.delete(digits.runs()[0].id)
    in_file = digits.result(_train(digits, _settings(digits, "idec")))
    np.testing.assert_array_equal(in_file.labels, whole.labels)


def test_a_run_deleted_at_work_leaves_nothing(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.runs.workers import train_job

    build = train_job.build

    def and_gone(*given: Any, **named: Any) -> Any:
        digits.delete(digits.runs()[0].id)
        return build(*given, **named)

    monkeypatch.setattr(train_job, "build", and_gone)
    run = _train(digits, _settings(digits))
    assert digits.runs() == []
    assert not digits.artifacts.exists(f"runs/{run}")


def test_settings_that_cannot_be_are_refused_at_once(digits: Workspace) -> None:
    dataset = digits.datasets()[0].id
    for settings, said in (
        (Settings(dataset, "nonsense", 3), "no method 'nonsense'"),
        (Settings("nowhere", "kmeans", 3), "does not exist"),
        (Settings(dataset, "kmeans", 1), "2 or more"),
        (Settings(dataset, "kmeans", 5000), "1797 rows"),
        (Settings(dataset, "kmeans"), "how many groups"),
        (Settings(dataset, "kmeans", 3, knobs={"restarts": 0}), "Restarts"),
        (Settings(dataset, "kmeans", 3, knobs={"speed": 1}), "speed"),
        (Settings(dataset, "kmeans", 3, {"scale": "huge"}), "scale"),
    ):
        with pytest.raises(InputError, match=said):
            digits.submit(settings)
    assert digits.runs() == []


def test_more_rows_than_a_method_takes_are_refused_before_the_run(digits: Workspace) -> None:
    dataset = replace(digits.datasets()[0], n=20_000)
    with pytest.raises(InputError, match="takes at most 15,000; digits has 20,000"):
        completed(Settings(dataset.id, "agglomerative", 3), dataset)
    completed(Settings(dataset.id, "agglomerative", 3, {"missing": "drop"}), dataset)
    completed(Settings(dataset.id, "kmeans", 3), dataset)


def test_a_dataset_stays_while_runs_need_it(digits: Workspace) -> None:
    run, dataset = _train(digits, _settings(digits)), digits.datasets()[0].id
    with pytest.raises(InputError, match="1 run needs this dataset"):
        digits.delete_dataset(dataset)
    digits.delete(run)
    digits.delete_dataset(dataset)
    assert digits.datasets() == []
    assert not digits.artifacts.exists(f"datasets/{dataset}")
    assert digits.importing(digits.add("digits").id).state == "queued"


def test_a_reworded_title_is_shown_and_nothing_else_changes(digits: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = IDEC.plan
    first = _train(digits, _settings(digits, "idec"))
    monkeypatch.setattr(
        IDEC, "plan", lambda self, data: (replace(stage, title="Reworded") for stage in plan(self, data))
    )
    second = _train(digits, _settings(digits, "idec", seed=1))
    timings, stages, frames = [], [], []
    for run in (first, second):
        with digits.store.read() as connection:
            row = repository.run_row(connection, run)
        assert row is not None
        timings.append([entry[0] for entry in row["timings"]["stages"]])
        stages.append([(item["stage"], item["epoch"]) for item in digits.history(run)])
        frames.append({frame.stage for frame in digits.recording(run).frames})
    assert timings == [["pretrain", "cluster", "final"]] * 2, "the time left of the next run goes by these"
    assert stages[0] == stages[1]
    assert frames[0] | frames[1] <= {"pretrain", "cluster", "final"}
    assert {item["stage_title"] for item in digits.history(second)} == {"Reworded", "Final groups"}


def test_codes_that_stand_for_blanks_are_not_explained_as_numbers(workspace: Workspace) -> None:
    ages = [888888 if row % 9 == 0 else 30 + 30 * (row % 2) + row % 5 for row in range(90)]
    table = "age,visits\n" + "".join(f"{age},{10 * (row % 2) + row % 3}\n" for row, age in enumerate(ages))
    item = workspace.add(table.encode(), "patients.csv").id
    assert Worker(workspace, "light").once()
    dataset = workspace.importing(item).dataset or ""
    run = workspace.submit(Settings(dataset, "kmeans", 2)).id
    assert Worker(workspace, "train").once()
    result = workspace.result(run)
    found = {one.measure for group in result.groups for one in group.differences if one.column == "age"}
    assert found == {"mean"}, "without the codes no value lies far out"
    assert result.explanations is not None
    assert float(result.explanations.overall["age"].max()) < 100

"""The command line, through the same store, workers and cache as the page."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from engine.api.catalogue import card
from engine.cli.app import main
from engine.intake import Preparation, preprocessing_summary
from engine.results.text import markdown
from engine.runs import Workspace, processes
from engine.runs.db.schema import workers
from engine.runs.executors import local

RUN = ["run", "--data", "digits", "--method", "kmeans", "--k", "10", "--json"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One installation for all of these tests; its workers are ended at the end."""
    place = tmp_path_factory.mktemp("cli") / "home"
    yield place
    space = Workspace.open({"CONSTELLA_HOME": str(place)})
    with space.store.read() as connection:
        for pid, mark in connection.execute(select(workers.c.pid, workers.c.process_start)).all():
            if pid > 1 and mark and processes.lives(pid, mark):
                os.kill(pid, signal.SIGKILL)
    space.close()
    for child in local._CHILDREN.values():
        child.wait(10)


@pytest.fixture(autouse=True)
def own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """These tests share a home, other than all others."""
    monkeypatch.setenv("CONSTELLA_HOME", str(home))
    return home


@pytest.fixture(scope="module")
def run(home: Path) -> str:
    """The id of a finished run, made by real workers through the command line."""
    told = subprocess.run(
        [sys.executable, "-m", "engine", *RUN],
        capture_output=True,
        text=True,
        timeout=280,
        env=dict(os.environ) | {"CONSTELLA_HOME": str(home)},
    )
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert (answer["method"], answer["n"], answer["k"], answer["cached"]) == ("kmeans", 1797, 10, False)
    assert answer["seconds"] > 0
    assert {"acc", "nmi", "ari", "silhouette"} <= set(answer["metrics"])
    return str(answer["run"])


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(list(words)) == 0
    return capsys.readouterr().out


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(list(words)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    return told.err


def test_a_repeat_is_answered_from_the_store_without_torch(run: str) -> None:
    script = (
        f"import sys\nfrom engine.cli.app import main\nassert main({RUN!r}) == 0\n"
        "print([name for name in ('torch', 'sklearn', 'pandas', 'streamlit') if name in sys.modules])\n"
    )
    subprocess.run(
        [sys.executable, "-m", "engine", "methods"], check=True, capture_output=True
    )  # the cards are kept now
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    answer, loaded = told.stdout.splitlines()
    assert (json.loads(answer)["run"], json.loads(answer)["cached"]) == (run, True)
    assert loaded == "[]"


def test_runs_are_listed_and_shown(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run in _said(capsys, "runs")
    shown = _said(capsys, "show", run[:6])
    assert "done" in shown
    assert "silhouette" in shown
    assert f"restarts={card('kmeans').knobs().restarts}" in shown
    assert json.loads(_said(capsys, "show", run, "--json"))["state"] == "done"
    assert [item["id"] for item in json.loads(_said(capsys, "runs", "--json"))] == [run]


def test_methods_and_datasets_are_listed(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    cards = {card["id"]: card for card in json.loads(_said(capsys, "methods", "--json"))}
    assert "kmeans" in cards
    assert cards["idec"]["knobs"][0]["help"].endswith(".")
    listed = json.loads(_said(capsys, "datasets", "--json"))
    assert "digits" in listed["samples"]
    assert {"mnist", "svhn"} < {found["name"] for found in listed["public_sets"]}
    assert "k-means" in _said(capsys, "methods")
    assert "digits" in _said(capsys, "datasets")
    assert "fashion-mnist" in _said(capsys, "datasets")


def test_exports(run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("csv", "parquet", "html"):
        _said(capsys, "export", run, "--format", kind, "--out", str(tmp_path / f"out.{kind}"))
    table = pd.read_csv(tmp_path / "out.csv")
    assert len(table) == len(pd.read_parquet(tmp_path / "out.parquet")) == 1797
    assert set(table["group"]) == set(range(1, 11))
    assert (tmp_path / "out.html").read_text("utf-8").lower().startswith("<!doctype html")
    endings = {"onnx": "onnx", "notebook": "ipynb", "script": "py", "model": "zip", "copy": "zip"}
    monkeypatch.chdir(tmp_path)
    for kind, ending in endings.items():
        assert _said(capsys, "export", run, "--format", kind).strip() == f"{run}.{ending}"
    assert b"import" in (tmp_path / f"{run}.py").read_bytes()
    assert len(zipfile.ZipFile(tmp_path / f"{run}.zip").namelist()) == 1798  # the copy: pictures in folders, and a list
    assert "csv, parquet, html" in _refused(capsys, "export", run, "--format", "pdf")
    assert "cannot be written" in _refused(capsys, "export", run, "--format", "csv", "--out", "/proc/none/x.csv")


def test_a_folder_takes_labels_and_report(run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(_said(capsys, *RUN, "--out", str(tmp_path / "new")))["cached"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["labels.csv", "labels.parquet", "report.html"]


def test_new_rows_are_placed(run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    space = Workspace.open()
    values = space.raw(space.datasets()[0].id).values
    assert values is not None
    np.save(tmp_path / "more.npy", values[:20].squeeze(-1))
    table = pd.read_csv(io.StringIO(_said(capsys, "predict", run, "--data", str(tmp_path / "more.npy"))))
    assert list(table["row"]) == list(range(1, 21))
    assert list(table["group"]) == [label + 1 for label in space.result(run).labels[:20]]
    assert set(table["fits"]) == {"yes"}
    assert (table["distance"] <= 1).all()
    np.save(tmp_path / "noise.npy", np.random.default_rng(0).integers(0, 256, (20, 8, 8)).astype(np.uint8))
    told = json.loads(_said(capsys, "predict", run, "--data", str(tmp_path / "noise.npy"), "--json"))
    assert told["fits"] == [False] * 20
    assert len(told["labels"]) == len(told["sure"]) == told["n"] == 20
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n3,4\n")
    assert "was trained on" in _refused(capsys, "predict", run, "--data", str(tmp_path / "odd.csv"))
    space.close()


def test_links_open_and_close(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    token = _said(capsys, "share", run, "--days", "1").strip()
    space = Workspace.open()
    assert space.links.find(token).run == run
    assert not space.links.find(token).raw_data
    _said(capsys, "revoke", token)
    assert "opens nothing" in _refused(capsys, "revoke", "guess")
    with pytest.raises(ValueError, match="closed"):
        space.links.find(token)
    space.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--data", "digits", "--method", "nonsense", "--k", "3"], "no method 'nonsense'"),
        (["run", "--data", "nowhere.csv", "--method", "kmeans"], "no file 'nowhere.csv'"),
        (["run", "--data", "digits", "--method", "kmeans"], "how many groups"),
        (["run", "--data", "digits", "--method", "kmeans", "--k", "1"], "2 or more"),
        (["run", "--data", "digits", "--method", "kmeans", "--k", "many"], "integer"),
        (["run", "--data", "digits", "--method", "kmeans", "--k", "3", "--set", "speed=1"], "speed"),
        (["run", "--data", "digits", "--method", "kmeans", "--k", "3", "--set", "speed"], "KNOB=VALUE"),
        (["run", "--data", "digits", "--method", "kmeans", "--k", "3", "--label-column", "<script>"], "no column"),
        (["run", "--data", "digits", "--method", "kmeans", "--read", "header=first"], "“first” is none"),
        (["run", "--data", "digits", "--method", "kmeans", "--read", "sheet"], "OPTION=VALUE"),
        (["run", "--method", "kmeans"], "--data"),
        (["show", "zzzz"], "no run 'zzzz'"),
        (["worker", "--lane", "fast"], "no lane 'fast'"),
        (["dance"], "dance"),
    ],
)
def test_faults_of_the_input_are_one_line(
    run: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in _refused(capsys, *words)


def test_our_faults_are_one_line_and_a_traceback_only_on_request(
    run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: Workspace) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(Workspace, "runs", broken)
    assert main(["runs"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "on our side" in told
    with pytest.raises(ZeroDivisionError):
        main(["runs", "--debug"])


def test_files_are_read_once_and_bad_ones_leave_nothing(
    run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "empty" in _refused(capsys, "run", "--data", str(tmp_path / "empty.csv"), "--method", "kmeans", "--k", "2")
    (tmp_path / "head.csv").write_text("height,weight\n")
    told = subprocess.run(
        [sys.executable, "-m", "engine", "run", "--data", str(tmp_path / "head.csv"), "--method", "kmeans", "--k", "2"],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert (told.returncode, told.stderr.count("\n")) == (2, 1), told.stderr
    space = Workspace.open()
    assert [record.name for record in space.datasets()] == ["digits"]
    assert [entry.name for entry in space.failed_imports()] == ["head.csv"], "kept for a day, to be read another way"
    space.close()


def test_what_was_assumed_and_done_is_said_on_standard_error(
    run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that the page says, and the same again where the run is answered from the store."""
    rows = "".join(f"{i},{i % 7 + i / 100},{i % 5 * 1.5}\n" for i in range(60))
    (tmp_path / "far.csv").write_text(f"id,balance,visits\n{rows}60,9999999,3\n")
    command = ["run", "--data", str(tmp_path / "far.csv"), "--method", "kmeans", "--k", "2", "--json"]
    capsys.readouterr()
    assert main(command) == 0
    first = capsys.readouterr()
    assert (json.loads(first.out)["n"], json.loads(first.out)["cached"]) == (61, False)
    assert "balance is 9,999,999 in row 61" in first.err
    assert "id only tells rows apart and is left out." in first.err
    space = Workspace.open()
    record = next(one for one in space.runs() if one.id == json.loads(first.out)["run"])
    raw = space.raw(record.dataset)
    on_the_page = [*raw.notes, *preprocessing_summary(raw, Preparation.from_json(record.preparation))]
    space.close()
    assert main(command) == 0
    again = capsys.readouterr()
    assert json.loads(again.out)["cached"]
    assert again.err.splitlines() == [markdown.plain(sentence) for sentence in on_the_page]
    assert first.err.startswith(again.err)


def test_new_rows_are_read_with_sentences_and_without_warnings_of_libraries(
    run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What new data hold that training data did not, in a process of its own, as a shell shows it."""
    cities = ["Rome", "Oslo", "Bonn"]
    rows = "".join(f"{cities[i % 3]},{i % 11 + i / 100},2024-01-{i % 28 + 1:02},{i % 4}\n" for i in range(90))
    (tmp_path / "old.csv").write_text(f"city,size,day,rank\n{rows}")
    new = "Rome,3.5,2024-02-03,1\nQuito,n/a,2024-02-30,2\nQuito,1e300,2031-12-31,9\nbonn,oops,,3\n"
    (tmp_path / "new.csv").write_text(f"city,size,day,rank\n{new}")
    trained = _program("run", "--data", str(tmp_path / "old.csv"), "--method", "kmeans", "--k", "3", "--json")
    placed = _program("predict", json.loads(trained.stdout)["run"], "--data", str(tmp_path / "new.csv"), "--json")
    assert json.loads(placed.stdout)["n"] == 4
    assert "Quito" in placed.stderr
    assert "2 rows" in placed.stderr
    assert "“oops”" in placed.stderr
    for said in (trained.stderr, placed.stderr):
        assert "Warning" not in said
        assert ".py:" not in said
        assert "\u001b" not in said


def _program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )


def test_an_evaluation_is_made_by_a_worker_and_told_in_a_sentence(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = _said(capsys, "evaluate", run)
    assert sentence.startswith("The method agrees with itself at 0.")
    assert "**" not in sentence
    assert "Choose one of stability" in _refused(capsys, "evaluate", run, "--part", "looks")
    assert _said(capsys, "examine", run) == sentence, "the command's name in earlier versions"
    assert "examine" not in _said(capsys, "--help")


def test_what_can_be_compared_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(_said(capsys, "encoders", "--json"))
    assert {"objects", "texture", "patterns", "meaning"} <= {item["id"] for item in listed}
    assert all(item["idea"].endswith(".") and item["kinds"] for item in listed)


def test_features_and_budgets_that_do_not_fit_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "compares series" in _refused(
        capsys, "run", "--data", "digits", "--method", "kmeans", "--k", "10", "--features", "patterns"
    )
    assert "budget" in _refused(capsys, "run", "--data", "digits", "--method", "kmeans", "--k", "10", "--budget", "30")


def test_deciding_prints_what_was_chosen(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 3)) + 9 * np.eye(3)[np.arange(60) % 3]
    path = tmp_path / "blobs.csv"
    np.savetxt(path, rows, delimiter=",", header="a,b,c", comments="")
    words = ("run", "--data", str(path), "--method", "auto", "--k", "3", "--budget", "20", "--json")
    answer = json.loads(_said(capsys, *words))
    assert answer["method"] == "auto"
    assert answer["k"] == 3
    assert {"method", "features", "k", "knobs"} == set(answer["chosen"])
    assert answer["chosen"]["features"] == "values"
    assert answer["answer"]

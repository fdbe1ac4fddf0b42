"""Every page opens, with and without data, and says what to do; run by Streamlit's own test runner, without a browser."""

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from engine.cli.app import main
from engine.results import labels_csv, labels_table
from engine.results.record.explanations import Explanations
from engine.runs import Settings, Workspace
from engine.runs.access import GuestWorkspace
from engine.runs.db import repository
from engine.runs.db.records import Request
from engine.runs.files.uploads import Upload
from engine.runs.workers.worker import Worker
from pages.parts.app import formatting
from pages.parts.data import preprocessing
from pages.parts.results import context, downloads, member_table, rename_dialog

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("home", "data", "method", "training", "results", "runs", "compare", "shared")
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages only ask; nothing is trained behind these tests."""
    monkeypatch.setattr("pages.parts.app.supervision.supervisor.start", lambda: None)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """`open_page("results", run=...) -> AppTest`, through the frame as a visitor comes in."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(PagesManager, "__init__", _as_a_running_server(PagesManager.__init__))

    def start(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        app.run()
        assert not app.exception
        for key, value in query.items():
            app.query_params[key] = value
        return app.switch_page(f"pages/{name}.py").run()

    return start


def _as_a_running_server(begin: Callable[..., None]) -> Callable[..., None]:
    """Streamlit's test runner forgets before every run that `st.navigation` was called; a server remembers it."""

    def start(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    return start


@pytest.fixture
def furnished(trained: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The pages find the home with data and runs."""
    monkeypatch.setenv("CONSTELLA_HOME", str(trained["home"]))
    return trained


def said(app: AppTest) -> str:
    """Everything the page says."""
    parts = [app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.error, app.success]
    return "\n".join(str(element.value) for part in parts for element in part)


def fine(app: AppTest) -> AppTest:
    """No exception, and nothing went wrong on our side."""
    assert not app.exception
    assert "went wrong on our side" not in said(app)
    return app


@pytest.mark.parametrize("name", NAMES)
def test_opens_without_data(name: str, open_page: Open) -> None:
    app = fine(open_page(name))
    assert app.title, "a page has a title"
    assert not app.error


@pytest.mark.parametrize("name", NAMES)
def test_first_visit_after_a_start_goes_through_the_frame(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `st.navigation` was called, Streamlit runs a page's script alone: it must find its way to the frame."""
    monkeypatch.chdir(ROOT)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).switch_page(f"pages/{name}.py").run()
    fine(app)
    assert app.session_state["routes-arrived"]


@pytest.mark.parametrize("name", ["method", "training", "results", "runs", "compare"])
def test_empty_pages_have_the_one_button_that_helps(name: str, open_page: Open) -> None:
    app = open_page(name)
    primary = [button for button in app.button if button.proto.type == "primary"]
    assert len(primary) == 1
    assert primary[0].label in ("Choose data", "Choose a method")


@pytest.mark.parametrize("name", NAMES)
def test_opens_with_data(name: str, open_page: Open, furnished: dict[str, Any]) -> None:
    fine(open_page(name))


@pytest.mark.parametrize("run", ["customers", "digits"])
def test_result_shows_five_numbers_and_its_verdict(run: str, open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"][run]))
    assert [metric.label for metric in app.metric][:2] == ["Groups", "Separation"]
    assert len(app.metric) == 5
    result = furnished["workspace"].result(furnished["runs"][run])
    assert result.verdict in said(app)


def test_accuracy_only_where_labels_exist(open_page: Open, furnished: dict[str, Any]) -> None:
    result = furnished["workspace"].result(furnished["runs"]["digits"])
    app = open_page("results", run=furnished["runs"]["digits"])
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Match with labels"] == f"{100 * result.metrics['acc']:.0f}\u00a0%"


@pytest.mark.parametrize("group", range(1, 5))
def test_chosen_group_is_in_the_address(group: int, open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"]["customers"], group=str(group)))
    result = furnished["workspace"].result(furnished["runs"]["customers"])
    assert any(element.value.startswith(f"Group {group}") for element in app.subheader)
    assert result.groups[group - 1].sentence in said(app)


@pytest.mark.parametrize("group", ["99", "-3", "x", ""])
def test_nonsense_in_the_address_is_ignored(group: str, open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"]["customers"], group=group, color="no such", view="9-D"))
    assert any(element.value == "Groups" for element in app.subheader)


@pytest.mark.parametrize(("name", "key"), [("results", "run"), ("training", "run"), ("data", "dataset")])
def test_unknown_things_are_named(name: str, key: str, open_page: Open, furnished: dict[str, Any]) -> None:
    app = open_page(name, **{key: "no-such-thing"})
    assert not app.exception
    assert len(app.error) == 1
    assert "no-such-thing" in app.error[0].value


def test_waiting_run_says_so_and_can_be_stopped(open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("training", run=furnished["waiting"]))
    assert "starts" in said(app)
    assert [button.label for button in app.button if button.key == "stop"] == ["Stop"]


def test_unfinished_run_has_no_result_page(open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["waiting"]))
    assert "still at work" in app.info[0].value
    assert not app.metric


def test_changed_role_is_in_the_address_and_reaches_the_run(open_page: Open, furnished: dict[str, Any]) -> None:
    dataset = furnished["datasets"]["customers"]
    app = fine(open_page("data", dataset=dataset))
    before = {element.key: element.value for element in app.selectbox if str(element.key).startswith("role-")}
    key = next(key for key, value in before.items() if value == "feature")
    app.selectbox(key=key).set_value("ignore").run()
    fine(app)
    assert "changes" in app.query_params
    name = key.removeprefix(f"role-{dataset}-")
    assert f'"{name}":"ignore"' in str(app.query_params["changes"])


def test_what_is_compared_is_chosen_with_the_data_and_goes_along(open_page: Open, furnished: dict[str, Any]) -> None:
    dataset = furnished["datasets"]["digits"]
    app = open_page("data", dataset=dataset)
    options = app.radio(key=f"compared-{dataset}").options
    assert options[0] == "Pixel by pixel :gray-badge[suggested]", (
        "digits were measured to be told apart better by their pixels than by what a network sees in them"
    )
    fine(app.radio(key=f"compared-{dataset}").set_value("texture").run())
    assert '"features":"texture"' in str(app.query_params["changes"])
    assert "Texture and color" in said(app)
    method = fine(open_page("method", dataset=dataset, changes='{"features":"texture"}'))
    tried = method.segmented_control(key=f"method-tried-{dataset}")
    assert list(tried.options) == ["Whatever suits", "Only: Texture and color"]
    assert "Pixel by pixel, What is on it or Texture and color" in tried.help
    kmeans = fine(open_page("method", dataset=dataset, changes='{"features":"texture"}', method="kmeans"))
    assert "Compared: Texture and color. It can be changed with the data." in said(kmeans)


def test_runs_that_compare_something_else_say_so_in_the_list(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace = furnished["workspace"]
    settings = Settings(furnished["datasets"]["digits"], "kmeans", 7, {"features": "texture"})
    run = workspace.submit(settings).id
    app = fine(open_page("runs"))
    assert [element.value for element in app.caption if "compared: Texture and color · 7 groups" in element.value]
    workspace.delete(run)


def test_a_suggestion_that_is_not_followed_says_what_it_suggests(open_page: Open, furnished: dict[str, Any]) -> None:
    dataset = furnished["datasets"]["digits"]
    app = fine(open_page("data", dataset=dataset, changes='{"features":"texture"}'))
    assert "**Pixel by pixel** is suggested. The pictures have 8 x 8 pixels: too few" in said(app)


def test_deciding_is_what_the_method_page_begins_with(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace = furnished["workspace"]
    before = {run.id for run in workspace.runs()}
    app = fine(open_page("method", dataset=furnished["datasets"]["customers"]))
    assert "Tries several methods" in said(app)
    next(button for button in app.button if button.label == "Start").click().run()
    fresh = [run for run in workspace.runs() if run.id not in before]
    assert [(run.method, run.knobs) for run in fresh] == [("auto", {"budget": 30, "compare": "any"})]
    workspace.delete(fresh[0].id)


def test_a_search_that_ran_out_of_time_leads_to_one_that_may_take_longer(
    open_page: Open, furnished: dict[str, Any]
) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["digits"]
    asked = {"k": 10, "preparation": workspace.run(run).preparation, "knobs": {"budget": 30}}

    def searched(*states: str) -> AppTest:
        tried = {"title": "k-means on “Pixel by pixel”", "method": "kmeans", "features": "values", "k": 10, "knobs": {}}
        tried |= {"score": 1.0, "best": True, "on_all": True, "seconds": 1.0, "sentence": "", "state": "done"}
        scores = {"done": 0.5, "unfinished": None}
        late = [
            tried | {"method": f"m{i}", "score": scores[state], "best": False, "state": state}
            for i, state in enumerate(states)
        ]
        search = {"asked": asked, "candidates": [tried, *late], "answer": [], "others": [4]}
        workspace.store.change(lambda connection: repository.set_run(connection, run, {"search": search}))
        return fine(open_page("results", run=run))

    try:
        alone = searched()
        assert "Search longer" not in [button.label for button in alone.button]
        assert "chosen among" not in said(alone)
        app = searched("unfinished", "done")
        assert "k\\-means, chosen among 2 combinations" in said(app)
        fine(next(button for button in app.button if button.label == "Search longer").click().run())
        assert app.query_params["budget"] == "180"
        assert app.query_params["k"] == "10"
        assert next(choice for choice in app.button_group if choice.key == "method-budget").value == 180
    finally:
        workspace.store.change(lambda connection: repository.set_run(connection, run, {"search": None}))


def test_another_level_of_groups_is_one_button_away(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["digits"]
    record = workspace.run(run)
    tried = {"title": "k-means on “Pixel by pixel”", "method": "kmeans", "features": "values", "k": 10, "knobs": {}}
    tried |= {"score": 1.0, "best": True, "on_all": True, "seconds": 1.0, "sentence": "", "state": "done"}

    def buttons(k: int | None) -> dict[str, Any]:
        asked = {"k": k, "preparation": record.preparation, "knobs": {"budget": 30}}
        search = {"asked": asked, "candidates": [tried], "answer": [], "others": [4]}
        workspace.store.change(lambda connection: repository.set_run(connection, run, {"search": search}))
        return {button.label: button for button in fine(open_page("results", run=run, tab="Decided")).button}

    known = {one.id for one in workspace.runs()}
    try:
        assert "4 groups" not in buttons(10), "who asked for a number is not led away from it"
        buttons(None)["4 groups"].click().run()
        fresh = [one for one in workspace.runs() if one.id not in known]
        assert [(one.method, one.n_clusters, one.knobs) for one in fresh] == [
            ("auto", 4, {"budget": 30, "compare": "any"})
        ]
        workspace.delete(fresh[0].id)
    finally:
        workspace.store.change(lambda connection: repository.set_run(connection, run, {"search": None}))


def test_tampered_changes_fall_back_to_the_suggestion(open_page: Open, furnished: dict[str, Any]) -> None:
    for changes in ("{", "[1]", '{"roles":3}', '{"roles":{"age":"boss"}}', '{"scale":"huge"}', '{"nothing":1}'):
        fine(open_page("data", dataset=furnished["datasets"]["customers"], changes=changes))


def test_every_method_can_be_set_up(open_page: Open, furnished: dict[str, Any]) -> None:
    import engine

    app = open_page("method", dataset=furnished["datasets"]["digits"])
    for method in engine.catalogue():
        if "image" in method.data:
            app.query_params["method"] = method.id
            fine(app.run())
            assert app.query_params["method"] == [method.id] or app.query_params["method"] == method.id
            assert any(button.label == "Start" for button in app.button), method.id


def test_parts_that_do_not_go_together_keep_start_away_and_say_why(open_page: Open, furnished: dict[str, Any]) -> None:
    app = open_page("method", dataset=furnished["datasets"]["customers"], method="composed")
    boxes = {box.label: box for box in app.selectbox}
    assert list(boxes)[:5] == [
        "Architecture",
        "Loss beside clustering",
        "Clustering loss",
        "Combination",
        "Cluster update",
    ]
    fine(boxes["Clustering loss"].set_value("agglomerative").run())
    assert ["alternating update" in warning.value for warning in app.warning] == [True]
    assert not any(button.label == "Start" for button in app.button)
    boxes = {box.label: box for box in app.selectbox}
    assert boxes["Clustering loss"].value == "agglomerative"
    fine(boxes["Cluster update"].set_value("alternating").run())
    assert not app.warning
    assert any(button.label == "Start" for button in app.button)


def test_start_makes_the_run_that_was_set_up(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace = furnished["workspace"]
    before = {run.id for run in workspace.runs()}
    app = open_page("method", dataset=furnished["datasets"]["customers"], method="kmeans")
    app.number_input[0].set_value(7).run()
    next(button for button in app.button if button.label == "Start").click().run()
    fresh = [run for run in workspace.runs() if run.id not in before]
    assert [(run.method, run.n_clusters) for run in fresh] == [("kmeans", 7)]
    workspace.delete(fresh[0].id)


def test_compare_runs_of_the_same_data(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, runs = furnished["workspace"], furnished["runs"]
    app = fine(open_page("compare", runs=f"{runs['digits']},{runs['other']},nonsense"))
    assert [run in app.multiselect[0].value for run in (runs["digits"], runs["other"], runs["customers"])] == [1, 1, 0]
    table = next(str(item.value) for item in app.markdown if str(item.value).startswith("| Run |"))
    assert "Match with labels" in table
    assert table.count("**") >= 4, "the best of each column is bold"
    before = {run.id for run in workspace.runs()}
    next(button for button in app.button if button.label == "Train 4 more seeds").click().run()
    fresh = [run for run in workspace.runs() if run.id not in before]
    assert sorted((run.n_clusters, run.seed) for run in fresh) == [(6, 1), (6, 2), (10, 1), (10, 2)]
    assert "4 more seeds on the way" in said(app)
    for run in fresh:
        workspace.delete(run.id)
    app = fine(open_page("compare", runs=runs["digits"]))
    assert "at least two" in said(app)


def test_shared_link_shows_no_data_unless_ticked(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    closed, opened = workspace.links.share(run), workspace.links.share(run, raw_data=True)
    guest = fine(open_page("shared", token=closed))
    friend = fine(open_page("shared", token=opened))
    assert [tab.label for tab in guest.tabs] == ["Groups", "Rules", "Confusion", "Trust", "Training", "Details"]
    assert "Members" in [tab.label for tab in friend.tabs]
    assert not any(button.label == "Share" for button in guest.button)
    workspace.links.revoke(closed)
    app = fine(open_page("shared", token=closed))
    assert app.title[0].value == "This link does not open a result"
    assert not app.metric


def test_what_a_guest_takes_away_holds_no_row_of_the_owner(furnished: dict[str, Any]) -> None:
    workspace = furnished["workspace"]
    run = workspace.run(furnished["runs"]["customers"])
    closed = context.of_guest(GuestWorkspace(workspace, workspace.links.share(run.id)))
    opened = context.of_guest(GuestWorkspace(workspace, workspace.links.share(run.id, raw_data=True)))
    assert opened.raw is not None
    name = str(opened.raw.rows["customer_id"].iloc[0])
    head = member_table.csv(closed).splitlines()[0].decode()
    assert head == "row,group,group name,sure,next group,outlier score"
    assert name.encode() not in member_table.csv(closed) + downloads.report(closed)
    assert name.encode() in member_table.csv(opened)
    assert downloads.report(closed).lstrip().lower().startswith(b"<!doctype html")


def test_no_cell_of_the_labels_can_be_taken_for_a_formula(furnished: dict[str, Any]) -> None:
    workspace = furnished["workspace"]
    found = context.load(workspace, workspace.run(furnished["runs"]["customers"]))
    assert found.raw is not None
    rows = found.raw.rows.copy()
    rows.loc[0, "customer_id"] = "=cmd|' /C calc'!A0"
    made = labels_csv(found.result, rows)
    assert b",=cmd" not in made
    assert b"'=cmd" in made
    back = pd.read_parquet(io.BytesIO(member_table.parquet(found)))
    assert set(back["group"].dropna()) == {group.label + 1 for group in found.result.groups}


def test_the_command_line_writes_what_the_page_gives(furnished: dict[str, Any], tmp_path: Path) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    workspace.names.give(run, {1: "Die Größten"})
    found = context.load(workspace, workspace.run(run))
    for kind, made in (("csv", member_table.csv(found)), ("parquet", member_table.parquet(found))):
        path = tmp_path / f"labels.{kind}"
        assert main(["export", run, "--format", kind, "--out", str(path)]) == 0
        assert path.read_bytes() == made
    some = np.flatnonzero(found.result.labels == 1)
    assert b"Die Gr" in member_table.csv(found, some)
    workspace.names.give(run, {1: ""})


def test_a_name_of_the_owner_is_on_the_page_the_link_the_report_and_the_labels(
    open_page: Open, furnished: dict[str, Any]
) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    odd = "Loyal **&** <b>big</b> :red[x]"
    workspace.names.give(run, {1: odd})
    token = workspace.links.share(run)
    try:
        owner = fine(open_page("results", run=run, group="2"))
        assert any(button.key == "name-group" for button in owner.button)
        guest = fine(open_page("shared", token=token, group="2"))
        assert not any(str(button.key).startswith("name-group") for button in guest.button)
        for app in (owner, guest):
            assert any(formatting.plain(odd) in element.value for element in app.subheader)
        found = context.load(workspace, workspace.run(run))
        assert odd in set(labels_table(found.result)["group name"])
        report = downloads.report(found).decode()
        assert "<b>big</b>" not in report
        assert "Loyal **&amp;** &lt;b&gt;big&lt;/b&gt;" in report
    finally:
        workspace.names.give(run, {1: ""})
        workspace.links.revoke(token)


def test_the_table_of_names_keeps_what_changed_and_remarks_on_twins(furnished: dict[str, Any]) -> None:
    result = furnished["workspace"].result(furnished["runs"]["customers"])
    before = [group.name for group in result.groups]
    assert rename_dialog.changed(result, before) == {}
    assert rename_dialog.changed(result, [before[0], "New", "", *before[3:]]) == {1: "New", 2: ""}
    assert rename_dialog.alike(result, before) == ""
    assert rename_dialog.alike(result, ["a", "A ", "b", ""]).startswith("Group 1 and Group 2 have the same name")


@pytest.mark.parametrize("run", ["customers", "digits"])
def test_rules_are_told_with_how_far_they_can_be_trusted(run: str, open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"][run], tab="Rules"))
    assert "always saying the largest group" in said(app)
    assert "members are in **Group 1**." in said(app)


def test_a_result_of_earlier_shows_what_it_has(
    open_page: Open, furnished: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.results.record.explanation_parts.read", lambda parts: Explanations())
    for run in ("customers", "digits"):
        for group in ({}, {"group": "1"}):
            app = fine(open_page("results", run=furnished["runs"][run], tab="Rules", **group))
            assert "Rules" not in [tab.label for tab in app.tabs]


def test_the_clicked_member_is_explained_against_the_runner_up(furnished: dict[str, Any]) -> None:
    def page(workspace, run, member):  # type: ignore[no-untyped-def]  # Streamlit runs its text alone
        from pages.parts.results import context
        from pages.parts.results.panel import why_here

        why_here.show(context.load(workspace, workspace.run(run)), member)

    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    result = workspace.result(run)
    member = int(result.groups[0].typical[0])
    app = fine(AppTest.from_function(page, args=(workspace, run, member)).run())
    other = result.groups[int(result.second[member])].display_name
    assert f"Why here and not in {formatting.plain(other)}?" in said(app)
    assert "usual is" in said(app) or "so it is for" in said(app)


def _new_data(app: AppTest, workspace: Workspace, run: str, content: bytes, name: str) -> Request:
    """The request that dropping a file makes, once the file is copied."""
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    fine(app)
    deadline = time.monotonic() + 60
    while (request := workspace.predictions.of_run(run)[0]).state == "copying":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return request


def test_new_data_are_placed_in_the_groups_and_odd_rows_come_first(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    rows = pd.read_csv(ROOT / "data" / "customers.csv").iloc[:40].astype({"yearly_income": float})
    rows.loc[7, ["yearly_income", "average_basket"]] = 1e9
    rows.loc[3, "favorite_department"] = str(rows["favorite_department"][3]).upper()
    content = rows.to_csv(index=False).encode()
    assert (
        _new_data(open_page("results", run=run, tab="New data"), workspace, run, content, "forty.csv").state == "queued"
    )
    Worker(workspace, "light").once()
    app = fine(open_page("results", run=run, tab="New data"))
    assert "**40 rows** · 39 fit · **1 does not fit**" in said(app)
    assert "1 cell of *favorite_department* differs from others in capitals" in said(app)
    first = next(table.value for table in app.dataframe if "How far" in table.value.columns)
    assert first["Row"].iloc[0] == 8
    assert first["Fits"].tolist() == ["no"] + ["yes"] * 39
    sure = float(re.search(r"([\d.]+)\s%\ssure on average", said(app))[1])
    assert first["Sure"].mean() == pytest.approx(sure, abs=1)
    next(button for button in app.button if button.label == "Delete").click().run()
    fine(app)
    assert workspace.predictions.of_run(run) == []


def test_a_file_that_does_not_fit_says_which_column_is_missing(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    rows = pd.read_csv(ROOT / "data" / "customers.csv").iloc[:40].drop(columns="age")
    content = rows.to_csv(index=False).encode()
    _new_data(open_page("results", run=run, tab="New data"), workspace, run, content, "no age.csv")
    Worker(workspace, "light").once()
    app = fine(open_page("results", run=run, tab="New data"))
    assert "age" in app.error[0].value
    assert "missing" in app.error[0].value
    workspace.predictions.forget(workspace.predictions.of_run(run)[0].id)


def test_guests_take_labels_and_report_along_and_nothing_else(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["digits"]
    owner = fine(open_page("results", run=run))
    friend = fine(open_page("shared", token=workspace.links.share(run, raw_data=True)))
    taken = lambda app: [button.label for button in app.get("download_button")]
    assert taken(owner) == ["CSV", "Parquet", "HTML", "safetensors", "Notebook", "Script"]
    assert taken(friend) == ["CSV", "Parquet", "HTML"]
    assert {"Pictures in folders …", "ONNX …"} <= {button.label for button in owner.button}
    assert not {"Pictures in folders …", "ONNX …"} & {button.label for button in friend.button}
    assert "New data" not in [tab.label for tab in friend.tabs]


def test_what_a_worker_makes_is_asked_for_watched_and_taken(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["digits"]
    app = open_page("results", run=run)
    next(button for button in app.button if button.label == "Pictures in folders …").click().run()
    fine(app)
    request = workspace.exports.find(run, "copy")
    assert request is not None
    assert request.active
    Worker(workspace, "light").once()
    app = fine(open_page("results", run=run))
    assert "Pictures in folders" in [button.label.split(" (")[0] for button in app.get("download_button")]


def test_members_come_surest_or_least_sure_first(open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"]["customers"], tab="Members", group="2"))
    result = furnished["workspace"].result(furnished["runs"]["customers"])
    sure = 100 * result.sure[result.labels == 1]
    table = next(frame.value for frame in app.dataframe if "Row" in frame.value)
    assert table["Sure"].iloc[0] == pytest.approx(sure.max())
    order = next(control for control in app.segmented_control if control.label == "Order")
    fine(order.set_value("Least sure first").run())
    table = next(frame.value for frame in app.dataframe if "Row" in frame.value)
    assert table["Sure"].iloc[0] == pytest.approx(sure.min())


def test_groups_are_compared_with_all_members(open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"]["customers"]))
    assert "Groups compared with all members" in said(app)
    assert "clearly more than the average of all members" in said(app)


def test_the_dialog_of_names_opens_and_keeps_what_was_there(open_page: Open, furnished: dict[str, Any]) -> None:
    run = furnished["runs"]["customers"]
    app = fine(open_page("results", run=run))
    fine(app.button(key="name-groups").click().run())
    keep_them = next(button for button in app.button if button.label == "Keep these names")
    fine(keep_them.click().run())
    assert all(not group.proposed for group in furnished["workspace"].result(run).groups)


def test_after_plain_k_means_the_page_leads_on_to_a_network(open_page: Open, furnished: dict[str, Any]) -> None:
    app = fine(open_page("results", run=furnished["runs"]["customers"]))
    onward = next(button for button in app.button if button.label == "See whether a network finds more")
    onward.click().run()
    fine(app)
    told = {name: app.query_params[name] for name in ("dataset", "method", "k")}
    assert told == {"dataset": furnished["datasets"]["customers"], "method": "idec", "k": "4"}


def test_a_number_of_groups_in_the_address_is_the_start(open_page: Open, furnished: dict[str, Any]) -> None:
    customers = furnished["datasets"]["customers"]
    app = fine(open_page("method", dataset=customers, method="idec", k="4"))
    assert [field.value for field in app.number_input if field.label == "Number of groups"] == [4]
    app = fine(open_page("method", dataset=customers, method="idec", k="-3"))
    assert [field.value for field in app.number_input if field.label == "Number of groups"] == [6]


def test_what_was_changed_in_the_data_goes_along(furnished: dict[str, Any]) -> None:
    record = next(one for one in furnished["workspace"].datasets() if one.id == furnished["datasets"]["customers"])
    assert preprocessing.as_in(record, record.preparation) == {}
    roles = record.preparation["roles"]
    other = {**record.preparation, "scale": "minmax", "roles": {**roles, next(iter(roles)): "ignore"}}
    told = json.loads(preprocessing.as_in(record, other)["changes"])
    assert told == {"scale": "minmax", "roles": {next(iter(roles)): "ignore"}}


def test_a_dialog_stays_open_when_the_page_runs_again(open_page: Open, furnished: dict[str, Any]) -> None:
    app = open_page("results", run=furnished["runs"]["customers"], group="2")
    next(button for button in app.button if button.key == "name-group").click().run()
    assert any(field.label == "Group 2" for field in app.text_input)
    app.run()  # as the map asks for one once it is drawn
    assert any(field.label == "Group 2" for field in fine(app).text_input)
    next(field for field in app.text_input if field.label == "Group 2").set_value("Big spenders")
    next(button for button in app.button if button.label == "Keep this name").click().run()
    assert not any(field.label == "Group 2" for field in fine(app).text_input)
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    assert workspace.result(run).groups[1].name == "Big spenders"
    workspace.names.give(run, {1: ""})


@pytest.mark.parametrize("name", ["results", "training", "data"])
def test_a_page_about_one_thing_looks_up_one_thing(
    name: str, open_page: Open, furnished: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"dataset": furnished["datasets"]["digits"]} if name == "data" else {}
    app = fine(open_page(name, **known))
    limits: list[int | None] = []
    find = repository.find_runs

    def watched(*args: Any, **wanted: Any) -> Any:
        limits.append(wanted["limit"])
        return find(*args, **wanted)

    monkeypatch.setattr(repository, "find_runs", watched)
    monkeypatch.setattr(repository, "all_datasets", lambda connection: pytest.fail("every dataset was read"))
    for parameter in ("run", "dataset") if name != "data" else ():
        app.query_params.pop(parameter, None)
    fine(app.run())
    assert set(limits) <= {1}


def test_the_newest_run_that_fits_is_opened(open_page: Open, furnished: dict[str, Any]) -> None:
    workspace = furnished["workspace"]
    done = workspace.runs(("done",))
    assert {run.state for run in done} == {"done"}
    assert open_page("results").query_params["run"] == done[0].id
    assert open_page("training").query_params["run"] == furnished["waiting"]
    assert workspace.newest_run(("failed",)) is None
    assert workspace.newest_run() == workspace.runs()[0]
    assert workspace.newest_dataset() == workspace.datasets()[0]
    assert workspace.run_states() == {run.id: run.state for run in workspace.runs()}
    by_method = workspace.runs(method="idec")
    assert furnished["waiting"] in {run.id for run in by_method}
    assert {run.method for run in by_method} == {"idec"}
    assert {run.dataset for run in workspace.runs(dataset=furnished["datasets"]["digits"])} == {
        furnished["datasets"]["digits"]
    }


def test_the_page_answers_while_an_upload_is_still_copied(
    open_page: Open, furnished: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, whole = threading.Event(), Upload.hash

    def slow(self: Upload, *args: Any) -> str:
        go_on.wait(60)
        return whole(self, *args)

    monkeypatch.setattr(Upload, "hash", slow)
    workspace = furnished["workspace"]
    app = open_page("data")
    app.file_uploader[0].set_value(("three.csv", b"a,b\n1,2\n3,4\n5,6\n", "text/csv")).run()
    fine(app)
    assert app.title[0].value == "Reading your data"
    assert app.get("progress")[0].proto.text.startswith("Copying the file")
    item = app.query_params["arriving"]
    assert workspace.importing(item).state == "copying"
    go_on.set()
    while workspace.importing(item).state == "copying":
        time.sleep(0.01)
    app = fine(app.run())
    assert "It is next." in said(app)
    worker = Worker(workspace, "light")
    while worker.once():
        continue
    worker._deregister()
    workspace.delete_dataset(workspace.importing(item).dataset or "")


HOSTILE = {
    "negative": "-1",
    "two signs": "--5",
    "superscript": "²",
    "other digits": "١٢",
    "huge": "9" * 400,
    "empty": "",
    "twice": "1,1",
    "a path": "../../etc/passwd",
}
HOSTILE_CHANGES = {
    "no JSON": "--5",
    "a number": "9" * 400,
    "nested": "[" * 100_000,
    "half a character": json.dumps({"roles": {"\ud800": "feature"}}),
    "wrong types": json.dumps({"roles": {"age": []}, "log": 5, "scale": {}, "image_size": 1e999}),
    "unknown columns": json.dumps({"log": ["neither"], "categories": [["x"]]}),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("results", ["group", "tab", "camera", "moment", "member", "color", "view", "selected", "file"]),
        ("method", ["method", "k", "changes"]),
        ("compare", ["runs"]),
    ],
)
def test_an_address_that_was_tampered_with_opens_as_without(
    page: str, names: list[str], value: str, open_page: Open, furnished: dict[str, Any]
) -> None:
    about = {"results": {"run": furnished["runs"]["digits"]}, "method": {"dataset": furnished["datasets"]["digits"]}}
    assert not fine(open_page(page, **dict.fromkeys(names, value), **about.get(page, {}))).error


@pytest.mark.parametrize("value", HOSTILE_CHANGES.values(), ids=HOSTILE_CHANGES.keys())
def test_changes_in_the_address_that_mean_nothing_are_dropped(
    value: str, open_page: Open, furnished: dict[str, Any]
) -> None:
    record = furnished["workspace"].dataset(furnished["datasets"]["customers"])
    app = fine(open_page("data", dataset=record.id, changes=value))
    assert not app.error
    assert app.selectbox(key=f"prepare-{record.id}-scale").value == record.preparation["scale"]


@pytest.mark.parametrize("value", ["", "²", "../../etc/passwd", "9" * 4000])
@pytest.mark.parametrize(
    ("page", "name"), [("data", "dataset"), ("data", "arriving"), ("training", "run"), ("shared", "token")]
)
def test_an_address_of_nothing_is_said_in_a_sentence(
    page: str, name: str, value: str, open_page: Open, furnished: dict[str, Any]
) -> None:
    app = fine(open_page(page, **{name: value}))
    assert app.error or app.info


def test_a_run_named_twice_is_compared_once(open_page: Open, furnished: dict[str, Any]) -> None:
    runs = [furnished["runs"]["digits"], furnished["runs"]["other"]]
    app = fine(open_page("compare", runs=",".join([runs[0], *runs, runs[1]])))
    assert app.query_params["runs"] in (",".join(runs), [",".join(runs)])

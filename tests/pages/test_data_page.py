"""The page of one dataset: many columns stay usable, a column is seen before and after, a file is read another way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.core.errors import InputError
from engine.intake import ReadOptions, inspect, public_sets
from engine.results.export.labels import labels_table
from engine.runs import Settings, Workspace
from engine.runs.files import models
from engine.runs.workers import export_job
from engine.runs.workers.worker import Worker
from pages.parts.app import date_columns
from tests.pages.test_pages import Open, fine, no_workers, open_page, said  # noqa: F401

TWO_TABLES = b"name;size;weight\n" + b"".join(f"a{i};{i % 5},5;{i * i}\n".encode() for i in range(30))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own."""
    monkeypatch.setenv("CONSTELLA_HOME", str(tmp_path))
    return tmp_path


def imported(content: bytes, name: str) -> str:
    """The id of the dataset that a worker made of a file."""
    space = Workspace.open()
    item = space.add(content, name).id
    assert Worker(space, "light").once()
    dataset = space.importing(item).dataset
    space.close()
    assert dataset is not None
    return dataset


def wide(columns: int) -> bytes:
    table = pd.DataFrame({f"item {i}": np.random.default_rng(i).normal(size=20).round(3) for i in range(columns)})
    table["empty"] = [None, *["x", "y"] * 9, None]
    return table.to_csv(index=False).encode()


def cards(app: AppTest, dataset: str) -> list[str]:
    """Names of the columns whose cards are shown."""
    return [str(box.key).removeprefix(f"role-{dataset}-") for box in app.selectbox if str(box.key).startswith("role-")]


def test_columns_are_searched_and_filtered(home: Path, open_page: Open) -> None:  # noqa: F811
    dataset = imported(wide(60), "wide.csv")
    app = fine(open_page("data", dataset=dataset))
    assert len(cards(app, dataset)) == 24
    fine(app.text_input(key=f"columns-{dataset}-search").set_value("ITEM 5").run())
    assert cards(app, dataset) == ["item 5", *(f"item 5{i}" for i in range(10))]
    app.text_input(key=f"columns-{dataset}-search").set_value("")
    fine(app.selectbox(key=f"columns-{dataset}-filter").set_value("With blanks").run())
    assert cards(app, dataset) == ["empty"]
    fine(app.text_input(key=f"columns-{dataset}-search").set_value("nothing like it").run())
    assert "No column fits" in said(app)


def test_many_columns_change_at_once(home: Path, open_page: Open) -> None:  # noqa: F811
    dataset = imported(wide(30), "wide.csv")
    app = fine(open_page("data", dataset=dataset))
    fine(app.text_input(key=f"columns-{dataset}-search").set_value("item 2").run())
    fine(app.button(key=f"columns-{dataset}-all-ignore").click().run())
    changed = {str(box.key): box.value for box in app.selectbox if str(box.key).startswith("role-")}
    assert set(changed.values()) == {"ignore"}
    assert len(changed) == 11
    assert "grouped by 20 columns" in said(app)
    fine(app.button(key=f"columns-{dataset}-all-feature").click().run())
    assert "changes" not in app.query_params


def test_a_column_is_seen_before_and_after(home: Path, open_page: Open) -> None:  # noqa: F811
    dataset = imported(TWO_TABLES, "a.csv")
    app = fine(open_page("data", dataset=dataset))
    fine(app.button(key=f"closer-{dataset}-weight").click().run())
    assert "As it will be learned from" in said(app)
    assert "30 rows · 30 different · 0 blank" in said(app)
    examples = app.dataframe[-1].value
    assert examples["in the file"].tolist()[:3] == ["0", "1", "4"]


def switch(app: AppTest, key: str, on: bool) -> None:
    """Flip a switch in a dialog; the page below it follows in the next run."""
    fine(app.toggle(key=key).set_value(on).run())
    fine(app.run())


def test_parts_of_dates_times_and_codes_are_switched(home: Path, open_page: Open) -> None:  # noqa: F811
    """In one dialog after another; each switch changes the sentences, and back again."""
    lines = [
        f"2024-{i % 12 + 1:02}-{i % 28 + 1:02} {i * 7 % 24:02}:30,{i * 5 % 24:02}:{i:02},{20 + i if i % 9 else 888888}\n"
        for i in range(60)
    ]
    dataset = imported(("since,start,age\n" + "".join(lines)).encode(), "visits.csv")
    app = fine(open_page("data", dataset=dataset))
    assert "the time of day counts as well" in said(app)
    fine(app.button(key=f"closer-{dataset}-since").click().run())
    switch(app, f"column-{dataset}-since-hour", False)
    assert "Dates in *since* count in days." in said(app)
    assert app.toggle(key=f"column-{dataset}-since-age").disabled
    switch(app, f"column-{dataset}-since-month", True)
    switch(app, f"column-{dataset}-since-age", False)
    assert "only the month of the year counts" in said(app)
    assert "month \\(cos\\)" in said(app)
    app = fine(open_page("data", dataset=dataset))
    fine(app.button(key=f"closer-{dataset}-start").click().run())
    switch(app, f"column-{dataset}-start-hour", False)
    assert "Times of day in *start* run in a circle" not in said(app)
    app = fine(open_page("data", dataset=dataset))
    fine(app.button(key=f"closer-{dataset}-age").click().run())
    assert "7 cells of 888,888 in *age* count as blank." in said(app)
    switch(app, f"column-{dataset}-age-code-888,888", False)
    assert "888,888 in *age* count" not in said(app)
    assert "coded_blanks" in str(app.query_params["changes"])
    switch(app, f"column-{dataset}-age-code-888,888", True)
    assert "changes" not in app.query_params


def test_words_in_an_order_are_switched(home: Path, open_page: Open) -> None:  # noqa: F811
    words = ("never", "sometimes", "often", "always")
    dataset = imported(
        b"smokes,size\n" + "".join(f"{words[i * 5 % 11 % 4]},{i % 9}\n" for i in range(60)).encode(), "a.csv"
    )
    app = fine(open_page("data", dataset=dataset))
    assert "count as numbers in this order: “never” < “sometimes” < “often” < “always”" in said(app).replace("\\", "")
    fine(app.button(key=f"closer-{dataset}-smokes").click().run())
    switch(app, f"column-{dataset}-smokes-order", False)
    assert "in this order" not in said(app)
    assert "ordinal" in str(app.query_params["changes"])
    switch(app, f"column-{dataset}-smokes-order", True)
    assert "changes" not in app.query_params


def test_a_file_is_read_another_way(home: Path, open_page: Open) -> None:  # noqa: F811
    dataset = imported(TWO_TABLES, "a.csv")
    app = fine(open_page("data", dataset=dataset))
    fine(app.button(key="read-again").click().run())
    app.text_input(key="read-rows").set_value("all of them")
    fine(app.button(key="read-again-now").click().run())
    assert "whole numbers" in app.error[0].value
    app.text_input(key="read-rows").set_value("")
    app.selectbox(key="read-header").set_value("1")
    app.selectbox(key="read-delimiter").set_value(";")
    fine(app.button(key="read-again-now").click().run())
    assert "arriving" in app.query_params
    space = Workspace.open()
    assert Worker(space, "light").once()
    assert [space.raw(record.id).options.to_json() for record in space.datasets()] == [{"header": 1, "delimiter": ";"}]
    space.close()


def test_a_file_that_could_not_be_read_is_read_another_way(home: Path, open_page: Open) -> None:  # noqa: F811
    """From the list of what is here, by a choice, without a new upload."""
    space = Workspace.open()
    item = space.add(b"1;2\n3;4;5\n" * 20, "odd.csv").id
    assert Worker(space, "light").once()
    app = fine(open_page("data"))
    assert "odd.csv" in said(app)
    assert "has 2 cells where the table has 3 columns" in said(app)
    fine(app.button(key=f"data-{item}-go").click().run())
    assert "This could not be read" in said(app)
    fine(app.button(key=f"read-failed-{item}").click().run())
    app.text_input(key="read-header").set_value("none")
    fine(app.button(key="read-again-now").click().run())
    assert "whole numbers" in said(app)
    app.text_input(key="read-header").set_value("")
    app.selectbox(key="read-kind").set_value("text")
    fine(app.button(key="read-again-now").click().run())
    assert app.query_params["arriving"] != [item]
    assert Worker(space, "light").once()
    assert [(record.name, record.kind) for record in space.datasets()] == [("odd.csv", "text")]
    space.close()
    assert "could not be read" not in said(fine(open_page("data")))


def test_a_sample_has_no_other_way(home: Path, open_page: Open) -> None:  # noqa: F811
    space = Workspace.open()
    item = space.add("shapes").id
    assert Worker(space, "light").once()
    dataset = space.importing(item).dataset or ""
    space.close()
    app = fine(open_page("data", dataset=dataset))
    assert "read-again" not in [button.key for button in app.button]


def test_public_sets_are_offered_with_what_they_are(home: Path, open_page: Open) -> None:  # noqa: F811
    app = fine(open_page("data"))
    for found in public_sets():
        assert f"**{found.title}**" in said(app)
        assert f"License: {found.license} · {found.source}" in said(app)
        assert app.button(key=f"data-public-{found.name}").label == "Download"
    app.button(key="data-public-usps").click().run()
    assert Workspace.open().importing("".join(app.query_params["arriving"])).state == "queued"


def test_a_table_of_moments_is_read_as_series_in_one_click(home: Path, open_page: Open) -> None:  # noqa: F811
    moments = [f"{meter},{hour},{int(meter) * 10 + (hour * 3) % 7}" for meter in "12345" for hour in range(12)]
    dataset = imported("\n".join(["meter,hour,power", *moments]).encode(), "power.csv")
    app = fine(open_page("data", dataset=dataset))
    assert "5 series, told apart by *meter*, in the order of *hour*" in said(app)
    assert "--series" not in said(app)  # a way of the command line is not one of the page
    fine(app.button(key="series-now").click().run())
    space = Workspace.open()
    assert Worker(space, "light").once()
    read = next(space.raw(record.id) for record in space.datasets() if record.kind == "series")
    assert read.array.shape == (5, 1, 12)
    assert not any("--series" in note for note in read.notes)
    space.close()


def test_days_are_shown_without_midnight() -> None:
    days = pd.to_datetime(["2024-02-11", None, "2024-06-22"])
    table = pd.DataFrame({"since": days, "seen": days + pd.Timedelta(hours=7), "empty": [pd.NaT] * 3, "n": [1, 2, 3]})
    assert list(date_columns.config(table)) == ["since"]


RING = b"source,target\n" + b"".join(f"n{i},n{(i + step) % 40}\n".encode() for i in range(40) for step in (1, 2))
"""A ring of forty nodes, each linked to the next two."""


def test_edges_are_read_as_a_graph_in_one_click(home: Path, open_page: Open) -> None:  # noqa: F811
    dataset = imported(RING, "ring.csv")
    app = fine(open_page("data", dataset=dataset))
    assert "looks like an edge of a graph" in said(app)
    app.button(key="graph-now").click().run()
    space = Workspace.open()
    assert Worker(space, "light").once()
    graph = space.importing("".join(app.query_params["arriving"])).dataset
    app = fine(open_page("data", dataset=graph))
    assert {metric.label: metric.value for metric in app.metric} == {
        "Nodes": "40",
        "Links": "80",
        "Density": "10\u00a0%",
        "Without a link": "0",
        "Parts": "1",
    }
    assert "40 nodes will be grouped by 80 links" in said(app)
    fine(app.selectbox(key=f"prepare-{graph}-components").set_value(4).run())
    assert "each node becomes 4 numbers" in said(app)
    fine(open_page("method", dataset=graph))
    space.close()


def test_groups_of_nodes_have_a_result_page_and_files(home: Path, open_page: Open) -> None:  # noqa: F811
    space = Workspace.open()
    item = space.add(RING, "ring.csv", ReadOptions(kind="graph")).id
    assert Worker(space, "light").once()
    run = space.submit(Settings(space.importing(item).dataset or "", "kmeans", 3)).id
    assert Worker(space, "train").once()
    assert space.run(run).state == "done", space.run(run).sentence
    for tab in ("Groups", "Members", "New data"):
        shown = said(fine(open_page("results", run=run, tab=tab)))
        assert "40 nodes" in shown
    assert "new nodes cannot be placed in them" in shown
    result, raw = space.result(run), space.raw(space.run(run).dataset)
    table = labels_table(result, raw.rows)
    assert table["node"].tolist()[:3] == ["n0", "n1", "n2"]
    assert set(table["group"]) == {1, 2, 3}
    assert all("% of the links of its nodes stay inside the group" in group.sentence for group in result.groups)
    assert all(group.name.startswith("Around n") for group in result.groups)
    assert b"Around n" in export_job.report(space, space.run(run))
    with pytest.raises(InputError, match="cannot be placed"):
        models.predict(
            space, space.run(run), inspect(pd.DataFrame({"source": ["a"], "target": ["b"]}), options={"kind": "graph"})
        )
    assert set(models.predict(space, space.run(run), raw).labels) == {0, 1, 2}
    with pytest.raises(InputError, match="Columns cannot be added to these files"):
        export_job._copy(space, space.run(run))
    space.close()

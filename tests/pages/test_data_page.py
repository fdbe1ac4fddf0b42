"""The page of one dataset: many columns stay usable, a column is seen before and after, a file is read another way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.runs import Workspace
from engine.runs.workers.worker import Worker
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


def test_a_sample_has_no_other_way(home: Path, open_page: Open) -> None:  # noqa: F811
    space = Workspace.open()
    item = space.add("shapes").id
    assert Worker(space, "light").once()
    dataset = space.importing(item).dataset or ""
    space.close()
    app = fine(open_page("data", dataset=dataset))
    assert "read-again" not in [button.key for button in app.button]

"""The Trust tab: what it says at once, what it finds out on request, and what a guest sees of it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine import results
from engine.results.record.diagnostics import ResultWarning
from engine.runs.workers import evaluate_job
from engine.runs.workers.worker import Worker
from pages.parts.trust import stability
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page, said  # noqa: F401

GRAVE = tuple(ResultWarning("tiny", 0.9 - i / 10, f"**Fault {i}** here.", f"Mend {i}.") for i in range(3))


def tab(open_page: Open, furnished: dict[str, Any], run: str = "customers") -> AppTest:  # noqa: F811
    return fine(open_page("results", run=furnished["runs"][run], tab="Trust"))


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.label: button for button in app.button}


@pytest.fixture
def as_if(furnished: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: F811
    """Every result opens as if it had these fields."""
    load = results.load_result

    def change(**fields: Any) -> None:
        monkeypatch.setattr(results, "load_result", lambda read: replace(load(read), **fields))
        st.cache_resource.clear()

    return change


def test_healthy_groups_have_no_warning_and_each_its_separation(open_page: Open, furnished: dict[str, Any]) -> None:  # noqa: F811
    app = tab(open_page, furnished)
    assert "Nothing suspicious" in said(app)
    assert "stands apart most" in said(app)
    assert "What to do" not in buttons(app)
    assert len([expander for expander in app.expander if expander.label == "As a table"]) == 2


def test_the_two_gravest_warnings_stand_beside_the_verdict(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    as_if: Any,
) -> None:
    as_if(warnings=GRAVE)
    app = fine(open_page("results", run=furnished["runs"]["customers"]))
    assert "Fault 0" in said(app)
    assert "Fault 1" in said(app)
    assert "Fault 2" not in said(app)
    assert "Mend 0" not in said(app)
    app = fine(buttons(app)["What to do"].click().run())
    assert all(f"Mend {i}." in said(app) for i in range(3)), "the button opens the tab"


def test_results_that_were_stored_before_still_open(open_page: Open, furnished: dict[str, Any], as_if: Any) -> None:  # noqa: F811
    as_if(warnings=None, separation=None)
    app = tab(open_page, furnished)
    assert "made before warnings were looked for" in said(app)
    assert "stands apart most" not in said(app)


def test_stability_is_asked_for_watched_and_shown(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["digits"]
    app = tab(open_page, furnished, "digits")
    assert "6 more trainings: about" in said(app)
    app = fine(buttons(app)["Check stability"].click().run())
    assert workspace.evaluations.find(run, "stability").active
    assert "Stop" in buttons(app)
    app = fine(buttons(app)["Try other numbers"].click().run())
    assert any("1 before it" in bar.proto.text for bar in app.get("progress"))
    monkeypatch.setattr(evaluate_job, "numbers", lambda n, own, most: np.arange(1, 5))
    worker = Worker(workspace, "evaluate")
    assert worker.once()
    assert worker.once()
    app = tab(open_page, furnished, "digits")
    assert "The method agrees with itself at" in said(app)
    assert "In the prepared data" in said(app)
    assert "Check stability" not in buttons(app)
    assert "Stop" not in buttons(app)


def test_an_examination_can_be_stopped_and_begun_again(open_page: Open, furnished: dict[str, Any]) -> None:  # noqa: F811
    workspace, run = furnished["workspace"], furnished["runs"]["other"]
    app = tab(open_page, furnished, "other")
    app = fine(buttons(app)["Try other numbers"].click().run())
    app = fine(buttons(app)["Stop"].click().run())
    assert workspace.evaluations.find(run, "scan").state == "stopped"
    app = tab(open_page, furnished, "other")
    assert "Stopped." in said(app)
    assert "Try other numbers" in buttons(app)


def test_fairness_answers_for_the_column_that_was_chosen(open_page: Open, furnished: dict[str, Any]) -> None:  # noqa: F811
    app = tab(open_page, furnished)
    box = next(box for box in app.selectbox if box.label.startswith("Column to compare"))
    assert "gender" in box.options
    for name in box.options:
        app = fine(box.set_value(name).run())
        box = next(box for box in app.selectbox if box.label.startswith("Column to compare"))
        assert "Balance:" in said(app)


def test_a_guest_sees_answers_but_no_rows_and_starts_nothing(open_page: Open, furnished: dict[str, Any]) -> None:  # noqa: F811
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    closed = workspace.links.share(run)
    app = fine(open_page("shared", token=closed, tab="Trust"))
    assert "Nothing suspicious" in said(app)
    assert "This has not been checked yet." in said(app)
    assert not {"Check stability", "Try other numbers", "Stop"} & set(buttons(app))
    assert not [box for box in app.selectbox if box.label.startswith("Column to compare")]
    workspace.evaluations.ask(run, "stability")
    app = fine(open_page("shared", token=closed, tab="Trust"))
    assert "being looked at" in said(app)
    assert "Stop" not in buttons(app)
    workspace.evaluations.stop(f"{run}.stability")


def test_an_answer_is_found_out_anew_by_its_owner_alone(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    monkeypatch.setattr(evaluate_job, "numbers", lambda n, own, most: np.arange(1, 5))
    workspace.evaluations.ask(run, "scan")
    assert Worker(workspace, "evaluate").once()
    token = workspace.links.share(run)
    guest = fine(open_page("shared", token=token, tab="Trust"))
    assert "In the prepared data" in said(guest)
    assert "Look again" not in buttons(guest)
    app = fine(buttons(tab(open_page, furnished))["Look again"].click().run())
    assert workspace.evaluations.find(run, "scan").source["draw"] == 1
    assert "Stop" in buttons(app)
    assert "In the prepared data" in said(app), "the old answer stays"
    guest = fine(open_page("shared", token=token, tab="Trust"))
    assert "In the prepared data" in said(guest)
    assert "Stop" not in buttons(guest)
    app = fine(buttons(app)["Stop"].click().run())
    assert "In the prepared data" in said(app)
    workspace.links.revoke(token)


def test_a_column_may_have_any_name() -> None:
    def page() -> None:
        from types import SimpleNamespace

        import numpy as np
        import pandas as pd

        from pages.parts.results.context import ResultContext
        from pages.parts.trust import fairness

        rows = pd.DataFrame({"home__city": ["Bern", "Oslo"] * 6})
        column = SimpleNamespace(name="home__city", distinct=2, missing=0, role="feature")
        groups = [SimpleNamespace(label=label, title=f"Group {label + 1}") for label in (0, 1)]
        result = SimpleNamespace(kept=np.arange(12), labels=np.arange(12) // 6, groups=groups, kind="table")
        raw = SimpleNamespace(rows=rows, columns=(column,), column=lambda name: column)
        run = SimpleNamespace(id="a", ended=1.0, preparation={})
        fairness.show(ResultContext(None, run, None, result, raw, True))  # type: ignore[arg-type]

    app = fine(AppTest.from_function(page).run())
    assert [box.value for box in app.selectbox] == ["home__city"]
    assert "Every group has about the same mix" in said(app)


def test_what_repeating_costs_is_told_from_what_a_search_chose() -> None:
    result = SimpleNamespace(seconds=10.0, history=())

    def price(search: object) -> str:
        context = SimpleNamespace(run=SimpleNamespace(seconds=900.0, search=search), result=result)
        return stability.price(context, 3)  # type: ignore[arg-type]

    assert price(None) == "6 more trainings: about 1 h 21 min, beside other work."
    assert price({"answer": []}) == "6 more trainings: about 54 s, beside other work."

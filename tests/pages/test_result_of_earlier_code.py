"""A result that an earlier version of its method made stays open, and says so."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.results import context
from pages.parts.results.context import ResultContext
from tests.pages import finished

SAID = "An earlier version of this method made this result."


def _settings(found: "ResultContext") -> None:
    from pages.parts.results import details

    details.settings(found)


def test_a_result_of_earlier_code_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, run = finished.home(tmp_path, "digits", 10)
    found = context.load(workspace, workspace.run(run))
    for said in (False, True):
        if said:
            monkeypatch.setattr("engine.runs.db.run_key.method_version", lambda method: f"a later {method}")
        app = AppTest.from_function(_settings, args=(found,), default_timeout=120).run()
        assert not app.exception
        assert any(SAID in caption.value for caption in app.caption) == said
    workspace.close()

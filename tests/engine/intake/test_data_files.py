"""Every file of the shared data is read as it was recorded: its kind, its rows, what each column is for."""

import json
from pathlib import Path

import pytest

from benchmarks import intake as benchmark
from engine.intake import inspect

RECORD = json.loads((Path(benchmark.__file__).parent / "results/intake.json").read_text())["files"]
SOON = 0.3
"""Seconds of reading and preparing, as recorded, up to which a file is read in the fast suite."""
FILES = [
    pytest.param(name, id=name, marks=[] if outcome["seconds"] <= SOON else [pytest.mark.slow])
    for name, outcome in RECORD.items()
    if not name.startswith(("tables/", "media/"))
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_recorded(shared, name: str) -> None:
    raw = inspect(shared(name))
    read = {"kind": raw.kind, "rows": len(raw), "roles": benchmark.roles(raw)}
    assert read == {key: RECORD[name][key] for key in read}


def test_answers_and_names_are_never_grouped_by() -> None:
    """Of the recorded files: a column that is called as an answer or a name is none of those that are compared."""
    compared = {
        (name, column) for name, found in RECORD.items() for column in found.get("roles", {}).get("feature", ())
    }
    hidden = {
        "label",
        "target",
        "class",
        "species",
        "customerid",
        "cust_id",
        "id",
        "survived",
        "alive",
        "split",
        "file",
    }
    wrong = [(name, column) for name, column in compared if column.lower() in hidden]
    assert not wrong

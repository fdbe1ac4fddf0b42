"""JSON as programs write it: rows under keys, beside names of columns, and one of several lists."""

import json
from pathlib import Path
from typing import Any

from engine.intake import Raw, inspect

ROWS = [{"a": i / 4, "b": i % 3} for i in range(12)]


def read(folder: Path, found: Any, **options: object) -> Raw:
    (folder / "data.json").write_text(json.dumps(found))
    return inspect(folder / "data.json", options=options)


def test_objects_by_key_are_rows(tmp_path: Path) -> None:
    raw = read(tmp_path, {f"user{i}": row for i, row in enumerate(ROWS)})
    assert list(raw.rows) == ["key", "a", "b"]
    assert len(raw) == 12
    assert raw.column("key").role == "id"


def test_columns_of_a_data_frame_stay_columns(tmp_path: Path) -> None:
    columns = {name: {str(i): i * k for i in range(3)} for k, name in enumerate(("a", "b", "c", "d", "e"), 1)}
    raw = read(tmp_path, columns)
    assert list(raw.rows) == list("abcde")
    assert len(raw) == 3


def test_rows_beside_the_names_of_their_columns(tmp_path: Path) -> None:
    cells = [list(row.values()) for row in ROWS]
    for found in (
        {"header": ["a", "b"], "rows": cells},
        {"data": cells, "fields": [{"name": "a", "type": "number"}, {"name": "b", "type": "integer"}]},
        {"columns": ["a", "b"], "index": list(range(12)), "data": cells},
    ):
        raw = read(tmp_path, found)
        assert (len(raw), list(raw.rows)) == (12, ["a", "b"])


def test_of_several_lists_the_longest_is_read(tmp_path: Path) -> None:
    found = {
        "info": {"year": 2024},
        "images": [{"id": i, "file": f"{i}.jpg"} for i in range(4)],
        "annotations": [{"id": i, "bbox": [1.0 * i, 2.0, 3.5, 4.0], "area": 14.0 + i} for i in range(12)],
    }
    raw = read(tmp_path, found)
    assert list(raw.rows) == ["id", "bbox 1", "bbox 2", "bbox 3", "bbox 4", "area"]
    assert raw.alternatives["sheet"] == ("annotations", "images")
    assert "*data.json* holds the lists *annotations* and *images*; *annotations* was read." in raw.notes
    assert len(read(tmp_path, found, sheet="images")) == 4

"""The command for machines with a GPU, as far as a CPU can try it."""

import json
import sys

import pytest

from benchmarks import gpu


def test_all_parts_fit_into_eight_minutes():
    assert sum(part.limit for part in gpu.parts(tiny=False, rows=70_000)) <= 8 * 60


def test_a_part_that_takes_too_long_is_stopped_and_keeps_what_it_wrote(tmp_path):
    script = "import time; print('half of it', flush=True); time.sleep(60)"
    found = gpu.run(gpu.Part("slow", ("-c", script), 2.0), tmp_path, gpu.environment("", tmp_path))
    assert found["status"] == "stopped after 2 s"
    assert found["last_line"] == "half of it"


def test_a_part_that_fails_says_so_and_the_others_go_on(tmp_path, monkeypatch):
    made = (gpu.Part("broken", ("-c", "raise SystemExit(3)"), 10.0), gpu.Part("fine", ("-c", "print('done')"), 10.0))
    monkeypatch.setattr(gpu, "parts", lambda tiny, rows: made)
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        gpu.main()
    assert end.value.code
    statuses = {one["part"]: one["status"] for one in json.loads((tmp_path / "gpu-run.json").read_text())}
    assert statuses == {"broken": 3, "fine": 0}


def test_results_of_a_trial_go_elsewhere(tmp_path):
    env = gpu.environment("/wheels", tmp_path)
    assert env["CONSTELLA_RESULTS"] == str(tmp_path)
    assert env["PYTHONPATH"].split(":")[:2] == [str(gpu.ROOT), "/wheels"]


@pytest.mark.slow
def test_graphs_and_limit_run_on_a_cpu(tmp_path, shared, monkeypatch):
    shared("mnist.npz")
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--tiny", "--out", str(tmp_path), "--parts", "graphs", "limit"])
    with pytest.raises(SystemExit) as end:
        gpu.main()
    assert not end.value.code
    assert json.loads((tmp_path / "graphs.json").read_text())["found"][0]["method"] == "dec"
    assert json.loads((tmp_path / "limit.json").read_text())["found"]

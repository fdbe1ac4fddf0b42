"""What the documentation says is what there is."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from engine.methods import NAMES

ROOT = Path(__file__).parents[1]


def test_readme_tables_are_those_of_the_catalogue_and_the_benchmarks(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["methods_table.py", "--check"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "scripts/methods_table.py"), run_name="__main__")
    assert not end.value.code


def test_architecture_is_that_of_the_imports(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["architecture.py", "--check"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "scripts/architecture.py"), run_name="__main__")
    assert not end.value.code


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_links_and_pictures_exist():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_every_page_of_notes_is_linked_from_its_method():
    listed = (ROOT / "docs/methods.md").read_text()
    for page in (ROOT / "docs/methods").glob("*.md"):
        assert page.stem in NAMES
        section = listed.split(f"(`{page.stem}`)", 1)[1].split("\n### ", 1)[0]
        assert f"](methods/{page.name})" in section, page.name


def test_files_named_in_prose_exist():
    for page in ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "docs/architecture.md"):
        for name in re.findall(
            r"`((?:engine|tests|scripts|docs|benchmarks|pages)/[\w./-]+)`", (ROOT / page).read_text()
        ):
            assert (ROOT / name).exists(), f"{page} names {name}"


def test_settings_of_the_environment_are_documented():
    told = (ROOT / "docs/deploy.md").read_text()
    used = set()
    for path in (ROOT / "engine").rglob("*.py"):
        used |= set(re.findall(r"CONSTELLA_[A-Z_]+[A-Z]", path.read_text()))
    assert {name for name in used if name not in told} == set()

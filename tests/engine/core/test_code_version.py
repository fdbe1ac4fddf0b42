"""What was made by other code is not taken for the same: but words are no code."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.code_version import ENGINE, code_version, method_version, sources
from engine.methods import NAMES


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what DEC and k-means use; all of the engine would take as many seconds to parse as it has methods."""
    copy, code = tmp_path_factory.mktemp("sources") / "engine", sources()
    found, waiting = set[str](), ["engine.methods.dec", "engine.methods.kmeans"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += code[name][1]
    modules = {(ENGINE.parent / Path(*name.split("."))).with_suffix(".py") for name in found}
    for file in [*ENGINE.rglob("__init__.py"), *filter(Path.exists, modules)]:
        place = copy / file.relative_to(ENGINE)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    return copy


def versions(engine: Path) -> tuple[str, str]:
    """Those of DEC and of k-means."""
    sources.cache_clear()
    return code_version("engine.methods.dec", engine=engine), code_version("engine.methods.kmeans", engine=engine)


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_words_do_not_change_a_version(engine: Path) -> None:
    before = versions(engine)
    path = engine / "methods" / "dec.py"
    path.write_text("# A comment.\n\n" + path.read_text("utf-8").replace('"""', '"""Other words. ', 1), "utf-8")
    edited(path, "Guesses softly", "Supposes softly")
    edited(path, "Passes over the data that sharpen", "Turns that sharpen")
    edited(path, '"cluster", "Sharpening groups"', '"cluster", "Making groups sharper"')
    edited(engine / "core" / "autoencoder_method.py", 'supporting material)."""', 'in other words)."""')
    assert versions(engine) == before


def test_code_that_a_method_uses_changes_its_version_alone(engine: Path) -> None:
    dec, kmeans = versions(engine)
    edited(engine / "losses" / "reconstruction.py", "\nfrom", "\nMORE = 1\nfrom")
    other_dec, same_kmeans = versions(engine)
    assert other_dec != dec
    assert same_kmeans == kmeans
    edited(engine / "methods" / "dec.py", 'Stage(\n            "cluster"', 'Stage(\n            "grouping"')
    assert versions(engine)[0] != other_dec, "an id is code"
    edited(engine / "core" / "method.py", "\nfrom", "\nMORE = 1\nfrom")
    assert versions(engine)[1] != kmeans


def test_every_method_has_a_version_of_its_own_and_torch_is_not_needed_for_it() -> None:
    assert len({method_version(name) for name in NAMES}) == len(NAMES)
    script = (
        "import sys; from engine.core.code_version import sources, method_version\n"
        "print(method_version('dec')); sys.exit('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == method_version("dec")


def test_the_sources_are_read_once(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = versions(engine)
    monkeypatch.setattr("engine.core.code_version._read", lambda *_: pytest.fail("the sources were read again"))
    assert versions(engine) == before

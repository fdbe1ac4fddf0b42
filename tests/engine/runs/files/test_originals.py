"""The files of an upload, one at a time: beside each other, in folders, in a ZIP."""

import io
import zipfile
from pathlib import Path

import pytest

from engine.runs.files import originals
from engine.runs.files.artifacts import Artifacts
from engine.runs.files.originals import Original

MOST = 1000


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(str(tmp_path))


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def stored(artifacts: Artifacts, files: dict[str, bytes]) -> Original:
    for i, content in enumerate(files.values()):
        artifacts.write(f"up/{i}", content)
    return Original("d", "upload", tuple(files), "up")


def test_a_file_is_found_by_the_path_under_which_it_was_read(artifacts: Artifacts) -> None:
    several = stored(artifacts, {"a.wav": b"one", "b.wav": b"two"})
    assert originals.read_file(artifacts, several, "b.wav", MOST) == b"two"
    folder = stored(artifacts, {"birds/owl/a.wav": b"one", "birds/gull/a.wav": b"two"})
    assert originals.read_file(artifacts, folder, "gull/a.wav", MOST) == b"two"
    assert originals.read_file(artifacts, folder, "gull/b.wav", MOST) is None


def test_a_file_of_a_zip_is_read_alone(artifacts: Artifacts) -> None:
    packed = stored(
        artifacts, {"all.zip": zipped({"owl/a.wav": b"one", "gull/a.wav": b"two", "long.wav": b"x" * 2000})}
    )
    assert originals.read_file(artifacts, packed, "gull/a.wav", MOST) == b"two"
    assert originals.read_file(artifacts, packed, "long.wav", MOST) is None
    assert originals.read_file(artifacts, packed, "none.wav", MOST) is None


def test_what_is_gone_or_damaged_is_none(artifacts: Artifacts) -> None:
    broken = stored(artifacts, {"all.zip": zipped({"a.wav": b"one" * 100})[:80]})
    assert originals.read_file(artifacts, broken, "a.wav", MOST) is None
    artifacts.delete("up")
    assert originals.read_file(artifacts, broken, "a.wav", MOST) is None

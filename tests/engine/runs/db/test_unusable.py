"""A store that cannot be opened is said in a sentence that tells where to look."""

from pathlib import Path

import pytest

from engine.core.errors import InputError
from engine.runs.db.schema import Store


def damaged(folder: Path) -> str:
    (folder / "store.db").write_bytes(b"this is no database at all" * 100)
    return f"sqlite:///{folder}/store.db"


def below_a_file(folder: Path) -> str:
    (folder / "file").write_text("")
    return f"sqlite:///{folder}/file/home/store.db"


CASES = [
    pytest.param(damaged, "file is not a database", id="damaged"),
    pytest.param(lambda folder: f"sqlite:///{folder}", "unable to open", id="a folder"),
    pytest.param(below_a_file, "Not a directory", id="below a file"),
    pytest.param(lambda folder: "sqlite:////proc/nothing/store.db", "No such file", id="not writable"),
    pytest.param(lambda folder: "nonsense", "no SQLAlchemy URL", id="no address"),
    pytest.param(lambda folder: "mysql://user:secret@localhost/x", "driver is not installed", id="no driver"),
    pytest.param(lambda folder: "strange://user:secret@localhost/x", "driver is not installed", id="unknown kind"),
]


@pytest.mark.parametrize(("address", "reason"), CASES)
def test_a_store_that_cannot_be_opened_is_an_input_error(address, reason, tmp_path):
    with pytest.raises(InputError, match=reason) as fault:
        Store(address(tmp_path))
    assert "CONSTELLA_STORE" in str(fault.value)
    assert "secret" not in str(fault.value)

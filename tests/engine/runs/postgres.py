"""A PostgreSQL server for the tests alone: in a folder of its own, on a socket, without a password, gone with the tests."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs: on the PATH, or the newest where Debian puts them."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


@contextlib.contextmanager
def server(programs: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database while it runs. PostgreSQL refuses to be root: then it is `postgres`, or nobody."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="constella-postgres-"))  # short, as the name of a socket has to be
    try:
        if user:
            shutil.chown(folder, user)
        _run(
            user, programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        _run(
            user,
            programs / "pg_ctl",
            "-D",
            folder / "data",
            "-l",
            folder / "log",
            "-w",
            "-o",
            f"-k {folder} {OPTIONS}",
            "start",
        )
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        _run(user, programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    """Who runs the server where the tests are root's; None: whoever runs the tests."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _run(user: str | None, *command: object) -> None:
    told = subprocess.run(
        [str(word) for word in command],
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    if told.returncode:
        raise RuntimeError(f"{command[0]} ended with {told.returncode}: {told.stderr.decode(errors='replace')[-1000:]}")

"""The user's own names for the groups of a run. Every function is part of the transaction it is given."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from engine.errors import InputError
from engine.runs.store import names

LONGEST = 80
"""Characters of a name."""


def cleaned(name: str) -> str:
    """The name on one line without characters that do not show; InputError where it is too long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if len(line) > LONGEST:
        raise InputError(f"A name has at most {LONGEST} characters; this one has {len(line)}. Say it shorter.")
    return line


def rename(connection: Connection, run: str, given: Mapping[int, str]) -> None:
    """Give groups of a run these names, by label; an empty one brings back the name that was proposed."""
    for label in given:
        connection.execute(delete(names).where(names.c.run == run, names.c.label == label))
    rows = [{"run": run, "label": label, "name": name} for label, name in given.items() if name]
    if rows:
        connection.execute(insert(names), rows)


def of_run(connection: Connection, run: str) -> dict[int, str]:
    """The names that the user gave, by label."""
    found = connection.execute(select(names.c.label, names.c.name).where(names.c.run == run))
    return {int(label): str(name) for label, name in found}

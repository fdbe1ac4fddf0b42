"""The user's own names for the groups of a run; they are kept beside the result, which does not change."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from engine.core.errors import InputError
from engine.runs.db.schema import Store, cluster_names

if TYPE_CHECKING:
    from engine.results import Result

LONGEST = 80
"""Characters of a name."""


class Names:
    """The user's own names for the groups of a workspace's runs.

    Parameters
    ----------
    store
        Where they are written down.
    result
        Opens the result of a run, under whatever names it has.
    """

    def __init__(self, store: Store, result: "Callable[[str], Result]") -> None:
        self._store, self._result = store, result

    def give(self, run_id: str, given: Mapping[int, str]) -> None:
        """Name groups of a finished run, all of them or none.

        Parameters
        ----------
        run_id
            The run.
        given
            Names by label; an empty one brings back the proposed name.

        Raises
        ------
        InputError
            Where a group is unknown or a name is too long.
        """
        known = {group.label: group.proposed or group.name for group in self._result(run_id).groups}
        strange = [label for label in given if label not in known]
        if strange:
            raise InputError(f"There is no group {strange[0] + 1} in this result; it has {len(known)}.")
        clean = {label: cleaned(name) for label, name in given.items()}
        # Who writes the proposed name wants the proposed name.
        chosen = {label: "" if name == known[label] else name for label, name in clean.items()}
        self._store.change(lambda connection: _rename(connection, run_id, chosen))

    def of_run(self, run_id: str) -> dict[int, str]:
        """The names that the user gave, by label."""
        with self._store.read() as connection:
            rows = connection.execute(
                select(cluster_names.c.label, cluster_names.c.name).where(cluster_names.c.run == run_id)
            ).all()
        return {int(label): str(name) for label, name in rows}


def cleaned(name: str) -> str:
    """The name on one line without characters that do not show.

    Raises
    ------
    InputError
        Where it is longer than `LONGEST`.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if len(line) > LONGEST:
        raise InputError(f"A name has at most {LONGEST} characters; this one has {len(line)}. Say it shorter.")
    return line


def _rename(connection: Connection, run: str, given: Mapping[int, str]) -> None:
    for label in sorted(given):
        connection.execute(delete(cluster_names).where(cluster_names.c.run == run, cluster_names.c.label == label))
    rows = [{"run": run, "label": label, "name": name} for label, name in given.items() if name]
    if rows:
        connection.execute(insert(cluster_names), rows)

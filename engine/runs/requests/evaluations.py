"""Whether a finished run can be relied on, found out on request. What is found becomes a field of the result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.errors import InputError
from engine.runs.db.records import Record, Request
from engine.runs.db.schema import Store
from engine.runs.files.artifacts import Artifacts
from engine.runs.requests import base
from engine.runs.requests.base import Requests

if TYPE_CHECKING:
    from engine.results import Result


@dataclass(frozen=True)
class Setting:
    """What can be chosen about an evaluation, the usual value first."""

    name: str
    values: tuple[int, ...]


PARTS: dict[str, Setting] = {
    "stability": Setting("repetitions", (3, 5, 10)),
    "scan": Setting("most", (20, 40, 60)),
    "robustness": Setting("members", (1000, 3000, 10000)),
}
"""What can be asked for, each a field of the result of that name. `repetitions`: trainings from other starts, and as many on part
of the rows; `most`: groups that are tried; `members`: how many are shifted."""


class Evaluations(Requests):
    """Evaluations of a workspace's finished runs.

    Parameters
    ----------
    store, artifacts
        As for `Requests`.
    result
        Opens the result of a run.
    """

    kind = "evaluate"

    def __init__(self, store: Store, artifacts: Artifacts, result: "Callable[[str], Result]") -> None:
        super().__init__(store, artifacts)
        self._result = result

    def ask(self, run_id: str, part: str, value: int | None = None, *, anew: bool = False) -> None:
        """Request an evaluation, unless one is under way.

        Parameters
        ----------
        run_id
            The finished run.
        part
            One of `PARTS`.
        value
            Of the part's setting; None is the usual one.
        anew
            Evaluate again, from other random starts, what the result has already. It keeps what it has until there is another.

        Raises
        ------
        InputError
            Where there is no such part or value, or the run has no result.
        """
        if part not in PARTS:
            raise InputError(f"There is no evaluation {part!r}. Choose one of {', '.join(PARTS)}.")
        name, values = PARTS[part].name, PARTS[part].values
        if value is not None and value not in values:
            raise InputError(f"{name} is {value}; it can be {', '.join(map(str, values))}.")
        has = getattr(self._result(run_id), part) is not None
        if has and not anew:
            return
        source: Record = {name: value or values[0], "draw": _draw(has, self.find(run_id, part))}
        self._begin(base.name(run_id, part), part, source, anew=True)


def _draw(has: bool, before: Request | None) -> int:
    """Which random starts to take: the first, those of an evaluation that did not finish, else the next."""
    if before is None or "draw" not in before.source:
        return int(has)
    ended = before.state == "done"
    return int(before.source["draw"]) + int(ended)

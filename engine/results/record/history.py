"""The course of a training as plain moments."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.results.record.record import Moment


def moments(history: Iterable[Any]) -> tuple[Moment, ...]:
    """Moments of a training from snapshots, from their stored records (mappings), or from moments."""
    return tuple(item if isinstance(item, Moment) else _moment(item) for item in history)


def _moment(item: Any) -> Moment:
    def get(name: str, default: Any) -> Any:
        value = item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)
        return default if value is None else value

    changed, stage = get("changed", None), str(get("stage", ""))
    return Moment(
        stage=stage,
        stage_title=str(get("stage_title", stage)),  # records of earlier versions have the title alone
        epoch=int(get("epoch", 0)),
        epochs=int(get("epochs", 0)),
        stages_done=int(get("stages_done", 0)),
        seconds=float(get("seconds", 0.0)),
        terms={str(name): float(value) for name, value in get("terms", {}).items() if value is not None},
        report={str(name): float(value) for name, value in get("report", {}).items() if value is not None},
        changed=None if changed is None else float(changed),
        sizes=tuple(int(size) for size in get("sizes", ())),
        notes=tuple(str(note) for note in get("notes", ())),
    )

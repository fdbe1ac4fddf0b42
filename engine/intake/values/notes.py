"""Sentences on what was assumed about columns; where many columns share one, it is said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.intake.wording import listed

MOST = 5  # columns of one topic that get a sentence each
_SAME = ("comma", "percent", "zone")  # topics on which each column gets the same sentence
_TOGETHER = {
    "comma": "{columns} are written with decimal commas: 3,5 was read as 3.5.",
    "junk": "{columns} hold numbers, but some cells held something else and were read as blank.",
    "infinite": "{columns} hold infinity in some rows; these cells were read as blank.",
    "blank": "Placeholders such as “-” or “n.a.” in {columns} were read as blank.",
    "unit": "Units behind or before the numbers of {columns} were taken off.",
    "percent": "{columns} are percentages: 10 % was read as 10.",
    "order": "Dates in {columns} were all read with day and month in the same order.",
    "zone": "Times in {columns} have a time zone; they were turned into UTC.",
    "lost dates": "Some cells of {columns} held no date and were read as blank.",
    "spelling": "Spellings that differ in capitals or spaces only were joined in {columns}.",
    "duration": "Durations in {columns} were turned into seconds.",
    "time": "Times of day in {columns} were turned into hours since midnight.",
    "unseen": "{columns} hold values that the training data did not have.",
}


@dataclass(frozen=True)
class Note:
    """A sentence on one column; notes of one `topic` may be joined."""

    topic: str
    column: str
    text: str


def sentences(notes: Sequence[Note]) -> list[str]:
    """The notes as sentences in Markdown; one for all columns where a topic has more than `MOST`, or says the same of each."""
    topics: dict[str, list[Note]] = {}
    for note in notes:
        topics.setdefault(note.topic, []).append(note)
    said: list[str] = []
    for topic, members in topics.items():
        together = _TOGETHER.get(topic)
        if together and len(members) > (1 if topic in _SAME else MOST):
            said.append(together.format(columns=listed([note.column for note in members])))
        else:
            said += [note.text for note in members]
    return said

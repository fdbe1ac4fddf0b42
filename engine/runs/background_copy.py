"""Copying what a page uploads in a thread of its own, while whoever asks is told how far it is."""

import logging
import os
import threading
import time
from collections.abc import Callable

from engine.core.errors import InputError
from engine.runs import processes
from engine.runs.db.records import Record
from engine.runs.files.uploads import Tell

REPORT = 0.25
"""Seconds between two reports of how much of an upload was copied."""
INTERRUPTED = "The server was stopped while it copied this file. Add the file again."
OURS = (
    "Something went wrong on our side while the file was copied; the server's log has the details. Add the file again."
)

_log = logging.getLogger("constella.background_copy")


class Abandoned(Exception):
    """The copy is not wanted any more: it was stopped or deleted while it was made."""


def start(item: str, copy: Callable[[Tell], None], report: Tell, fail: Callable[[str], None]) -> None:
    """Run a copy in a thread; returns at once.

    Parameters
    ----------
    item : str
        What is copied, for the log.
    copy : callable
        Makes the copy; it is given what to call with the share, 0 to 1, that is done.
    report : callable
        Stores that share; called every `REPORT` seconds at most. It may raise `Abandoned`, which ends the copy.
    fail : callable
        Stores the sentence that says why the copy failed.
    """
    thread = threading.Thread(target=_run, args=(item, copy, report, fail), name=f"upload-{item[:8]}", daemon=True)
    thread.start()


def this_process() -> Record:
    """What `lives` has to know of the process that copies."""
    pid = os.getpid()
    return {"host": processes.HOST, "pid": pid, "born": processes.born(pid)}


def lives(process: Record) -> bool:
    """Whether a process still works; those of other hosts are taken at their word."""
    return process["host"] != processes.HOST or processes.lives(process["pid"], process["born"])


def _run(item: str, copy: Callable[[Tell], None], report: Tell, fail: Callable[[str], None]) -> None:
    try:
        copy(_now_and_then(report))
    except Abandoned:
        _log.info("the upload %s is not wanted any more", item)
    except InputError as fault:
        _end(item, fail, str(fault))
    except Exception:
        _log.exception("the upload %s could not be copied", item)
        _end(item, fail, OURS)


def _end(item: str, fail: Callable[[str], None], sentence: str) -> None:
    try:
        fail(sentence)
    except Exception:  # a full disk may keep even this from being written down
        _log.exception("the end of the upload %s could not be stored", item)


def _now_and_then(report: Tell) -> Tell:
    last = time.monotonic()

    def tell(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT:
            last = time.monotonic()
            report(share)

    return tell

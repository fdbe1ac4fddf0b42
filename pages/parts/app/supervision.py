"""The thread that keeps workers alive: one for each process, from the start of the server to its end."""

import logging
import threading

from engine.core.errors import InputError
from engine.runs.example import ensure
from pages.parts.app.workspace import of_process

EVERY = 2.0
"""Seconds between two looks."""
_log = logging.getLogger("constella.pages")


class Supervisor:
    """Puts the example in place and revives dead workers; `start` and `stop` may be called from any thread and twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()
        self._problem = ""

    def start(self) -> None:
        """Begin, unless it has begun."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._ends = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(self._ends,), name="constella-supervisor", daemon=True
            )
            self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """End; the workers go on."""
        with self._lock:
            self._ends.set()
            if self._thread is not None:
                self._thread.join(seconds)
            self._thread = None

    def _run(self, ends: threading.Event) -> None:
        """Plain Python only: no Streamlit call is allowed in this thread."""
        ready = False
        while not ends.is_set():
            try:
                workspace = of_process()
                ready = ready or ensure(workspace)
                workspace.ensure_workers()
                workspace.collect_garbage()
                self._problem = ""
            except InputError as fault:
                self._say(str(fault))
            except Exception:
                _log.exception("workers could not be started; trying again")
            ends.wait(EVERY)

    def _say(self, problem: str) -> None:
        """Log what is wrong once, not at every look."""
        if problem != self._problem:
            _log.warning("Workers cannot be started: %s", problem)
        self._problem = problem


supervisor = Supervisor()
"""The one of this process."""

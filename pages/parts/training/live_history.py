"""What a run has recorded so far, read piece by piece: a page that looks every second reads only what is new."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from engine.results.record.history import moments
from engine.results.record.record import Moment
from engine.runs import Workspace
from engine.runs.db.records import Record, Recording

_KEY = "live-history"
_NOTHING = Recording(None, ())


@dataclass(eq=False)
class LiveHistory:
    """The records of one run and its newest frame, as far as this session has read them."""

    run: str
    moments: list[Moment] = field(default_factory=list)
    last: Record | None = None
    """The newest record; it is read again with the next ones, to see whether it still stands."""
    frame: int | None = None
    """The number of the newest frame that the records name."""
    recording: Recording = _NOTHING
    loaded: int | None = None
    """The number of the frame in `recording`."""

    def read(self, workspace: Workspace) -> None:
        """Take in the records that were added; everything anew where a resumed training has cut the end off."""
        since = 0 if self.last is None else self.last["seq"] - 1
        new = workspace.history(self.run, since)
        if self.last is not None:
            if new[:1] != [self.last]:
                self.moments, self.last, self.frame, self.loaded = [], None, None, None
                return self.read(workspace)
            new = new[1:]
        self.moments += moments(new)
        self.last = new[-1] if new else self.last
        self.frame = next((record["frame"] for record in reversed(new) if record["frame"] is not None), self.frame)
        return None

    def newest_frame(self, workspace: Workspace) -> Recording:
        """The newest frame alone; its file is read once. Empty before there is one."""
        if self.frame is not None and self.frame != self.loaded:
            self.recording, self.loaded = workspace.frame(self.run), self.frame
        return self.recording if self.frame is not None else _NOTHING


def read(workspace: Workspace, run_id: str) -> Sequence[Moment]:
    """The moments of a run so far. A session keeps those of one run, the one it looked at last."""
    history = _of(run_id)
    history.read(workspace)
    return history.moments


def newest_frame(workspace: Workspace, run_id: str) -> Recording:
    """The newest frame of a run; empty before there is one."""
    history = _of(run_id)
    if history.frame is None:
        history.read(workspace)
    return history.newest_frame(workspace)


def _of(run_id: str) -> LiveHistory:
    """What this session has read of a run."""
    history = st.session_state.get(_KEY)
    if not isinstance(history, LiveHistory) or history.run != run_id:
        history = st.session_state[_KEY] = LiveHistory(run_id)
    return history

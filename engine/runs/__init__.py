"""The life of a run: store, artifacts, workers, sharing. `Workspace` is the way in."""

from engine.runs.db.records import DatasetRecord, Frame, Import, ImportState, Recording, Request, RunRecord, Share
from engine.runs.db.run_key import Settings
from engine.runs.files.artifacts import Damaged
from engine.runs.workspace import Workspace

__all__ = [
    "Damaged",
    "DatasetRecord",
    "Frame",
    "Import",
    "ImportState",
    "Recording",
    "Request",
    "RunRecord",
    "Settings",
    "Share",
    "Workspace",
]

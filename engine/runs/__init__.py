"""The life of a run: store, artifacts, workers, sharing. `Workspace` is the way in."""

from engine.runs.artifacts import Damaged
from engine.runs.records import DatasetRecord, Errand, Film, Frame, Import, ImportState, RunRecord, Share
from engine.runs.settings import Settings
from engine.runs.workspace import Workspace

__all__ = [
    "Damaged",
    "DatasetRecord",
    "Errand",
    "Film",
    "Frame",
    "Import",
    "ImportState",
    "RunRecord",
    "Settings",
    "Share",
    "Workspace",
]

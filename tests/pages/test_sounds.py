"""A member that is a sound can be heard on its card."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.runs import Workspace
from engine.runs.access import GuestWorkspace
from engine.runs.workers.worker import Worker
from tests.pages.finished import train
from tests.pages.test_pages import fine

soundfile = pytest.importorskip("soundfile")


def sounds() -> bytes:
    """A ZIP of low and of high tones."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(20):
            tone, wave = np.arange(4_000) / 8_000, io.BytesIO()
            soundfile.write(wave, np.sin(2 * np.pi * (300 + 20 * i + 2000 * (i % 2)) * tone), 8_000, format="WAV")
            archive.writestr(f"tone-{i:02d}.wav", wave.getvalue())
    return out.getvalue()


def test_a_sound_is_played_on_its_card_and_for_guests_who_may_see_the_data(tmp_path: Path) -> None:
    def page(workspace, run, member):  # type: ignore[no-untyped-def]  # Streamlit runs its text alone
        from pages.parts.results import context
        from pages.parts.results.panel import member as card

        guest = hasattr(workspace, "unlock")
        loaded = context.of_guest(workspace) if guest else context.load(workspace, workspace.run(run))
        card.show(loaded, member)

    workspace = Workspace.open({"CONSTELLA_HOME": str(tmp_path)})
    item = workspace.add(sounds(), "tones.zip").id
    assert Worker(workspace, "light").once()
    dataset = workspace.importing(item).dataset
    assert dataset is not None
    run = train(workspace, dataset, "kmeans", 2)
    for reader, players in (
        (workspace, 1),
        (GuestWorkspace(workspace, workspace.links.share(run, raw_data=True)), 1),
        (GuestWorkspace(workspace, workspace.links.share(run)), 0),
    ):
        app = fine(AppTest.from_function(page, args=(reader, run, 3)).run())
        assert len(app.get("audio")) == players
    workspace.close()

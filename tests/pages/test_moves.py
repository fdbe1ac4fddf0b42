"""The play-back says what groups are called, and the clicked member how it came to its group."""

from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine.runs.db.records import Frame, Recording
from engine.runs.files import trajectories
from pages.parts.results import context
from pages.parts.results.panel import trajectory
from pages.parts.training import playback
from tests.pages.test_map_choices import deep  # noqa: F401
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page, said  # noqa: F401

SPOTS = np.zeros((3, 2), np.float32)


def followed(recording: Recording, member: int, n: int = 3) -> trajectories.Trajectory:
    return trajectories.trajectory(recording.frames, recording.sample, member, n)


def filmed(*labels: list[int], sample: list[int] | None = None) -> Recording:
    frames = [Frame(i, "cluster", "sharpening groups", i + 1, np.array(one), SPOTS) for i, one in enumerate(labels)]
    return Recording(np.array(sample or [0, 1, 2]), (*frames, replace_stage(frames[-1])))


def replace_stage(frame: Frame) -> Frame:
    return Frame(frame.seq + 1, "final", "final groups", 1, frame.labels, frame.positions)


def test_a_stage_of_one_frame_needs_no_number() -> None:
    recording = filmed([0, 1, 1], [0, 1, 0])
    assert playback.captions(recording.frames) == [
        "Sharpening groups, round 1",
        "Sharpening groups, round 2",
        "Final groups",
    ]


def test_changes_are_told_under_the_users_names(furnished: dict[str, Any]) -> None:  # noqa: F811
    workspace = furnished["workspace"]
    found = context.load(workspace, workspace.run(furnished["runs"]["customers"]))
    recording = filmed([0, 1, 1], [0, 6, 1], [0, 1, 0])
    workspace.names.give(found.run.id, {1: "Loyal *ones*"})
    try:
        assert trajectory.describe_changes(found, followed(recording, 2)) == [
            "• Sharpening groups, round 3: from Group 2 · Loyal \\*ones\\* to Group 1"
        ]
        assert trajectory.describe_changes(found, followed(recording, 1))[0].endswith(
            "from Group 2 · Loyal \\*ones\\* to Group 7"
        )
        assert trajectory.describe_changes(found, followed(recording, 0)) == [
            "It has been in its group from the first round with groups on."
        ]
        assert playback.group_names(workspace, found.run, 3) == ["Group 1", "Group 2 · Loyal *ones*", "Group 3"]
    finally:
        workspace.names.give(found.run.id, {1: ""})


def test_a_member_the_film_does_not_follow_is_said_plainly(furnished: dict[str, Any]) -> None:  # noqa: F811
    workspace = furnished["workspace"]
    found = context.load(workspace, workspace.run(furnished["runs"]["customers"]))
    assert "not among them" in trajectory.describe_changes(found, followed(filmed([0, 1, 1], [0, 1, 0]), 1234, 2000))[0]


def test_of_many_changes_the_last_are_told(furnished: dict[str, Any]) -> None:  # noqa: F811
    workspace = furnished["workspace"]
    found = context.load(workspace, workspace.run(furnished["runs"]["customers"]))
    lines = trajectory.describe_changes(found, followed(filmed(*([i % 2, 1, 0] for i in range(11))), 0))
    assert lines[0] == "4 earlier changes of group, then:"
    assert len(lines) == 7
    assert lines[-1] == "• Sharpening groups, round 11: from Group 2 to Group 1"


def test_the_details_of_a_clicked_member_tell_its_way(furnished: dict[str, Any], deep: str) -> None:  # noqa: F811
    def page(workspace, run, member):  # type: ignore[no-untyped-def]  # Streamlit runs its text alone
        from pages.parts.results import context
        from pages.parts.results.panel import trajectory

        trajectory.show(context.load(workspace, workspace.run(run)), member)

    workspace = furnished["workspace"]
    recording = workspace.recording(deep)
    app = fine(AppTest.from_function(page, args=(workspace, deep, 5)).run())
    looks = [frame.labels[5] for frame in recording.frames if frame.labels is not None]
    assert len(looks) > 1
    assert "How it came to this group" in said(app)
    assert ("from Group" in said(app)) == (len(set(looks)) > 1)


def test_the_play_back_is_drawn_under_the_users_names(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    deep: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pages.parts.components import map as dots

    seen: dict[str, Any] = {}
    show = dots.show
    monkeypatch.setattr(
        dots, "show", lambda key, **options: seen.update({key: options["names"]}) or show(key, **options)
    )
    workspace = furnished["workspace"]
    workspace.names.give(deep, {0: "Regulars"})
    st.cache_resource.clear()
    fine(open_page("results", run=deep, tab="Training"))
    names = next(names for key, names in seen.items() if key.startswith("play-"))
    assert names[0] == "Group 1 · Regulars"
    assert names[1] == "Group 2"

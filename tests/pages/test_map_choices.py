"""What the map is colored by and how it is laid out: choices of the reader, kept in the address and in links."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine import results
from engine.core.errors import InputError
from engine.runs.workers import tsne_job
from engine.runs.workers.worker import Worker
from pages.parts.results import color_by, context, member_table
from pages.parts.results.panel import member
from tests.pages.test_pages import Open, fine, furnished, no_workers, open_page, said  # noqa: F401


@pytest.fixture(scope="module")
def deep(trained: dict[str, Any]) -> str:
    """A run on the customers whose network reconstructs them."""
    return str(trained["runs"]["deep"])


def colors(app: AppTest) -> Any:
    return next(box for box in app.selectbox if box.label == "Color by")


def test_the_map_can_be_colored_by_outlier_score_and_by_reconstruction_error(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    deep: str,
) -> None:
    app = fine(open_page("results", run=deep))
    assert {"Color: outlier score", "Color: reconstruction"} <= set(colors(app).options)
    fine(colors(app).set_value("misdrawn").run())
    assert app.query_params["color"] == "misdrawn"
    plain = fine(open_page("results", run=furnished["runs"]["customers"]))
    assert "Color: outlier score" in colors(plain).options
    assert "Color: reconstruction" not in colors(plain).options, "k-means reconstructs nothing"


def test_what_is_painted_is_what_was_found(furnished: dict[str, Any], deep: str) -> None:  # noqa: F811
    workspace = furnished["workspace"]
    found = context.load(workspace, workspace.run(deep))
    for name, expected in (("odd", found.result.outlier_score), ("misdrawn", found.result.reconstruction_error)):
        values = color_by.color_values(found, name)[3]
        assert values is not None
        assert values.numbers is expected
        assert np.isfinite(values.numbers).all()
        assert len(values.numbers) == len(found.result)


def test_a_link_opens_in_the_colors_it_was_made_in(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    deep: str,
) -> None:
    token = furnished["workspace"].links.share(deep, view={"color": "odd"})
    guest = fine(open_page("shared", token=token))
    assert colors(guest).value == "odd"
    assert not any(name.startswith("column:") for name in colors(guest).options)


def test_a_result_of_earlier_offers_no_colors_it_has_not(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    deep: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load = results.load_result
    monkeypatch.setattr(
        results, "load_result", lambda read: replace(load(read), outlier_score=None, reconstruction_error=None)
    )
    furnished["workspace"].cache.drop(f"runs/{deep}/")
    st.cache_resource.clear()
    app = fine(open_page("results", run=deep, color="odd", tab="Members", member="3"))
    assert colors(app).value == "group"
    assert not {"Color: outlier score", "Color: reconstruction"} & set(colors(app).options)
    assert "More unusual than" not in said(app)


def test_the_clicked_member_is_placed_among_the_others() -> None:
    values = np.float32([0.1, 0.2, 0.5, 1.34])
    assert member.describe_outlier_score(values, 2) == "More unusual than 50 of 100 members"
    assert (
        member.describe_outlier_score(values, 3)
        == "**Unlike the others**: outlier score 1.3, for 99 of 100 members at most 1"
    )
    assert member.describe_reconstruction_error(values, 0) == "Reconstructed worse than 0 of 100 members"


def test_members_come_oddest_first_and_are_taken_away_with_it(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    deep: str,
) -> None:
    workspace = furnished["workspace"]
    app = fine(open_page("results", run=deep, tab="Members"))
    order = next(control for control in app.segmented_control if control.label == "Order")
    fine(order.set_value("Most unusual first").run())
    table = next(frame.value for frame in app.dataframe if "Row" in frame.value)
    result = workspace.result(deep)
    assert table["Outlier score"].iloc[0] == result.outlier_score.max()
    assert table["Outlier score"].is_monotonic_decreasing
    assert "Reconstruction error" in table
    csv = pd.read_csv(io.BytesIO(member_table.csv(context.load(workspace, workspace.run(deep)))))
    assert csv["outlier score"].to_numpy() == pytest.approx(result.outlier_score, abs=1e-4)
    assert csv["reconstruction error"].to_numpy() == pytest.approx(result.reconstruction_error, abs=1e-4)


def laid_out(app: AppTest) -> Any:
    return next(box for box in app.selectbox if box.label == "Layout")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The positions that the map was given, the newest last."""
    from pages.parts.components import map as dots

    seen: list[np.ndarray] = []
    show = dots.show

    def watched(key: str, **options: Any) -> Any:
        if key.startswith("map-"):
            seen.append(options["positions"])
        return show(key, **options)

    monkeypatch.setattr(dots, "show", watched)
    return seen


def quick(embedding: np.ndarray, labels: np.ndarray, tell: Any) -> np.ndarray:
    return np.ascontiguousarray(embedding[:, 1:3] ** 2)


def test_tsne_is_made_when_it_is_chosen_and_shown_when_it_is_there(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    drawn: list[np.ndarray],
) -> None:
    monkeypatch.setattr(tsne_job, "tsne2", quick)
    monkeypatch.setattr(
        "engine.runs.workers.umap_job.umap2", lambda embedding, labels: np.ascontiguousarray(embedding[:, :2])
    )
    workspace, run = furnished["workspace"], furnished["runs"]["other"]
    guest = fine(open_page("shared", token=workspace.links.share(run, view={"view": "t-SNE"})))
    assert list(laid_out(guest).options) == ["Layout: PCA", "Layout: 3-D"], "a guest can have nothing made"
    assert workspace.layouts.find(run, "tsne2") is None

    app = fine(open_page("results", run=run))
    fine(laid_out(app).set_value("t-SNE").run())
    assert "t-SNE is being made. Until it is there you see PCA." in said(app)
    assert workspace.layouts.find(run, "tsne2").state == "queued"
    assert np.array_equal(drawn[-1], workspace.result(run).maps["pca2"])
    while Worker(workspace, "map").once():
        continue
    fine(app.run())
    assert "is being made" not in said(app)
    assert laid_out(app).value == "t-SNE"
    assert np.array_equal(drawn[-1], workspace.result(run).maps["tsne2"])
    assert app.query_params["view"] == "t-SNE"
    assert list(laid_out(app).options) == ["Layout: UMAP", "Layout: PCA", "Layout: t-SNE", "Layout: 3-D"]

    guest = fine(open_page("shared", token=workspace.links.share(run, view={"view": "t-SNE", "color": "odd"})))
    assert (laid_out(guest).value, colors(guest).value) == ("t-SNE", "odd")
    assert np.array_equal(drawn[-1], workspace.result(run).maps["tsne2"])


def test_a_tsne_that_failed_says_why_and_can_be_tried_again(
    open_page: Open,  # noqa: F811
    furnished: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(embedding: np.ndarray, labels: np.ndarray, tell: Any) -> np.ndarray:
        raise InputError("The disk is full.")

    monkeypatch.setattr(tsne_job, "tsne2", broken)
    workspace, run = furnished["workspace"], furnished["runs"]["customers"]
    monkeypatch.setattr(
        "engine.runs.workers.umap_job.umap2", lambda embedding, labels: np.ascontiguousarray(embedding[:, :2])
    )
    workspace.layouts.ask(run, "tsne2")
    while Worker(workspace, "map").once():
        continue
    app = fine(open_page("results", run=run, view="t-SNE"))
    assert "There is no t-SNE yet. The disk is full." in said(app)
    again = next(button for button in app.button if button.label == "Make it")
    fine(again.click().run())
    assert workspace.layouts.find(run, "tsne2").state == "queued"
    workspace.layouts.forget(f"{run}.tsne2")

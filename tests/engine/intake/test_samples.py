"""The samples open, are what they say, and are what their scripts make."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.intake import inspect, prepare, preprocessing_summary, samples, suggest
from engine.intake.samples import folder

SCRIPTS = Path(__file__).parents[3] / "data"


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_samples_open(sample) -> None:
    raw = inspect(sample.name)
    assert (raw.name, raw.kind, len(raw)) == (sample.name, sample.kind, sample.n)
    prepared = prepare(raw, suggest(raw))
    assert np.isfinite(prepared.x).all()
    assert abs(len(prepared.class_names) - sample.suggested_k) <= 1
    assert preprocessing_summary(raw, suggest(raw))
    assert sample.sentence.endswith(".")


@pytest.mark.parametrize("name", ["customers", "tickets", "shapes"])
def test_scripts_make_the_shipped_tables(name: str) -> None:
    made = runpy.run_path(str(SCRIPTS / f"{name}.py"))["make"]()
    shipped = (folder() / f"{name}.csv").read_text(encoding="utf-8")
    assert made.to_csv(index=False, lineterminator="\n") == shipped


@pytest.mark.parametrize("name", ["photos", "sensors"])
def test_scripts_make_the_shipped_arrays(name: str) -> None:
    made = runpy.run_path(str(SCRIPTS / f"{name}.py"))["make"]()
    with np.load(folder() / f"{name}.npz", allow_pickle=False) as shipped:
        assert set(shipped.files) == set(made)
        assert (shipped["y"] == made["y"]).all()
        # the last bit of exp and cos may differ between processors
        np.testing.assert_allclose(
            shipped["x"].astype(float), made["x"].astype(float), atol=4 if name == "photos" else 0.011
        )


def test_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in folder().glob("*.[cn]*")) < 3_000_000


def test_photos_have_two_independent_answers() -> None:
    rows = inspect("photos").rows
    assert (pd.crosstab(rows["color"], rows["object"]) == 64).all().all()


def test_customers_have_blanks_an_identifier_and_an_answer() -> None:
    raw = inspect("customers")
    assert raw.column("customer_id").role == "id"
    assert raw.column("segment").role == "label"
    assert raw.column("member_since").dtype == "date"
    assert raw.column("yearly_income").missing > 50

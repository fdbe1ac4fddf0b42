"""Members that a method makes up: of every group, in the user's units, no more than there is room for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from engine.core.data import Data
from engine.inference import sampling
from engine.inference.outcome import evaluate
from engine.inference.sampling import generated_members
from engine.results import load_result, save_result
from engine.results.build import build
from tests.engine.trained import trained

SMALL = {"layers": "32-16", "pretrain_epochs": 2, "epochs": 2}


@pytest.fixture(scope="module")
def rows(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:200]).view(-1, 1, 8, 8), "image")


@pytest.mark.parametrize("name", ["vade", "clustergan"])
def test_generative_methods_make_up_members_of_every_group(name, rows):
    knobs = SMALL if name == "vade" else {"layers": "32-16", "epochs": 2}
    method, _ = trained(name, rows, 4, **knobs)
    outcome = evaluate(method, rows)
    assert outcome.generated.shape == (4, sampling.EACH, 1, 8, 8)
    np.testing.assert_allclose(outcome.generated[:, 0], outcome.prototypes, atol=1e-5)
    apart = np.abs(outcome.generated[:, 1:] - outcome.generated[:, :-1]).reshape(4, sampling.EACH - 1, -1).max(2)
    assert (apart > 0).all(), "no two are the same"
    np.testing.assert_array_equal(outcome.generated, evaluate(method, rows).generated)


def test_who_has_not_learned_how_members_come_about_makes_up_none(rows):
    assert evaluate(trained("kmeans", rows, 4)[0], rows).generated is None
    assert evaluate(trained("idec", rows, 4, **SMALL)[0], rows).generated is None


def test_large_samples_are_fewer(rows, monkeypatch):
    method, _ = trained("vade", rows, 4, **SMALL)
    monkeypatch.setattr(sampling, "MOST", 4 * 64 * 3 + 1)
    assert generated_members(method, 4).shape == (4, 3, 1, 8, 8)
    monkeypatch.setattr(sampling, "MOST", 4 * 64)
    assert generated_members(method, 4) is None, "that would be the prototype alone"
    assert generated_members(method, 0) is None


@pytest.mark.parametrize("case", ["penguins", "pictures", "waves"])
def test_they_are_stored_in_the_users_units(case, request):
    finished = request.getfixturevalue(case)
    k, x = finished.result.k, finished.prepared.x
    made = np.stack([x[3 * group : 3 * group + 3] for group in range(k)]).astype(np.float32)
    result = build(replace(finished.outcome, generated=made), finished.prepared, finished.raw, card=finished.card)
    parts: dict[str, bytes] = {}
    save_result(result, parts.__setitem__)
    back = load_result(parts.__getitem__).explanations.generated
    assert back.each == 3
    kept = finished.result.kept[: 3 * k]
    if back.table is not None:
        own = finished.raw.rows.iloc[kept]["body_mass_g"].to_numpy(float)
        known = np.isfinite(own)
        assert isinstance(back.table, pd.DataFrame)
        np.testing.assert_allclose(back.table["body_mass_g"][known], own[known], rtol=1e-3)
    else:
        assert back.values.shape == (k, 3, *finished.raw.values.shape[1:])
        if case == "pictures":
            np.testing.assert_array_equal(back.values.reshape(-1, *back.values.shape[2:]), finished.raw.values[kept])

"""A model that was saved when its parameters and buffers had other names is loaded as it is."""

import pytest
from safetensors import safe_open
from safetensors.torch import save_file

import engine
from engine.methods import METHODS
from tests.engine.small import short

SPLITS = {"score": "worth"}
AXES = {"means": "means", "mean": "middle", "projection": "onto", "inverse": "back", "scales": "length"}
SUBSPACES = {"subspaces.": "sharing."}
STORED = [
    ("acedec", {}, SUBSPACES),
    ("clustergan", {}, {"encoder.": "reader."}),
    ("composed", {}, {"objective.": "part."}),
    (
        "composed",
        {"clustering": "k-means", "update": "alternating"},
        {"objective.running.recency": "part.running.seen", "objective.": "part."},
    ),
    (
        "composed",
        {"clustering": "locality-preserving"},
        {"objective.neighbors": "part.near", "objective.similarity": "part.likeness"},
    ),
    ("dcn", {}, {"running.recency": "running.seen"}),
    ("deepect", {}, {"cluster_tree.": "growing."}),
    ("den", {}, {"neighbors": "near", "similarity": "likeness", "active_blocks": "speaking"}),
    ("dipmeans", {}, SPLITS),
    (
        "dynae",
        {},
        {
            "assigned": "goal",
            "target_codes": "target",
            "decoded_centers": "drawn",
            "conflicted_shares": "course",
            "thresholds_lowered": "lowered",
        },
    ),
    ("enrc", {}, SUBSPACES),
    ("gmeans", {}, SPLITS),
    ("nrkmeans", {}, AXES),
    ("skinnydip", {}, {"mean": "middle"}),
    ("subkmeans", {}, AXES),
    ("xmeans", {}, SPLITS),
]
"""Method, settings, and what names began with -> what they began with when such models were saved."""


def former(name: str, names: dict[str, str]) -> str:
    """The name as it was."""
    begin = next((present for present in names if name.startswith(present)), "")
    return names.get(begin, "") + name.removeprefix(begin)


@pytest.mark.parametrize(("method", "settings", "names"), STORED)
def test_a_model_under_former_names_is_loaded(method, settings, names, digits, tmp_path):
    x = digits[0][:150]
    values = short(METHODS[method].card, **settings)
    fitted = engine.Clusterer(method, 3, random_state=0, **values).fit(x)
    fitted.save(tmp_path / "model")
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = file.metadata()
    renamed = {former(name, names): tensor for name, tensor in weights.items()}
    assert len(set(weights) - set(renamed)) >= sum(present != before for present, before in names.items())
    save_file(renamed, tmp_path / "model.safetensors", about)
    assert (engine.load(tmp_path / "model").predict(x) == fitted.predict(x)).all()

"""Pictures that are altered while a network learns to redraw: whose they are, and that every method can do with them."""

from itertools import accumulate

import pytest
import torch

from engine.core import autoencoder_method
from engine.core.autoencoder_method import AutoencoderMethod
from engine.core.data import Data
from engine.losses import hardening, kmeans_loss, sharpen, student_t
from engine.methods import METHODS
from engine.methods.dcn import DCN
from engine.methods.dec import DEC
from tests.engine.small import short
from tests.engine.trained import trained

DEEP = [name for name, kind in METHODS.items() if issubclass(kind, AutoencoderMethod)]


@pytest.fixture(scope="module")
def pictures(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:120]).view(-1, 1, 8, 8), "image")


def built(kind, pictures: Data, **knobs):
    return kind(pictures, 3, kind.card.knobs(layers="16", latent=3, **knobs))


@pytest.mark.parametrize("target", ["pass", "batch"])
def test_an_altered_picture_has_the_goal_of_the_picture(target, pictures):
    method, index = built(DEC, pictures, augment="beside", target=target), torch.tensor([7, 3, 50])
    batch = pictures.batch(index)
    method.target = sharpen(method.soft_labels(pictures))
    shown = method.augmented(batch)
    method.augmented = lambda batch: shown
    q = student_t(method.encode(shown.x), method.centers)
    goal = method.target[index] if target == "pass" else sharpen(q[:3])
    expected = (hardening(goal, q[:3]) + hardening(goal, q[3:])) / 2
    torch.testing.assert_close(method.cluster(batch)["hardening"], expected)


def test_an_altered_picture_is_pulled_to_the_center_of_the_picture(pictures):
    method, index = built(DCN, pictures, augment="beside", weight=2.0), torch.tensor([7, 3, 50])
    method.running.assigned = torch.arange(len(pictures)) % 3
    method.centers.data = torch.randn(3, 3)
    batch = pictures.batch(index)
    shown = method.augmented(batch)
    method.augmented = lambda batch: shown
    z, mine = method.encode(shown.x), method.centers[torch.tensor([1, 0, 2])]
    torch.testing.assert_close(
        method.cluster(batch)["k-means"], (kmeans_loss(z[:3], mine) + kmeans_loss(z[3:], mine)) / 2
    )


@pytest.mark.parametrize(
    ("rows", "stretches"),
    [
        (40, [36, 36, 28]),  # 2 batches of at most 32 rows: 36 passes are 72 corrections
        (150, [15, 15, 15, 15, 15, 15, 10]),  # 5 batches
        (2304, [1] * 100),  # 72 batches
    ],
)
def test_groups_are_looked_at_after_as_many_corrections_as_a_pass_over_larger_data_makes(rows, stretches, monkeypatch):
    monkeypatch.setattr(autoencoder_method, "STRETCH", autoencoder_method.CORRECTIONS)
    method = DEC(Data(torch.rand(rows, 3)), 2, DEC.card.knobs(layers="4", latent=2))
    assert [passes for _, passes in method.stretches(100)] == stretches
    assert [done for done, _ in method.stretches(100)] == list(accumulate(stretches))


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("augment", ["undone", "beside"])
def test_every_method_learns_from_altered_pictures(name, augment, pictures):
    method, seen = trained(name, pictures, 3, **short(METHODS[name].card, augment=augment))
    assert all(torch.isfinite(torch.tensor(list(one.terms.values()))).all() for one in seen)
    assert method.labels(pictures).shape == (120,)

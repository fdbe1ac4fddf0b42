"""IDEC: DEC that keeps its decoder, with the authors' balance of the two losses."""

import pytest
import torch

from engine.core.data import Data
from engine.losses import hardening, sharpen, student_t
from engine.methods.idec import IDEC, Knobs
from tests.engine.small import short
from tests.engine.trained import trained


@pytest.fixture
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:100]))


@pytest.fixture
def method(data) -> IDEC:
    method = IDEC(data, 4, Knobs(layers="16", latent=3, gamma=0.5))
    method.start(data)
    method.target = sharpen(method.soft_labels(data))
    return method


def test_sharpening_weighs_gamma_for_every_column(method, data):
    terms = method.cluster(data.batch(torch.arange(100)))
    q = student_t(method.encode(data.x), method.centers)
    torch.testing.assert_close(terms["hardening"], 0.5 * 64 * hardening(method.target, q))
    drawn = method.net.decode(method.encode(data.x))
    torch.testing.assert_close(terms["reconstruction"], (method.standard(data.x) - drawn).square().sum() / 100)


def test_balance_equals_that_of_the_authors_for_pixels(method, data):
    """Mean squared error of the pixels + 0.1 KL, times columns / variance, is our sum with gamma = 0.1 / variance."""
    q = student_t(method.encode(data.x), method.centers).detach()
    divergence = float(hardening(method.target, q))
    variance = float(data.x.var())
    drawn = method.decode(method.encode(data.x)).detach()
    authors = float((data.x - drawn).square().mean()) + 0.1 * divergence
    method.knobs = Knobs(layers="16", latent=3, gamma=0.1 / variance)
    ours = sum(float(term.detach()) for term in method.cluster(data.batch(torch.arange(100))).values())
    assert ours == pytest.approx(authors * 64 / variance, rel=1e-4)


def test_decoder_learns_from_redrawing_alone_and_centers_from_sharpening_alone(method, data):
    terms = method.cluster(data.batch(torch.arange(100)))
    decoder, encoder = method.net.decoder[0].weight, method.net.encoder[0].weight
    parts = [decoder, encoder, method.centers]
    redraw = torch.autograd.grad(terms["reconstruction"], parts, allow_unused=True, retain_graph=True)
    sharpening = torch.autograd.grad(terms["hardening"], parts, allow_unused=True)
    assert [gradient is not None for gradient in redraw] == [True, True, False]
    assert [gradient is not None for gradient in sharpening] == [False, True, True]


def test_prototypes_are_drawn_by_the_decoder(data):
    method, seen = trained("idec", data, 4, **short(IDEC.card))
    torch.testing.assert_close(method.prototypes(), method.decode(method.centers).detach())
    assert set(seen[-1].terms) == {"reconstruction", "hardening"}

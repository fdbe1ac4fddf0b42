"""DEN: neighbors that stay neighbors, blocks of the code, and groups of it at the end."""

import pytest
import torch

from engine.core.card import check_knobs
from engine.core.data import Data
from engine.core.errors import InputError
from engine.losses import group_sparsity
from engine.methods.den import DEN, Knobs
from engine.objectives import neighborhood
from engine.training.trainer import fit
from tests.engine.small import short
from tests.engine.trained import followed

SMALL = {"layers": "32-16", "latent": 6, "batch": 64}


@pytest.fixture(scope="module")
def data(digits) -> Data:
    return Data(torch.from_numpy(digits[0][:300]))


def build(data: Data, k: int = 3, **knobs) -> DEN:
    torch.manual_seed(0)
    return DEN(data, k, Knobs(**SMALL | knobs))


def fitted(data: Data, k: int, **knobs) -> tuple[DEN, list]:
    values = check_knobs(DEN.card, short(DEN.card, **knobs))
    return followed(fit(lambda d: DEN(d, k, values), data))


def test_neighborhood_by_hand():
    data = Data(torch.tensor([[0.0], [1.0], [3.0], [7.0]]))
    near, alike = neighborhood(data, 2)
    assert near.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    squares = torch.tensor([[1.0, 9.0], [1.0, 4.0], [4.0, 9.0], [16.0, 36.0]])
    torch.testing.assert_close(alike, torch.exp(-squares / 4.0))  # torch's median of eight values is the fourth


def test_neighborhood_by_slow_loops(data):
    near, alike = neighborhood(data, 4)
    apart = (data.x.unsqueeze(1) - data.x).square().sum(2).fill_diagonal_(torch.inf)
    expected = apart.sort(1).values[:, :4]
    torch.testing.assert_close(apart.gather(1, near), expected)
    torch.testing.assert_close(alike, torch.exp(-expected / expected.median()), atol=1e-5, rtol=1e-4)
    assert (near != torch.arange(300).unsqueeze(1)).all()


def test_neighborhood_of_equal_rows_and_of_few():
    near, alike = neighborhood(Data(torch.zeros(9, 2)), 3)
    assert (near != torch.arange(9).unsqueeze(1)).all()
    assert (alike == 1).all()
    near, alike = neighborhood(Data(torch.arange(3.0).view(3, 1)), 5)
    assert near.shape == alike.shape == (3, 2)
    near, alike = neighborhood(Data(torch.zeros(1, 2)), 5)
    assert near.shape == (1, 0)


def test_neighbors_are_sought_among_some_where_there_are_many(data, monkeypatch):
    monkeypatch.setattr("engine.objectives.similarity.MOST", 50)
    torch.manual_seed(0)
    near, _ = neighborhood(data, 4)
    drawn = near.unique()
    assert near.shape == (300, 4)
    assert len(drawn) <= 50
    assert (near != torch.arange(300).unsqueeze(1)).all()
    apart = (data.x.unsqueeze(1) - data.x).square().sum(2).fill_diagonal_(torch.inf)
    best = apart[:, drawn].sort(1).values[:, :4]
    assert (apart.gather(1, near) <= best + 1e-4).all()


def test_code_has_blocks_of_one_size(data):
    assert build(data, 3).centers.shape == (3, 6)
    assert build(data, 4).centers.shape == (4, 8)
    assert build(data, 7).centers.shape == (7, 7)


def test_loss_by_hand(data):
    method = build(data, locality=0.5, sparsity=2.0)
    method.neighbors, method.similarity = neighborhood(data, 3)
    index = torch.tensor([7, 0, 200])
    terms = method.embedding(data.batch(index))
    z = method.encode(data.x).detach()
    near = sum(
        float(method.similarity[i, j] * (z[i] - z[method.neighbors[i, j]]).square().sum())
        for i in index
        for j in range(3)
    )
    lengths = z[index].view(3, 3, 2).square().sum(2).sqrt().sum()
    assert float(terms["locality"].detach()) == pytest.approx(0.5 * near / 3, rel=1e-4)
    assert float(terms["sparsity"].detach()) == pytest.approx(2.0 * 2**0.5 * float(lengths) / 3, rel=1e-4)
    redrawn = (method.standard(data.x[index]) - method.net.decode(z[index])).square().sum(1).mean()
    torch.testing.assert_close(terms["reconstruction"], redrawn)


def test_active_blocks_by_hand(data):
    method = build(data)
    z = torch.tensor([[3.0, 4, 0, 0, 0, 0], [1, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]])
    torch.testing.assert_close(method.count_active_blocks(z), torch.tensor([1.0, 3.0, 0.0]))


def test_constraints_do_what_they_say(data):
    def apart(method):
        near, _ = neighborhood(data, 4)
        z = method.embed(data)
        return float((z.unsqueeze(1) - z[near]).square().sum(2).mean() / z.var(0).sum())

    told = {"pretrain_epochs": 8, "epochs": 6, "batch": 32, "latent": 10, "cluster_lr": 3e-3}
    free, _ = fitted(data, 5, locality=0.0, sparsity=0.0, **told)
    sparse, _ = fitted(data, 5, locality=0.0, sparsity=10.0, **told)
    local, _ = fitted(data, 5, locality=20.0, sparsity=0.0, **told)
    assert group_sparsity(sparse.embed(data), 5) < 0.5 * group_sparsity(free.embed(data), 5)
    assert apart(local) < 0.8 * apart(free)


def test_stages_and_what_is_left(data):
    method, seen = fitted(data, 4)
    assert list(dict.fromkeys(one.stage for one in seen if one.terms)) == [
        "pretrain",
        "embedding",
    ]
    assert method.neighbors.numel() == method.similarity.numel() == 0
    assert method.labels(data).unique().numel() == 4
    assert method.prototypes().shape == (4, 64)


def test_pictures_are_shown_altered_and_their_neighbors_as_they_are(data, monkeypatch):
    pictures = Data(data.x.view(-1, 1, 8, 8), "image")
    method = build(pictures)
    method.neighbors, method.similarity = neighborhood(pictures, 3)
    seen, encode = [], method.encode
    monkeypatch.setattr(method, "encode", lambda x: seen.append(x) or encode(x))
    batch = pictures.batch(torch.arange(5))
    method.embedding(batch)
    assert torch.equal(seen[0][:5], batch.x)
    assert not torch.equal(seen[0][5:10], batch.x)
    around = pictures.x[method.neighbors[:5].flatten()]
    assert torch.equal(seen[0][10:], torch.cat([around, around]))


@pytest.mark.parametrize(("rows", "k"), [(3, 3), (3, 1), (2, 2)])
def test_few_rows(data, rows, k):
    few = data.take(torch.arange(rows))
    method, _ = fitted(few, k)
    assert method.labels(few).unique().numel() == k


def test_too_few_different_rows_are_a_sentence():
    with pytest.raises(InputError, match="only 2 differ"):
        fitted(Data(torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])), 3)

"""What only the trained method can say of each member."""

import numpy as np
import pytest
import torch

from engine.core.data import Data
from engine.inspection import outliers
from tests.engine.trained import trained

SMALL = {"layers": "64-64", "latent": 5, "pretrain_epochs": 3}


@pytest.fixture(scope="module")
def rows(digits):
    return Data(torch.from_numpy(digits[0][:300]))


@pytest.fixture(scope="module")
def autoencoder(rows):
    return trained("ae_kmeans", rows, 4, **SMALL)[0]


def test_the_error_of_redrawing_is_the_mean_squared_difference(rows, autoencoder):
    found = outliers.reconstruction_error(autoencoder, rows)
    with torch.no_grad():
        for i in range(0, 300, 50):
            x = rows.x[i : i + 1]
            drawn = autoencoder.decode(autoencoder.code(x))[0]
            squares = [(float(a) - float(b)) ** 2 for a, b in zip(x[0], drawn, strict=True)]
            assert found[i] == pytest.approx(sum(squares) / len(squares), rel=1e-4)
    assert found.dtype == np.float32


def test_what_the_network_never_saw_is_redrawn_worst(rows, autoencoder):
    noise = torch.rand(20, 64, generator=torch.Generator().manual_seed(0))
    found = outliers.reconstruction_error(autoencoder, Data(torch.cat([rows.x[:100], noise])))
    assert np.median(found[100:]) > found[:100].max()


def test_none_where_nothing_is_redrawn(rows):
    """k-means has no network; DEC's encoder has left its decoder behind, IDEC's has not."""
    assert outliers.reconstruction_error(trained("kmeans", rows, 4)[0], rows) is None
    assert outliers.reconstruction_error(trained("dec", rows, 4, **SMALL, epochs=1)[0], rows) is None
    assert outliers.reconstruction_error(trained("idec", rows, 4, **SMALL, epochs=1)[0], rows).shape == (300,)


@pytest.mark.parametrize("method", ["kmeans", "idec"])
def test_planted_outliers_are_the_oddest(rows, method):
    knobs = {} if method == "kmeans" else {**SMALL, "epochs": 1}
    data = Data(torch.cat([rows.x, 1 - rows.x[:2]]))
    made = trained(method, data, 4, **knobs)[0]
    with torch.no_grad():
        found = outliers.outlier_scores(made, data, made.embed(data).numpy())
    assert set(np.argsort(found)[-2:]) == {300, 301}
    assert (found > 1).sum() <= 8

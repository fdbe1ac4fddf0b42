"""Values of new data that are beyond anything: they stay numbers with which distances can be computed."""

import numpy as np
import pandas as pd

from engine.intake import Preparation, inspect, prepare


def test_a_value_of_new_data_beyond_all_measure_is_far_and_finite() -> None:
    known = inspect(pd.DataFrame({"size": np.arange(50.0) ** 1.5, "other": np.arange(50.0) % 7}))
    recipe = prepare(known, Preparation()).recipe
    new = inspect(pd.DataFrame({"size": [3.0, 1e300, -1e300], "other": [1.0, 2.0, 3.0]}))
    x = recipe.apply(new)
    assert x.dtype == np.float32
    assert np.isfinite((x**2).sum(axis=1)).all()
    assert np.sign(x[:, 0]).tolist()[1:] == [1.0, -1.0]
    assert abs(x[1, 0]) > 1e9

"""Tables read as series: a series in each row, or a moment in each row."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, load_wine

from engine.core.errors import InputError
from engine.intake import as_series, inspect, looks_like_series, numeric_columns, prepare, suggest


def _wide(shared) -> pd.DataFrame:
    """200 heartbeats of 96 moments, with their class."""
    table = pd.read_csv(shared("series/ECG200_TRAIN.tsv"), sep="\t", header=None)
    return table.set_axis(["beat", *(f"t{i}" for i in range(1, table.shape[1]))], axis=1)


def test_a_series_in_each_row(shared) -> None:
    table = _wide(shared)
    raw = inspect(table, name="beats.csv")
    assert raw.kind == "table"
    names = list(table.columns[1:])
    found = as_series(raw, {"columns": names})
    assert found.kind == "series"
    assert found.array.shape == (len(table), 1, 96)
    np.testing.assert_allclose(found.array[:, 0], table[names].to_numpy(np.float32))
    assert found.rows["beat"].tolist() == table["beat"].tolist()
    assert found.column("beat").role == "ignore"
    assert as_series(raw, {"columns": names, "label": "beat"}).column("beat").role == "label"
    assert found.fingerprint != raw.fingerprint
    assert prepare(found, suggest(found)).kind == "series"


def test_a_moment_in_each_row_gives_the_same_series(shared) -> None:
    table = _wide(shared).head(40)
    long = table.assign(patient=[f"P{i}" for i in range(40)]).melt(["patient", "beat"], var_name="time")
    long["time"] = long["time"].str[1:].astype(int)
    mixed = long.sample(frac=1, random_state=0)
    found = as_series(inspect(mixed, name="long.csv"), {"series": "patient", "time": "time"})
    at = found.rows["patient"].str[1:].astype(int).to_numpy()
    np.testing.assert_allclose(found.array[:, 0], table.iloc[at, 1:].to_numpy(np.float32))
    assert found.rows["beat"].tolist() == table["beat"].iloc[at].tolist(), "what lasts is kept beside its series"
    assert found.column("patient").role == "id"


def test_channels_unequal_lengths_and_rows_without_a_series() -> None:
    table = pd.DataFrame({
        "run": ["a", "a", "a", "b", "b", None],
        "speed": [1.5, 2.5, 3.5, 10.25, 20.5, 9.0],
        "heat": [-1.5, -2.5, -3.5, 0.25, 0.5, 9.0],
    })  # fmt: skip
    found = as_series(inspect(table, name="t.csv"), {"series": "run", "time": ""})
    assert found.rows["run"].tolist() == ["a", "b"]
    expected = [[[1.5, 2.5, 3.5], [-1.5, -2.5, -3.5]], [[10.25, 20.5, np.nan], [0.25, 0.5, np.nan]]]
    np.testing.assert_array_equal(found.array, np.array(expected, np.float32))


def test_what_is_read_is_stored_and_another_file_is_read_alike(shared, tmp_path) -> None:
    names = [f"t{i}" for i in range(1, 97)]
    found = as_series(inspect(_wide(shared), name="beats.csv"), {"columns": names})
    found.save(tmp_path)
    back = type(found).load(tmp_path)
    assert back.options.series == {"columns": names}
    again = inspect(_wide(shared).head(7), name="more.csv", options=back.options)
    np.testing.assert_array_equal(again.array, found.array[:7])
    assert as_series(again, {"columns": names}) is again, "series stay as they are"


def test_smooth_columns_look_like_series_and_others_do_not(shared) -> None:
    beats = inspect(_wide(shared), name="beats.csv")
    assert looks_like_series(beats)
    assert numeric_columns(beats) == [f"t{i}" for i in range(1, 97)], "the class, a code, is no moment"
    shuffled = _wide(shared).iloc[:, [0, *(1 + np.random.default_rng(0).permutation(96))]]
    assert not looks_like_series(inspect(shuffled, name="beats.csv"))
    assert not looks_like_series(inspect(load_iris(as_frame=True).frame, name="iris"))
    assert not looks_like_series(inspect(load_wine(as_frame=True).frame, name="wine"))
    for file in ("csv/CC_GENERAL.csv", "csv/wine_quality.csv", "spambase.npz", "mice_protein.npz", "optdigits.npz"):
        assert not looks_like_series(inspect(shared(file))), file
    assert looks_like_series(inspect(shared("ts_ECG5000.npz")))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"columns": ["t1", "t500"]}, "no column"),
        ({"columns": ["t1"]}, "two or more"),
        ({"series": "who", "time": ""}, "no column"),
        ({"series": "t1", "time": "t2"}, "one moment"),
    ],
)
def test_bad_choices_are_said(how, said) -> None:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 4)), columns=["t1", "t2", "t3", "t4"])
    with pytest.raises(InputError, match=said):
        as_series(inspect(table, name="t.csv"), how)

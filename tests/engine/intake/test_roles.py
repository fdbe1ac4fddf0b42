"""Roles: keys, codes, contact data, labels and texts are told from what can be grouped by."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.intake import Raw, inspect, prepare, preprocessing_summary, suggest

N = 120


def table(seed: int = 0, **columns: object) -> Raw:
    """Two measured columns in three groups, and `columns` beside them."""
    rng = np.random.default_rng(seed)
    group = np.arange(N) % 3
    measured = {"spend": rng.normal(group * 10, 1).round(2), "visits": rng.normal(group * 5, 1).round(2)}
    return inspect(pd.DataFrame({**columns, **measured}))


def shuffled(values: object, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).permutation(np.asarray(values))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("column 1", shuffled(np.arange(N)) * 7 + 13),
        ("Unnamed: 0", shuffled(np.arange(N)) * 3),
        ("pos", shuffled(np.arange(N))),
        ("pos", shuffled(np.arange(1, N + 1))),
        ("account", shuffled(np.random.default_rng(2).choice(9 * 10**7, N, replace=False) + 10**7)),
        ("whatever", np.random.default_rng(3).choice(9 * 10**8, N, replace=False) + 10**8),
        ("patient", shuffled(np.arange(N) * 11)),
        ("KundenNr", shuffled(np.arange(N) + 1000).astype(float)),
        ("order_id", [f"A-{i}" for i in range(N)]),
    ],
)
def test_keys_of_rows_are_ids(name: str, values: object) -> None:
    assert table(**{name: values}).column(name).role == "id"


@pytest.mark.parametrize(
    "name", ["customer_id", "OrderNo", "CustomerID", "store", "Kundennummer", "cliente", "invoice number"]
)
@pytest.mark.parametrize("kind", ["whole", "blanks"])
def test_repeated_keys_are_left_out_with_a_reason(name: str, kind: str) -> None:
    keys = shuffled(np.repeat(np.arange(40) * 37 + 1001, 3)).astype(float)
    keys[:2] = np.nan if kind == "blanks" else keys[:2]
    column = table(**{name: keys}).column(name)
    assert column.role == "ignore"
    assert "measure nothing" in column.warning


def test_keys_of_few_values_are_words_not_quantities() -> None:
    raw = table(store_id=np.arange(N) % 4 + 1, occupation=shuffled(np.arange(N) % 7))
    assert suggest(raw).categories == ("store_id", "occupation")


@pytest.mark.parametrize("name", ["zip", "PLZ", "postal_code", "ZipCode", "Code Postal", "Postleitzahl", "郵便番号"])
def test_postal_codes_are_no_quantities(name: str) -> None:
    column = table(**{name: shuffled(np.repeat([2138, 33101, 94110, 10115, 80331, 50667], N // 6))}).column(name)
    assert (column.role, "Postal codes" in column.warning) == ("ignore", True)


def test_codes_are_words_where_some_are_frequent_and_left_out_where_none_is() -> None:
    rng = np.random.default_rng(0)
    raw = table(diag_code=rng.choice([250, 401, 428, 786], N), StockCode=rng.choice(np.arange(10_000, 99_999, 7), N))
    assert suggest(raw).categories == ("diag_code",)
    assert raw.column("StockCode").role != "feature"


@pytest.mark.parametrize(
    "name", ["x", "lat", "longitude", "Easting", "income", "age_days", "population", "steps", "price"]
)
def test_measured_whole_numbers_stay_features(name: str) -> None:
    different = np.random.default_rng(4).choice(9 * 10**5, N, replace=False) + 10**5
    assert table(**{name: different}).column(name).role == "feature"


def test_measured_whole_numbers_of_any_name_stay_features() -> None:
    rng = np.random.default_rng(5)
    group = np.arange(N) % 3
    related = (group * 40 + rng.permutation(N) / 4).round().astype(int)
    skewed = np.unique(rng.lognormal(8, 1, 4 * N).astype(int))[:N]
    raw = table(
        q=related, r=shuffled(skewed), education_num=rng.integers(1, 17, N), bmi_index=rng.integers(150, 400, N)
    )
    assert [column.name for column in raw.columns if column.role != "feature"] == []


def test_years_stay_features() -> None:
    raw = table(year=1950 + shuffled(np.arange(N)) % 70, Year_Birth=1950 + shuffled(np.arange(N), 2) % 60)
    assert {"year", "Year_Birth"} <= {column.name for column in raw.columns if column.role == "feature"}


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("who", "ann{}@mail.org"),
        ("site", "https://shop.org/{}"),
        ("call", "+49 30 1234{:03}"),
        ("where", "{} Oak Street, Springfield"),
        ("wo", "Lindenstraße {}, 10115 Berlin"),
        ("lieu", "{} rue de la Paix, Paris"),
        ("地点", "北京市朝阳区建国路{}号"),
        ("Vorname", "Anna{}"),
        ("full name", "Ann Smith {}"),
        ("E-Mail", "nobody {}"),
    ],
)
def test_contact_data_are_left_out_and_never_a_group(name: str, cell: str) -> None:
    raw = table(**{name: [cell.format(i) for i in range(N)]})
    column = raw.column(name)
    assert raw.kind == "table"
    assert (column.role, "not what is alike" in column.warning) == ("ignore", True)


def test_an_address_beside_few_columns_leaves_a_table_and_roles_decide() -> None:
    words = np.random.default_rng(0).choice(
        ["red", "green", "blue", "small", "large", "round", "heavy", "light"], (40, 6)
    )
    frame = pd.DataFrame({"note": [" ".join(row) for row in words], "stars": np.arange(40) % 5})
    raw = inspect(frame)
    assert raw.kind == "text"
    choice = replace(suggest(raw), roles={"note": "ignore", "stars": "feature"})
    prepared = prepare(raw, choice)
    assert (prepared.kind, prepared.recipe.columns_out) == ("table", ("stars",))
    assert preprocessing_summary(raw, choice)[0].startswith("40 rows will be grouped by *stars* alone.")
    both = prepare(raw, replace(choice, roles={"note": "feature", "stars": "feature"}))
    assert both.kind == "table"
    assert "stars" in both.recipe.columns_out


def test_a_table_with_a_text_stays_a_table_and_offers_the_text() -> None:
    words = np.array(["red", "green", "blue", "small", "large", "round", "heavy", "light"])
    rng = np.random.default_rng(0)
    raw = table(remark=[" ".join(rng.choice(words, 6)) for _ in range(N)])
    assert raw.kind == "table"
    assert "group by what is written, too" in raw.column("remark").warning
    prepared = prepare(raw, replace(suggest(raw), roles={"remark": "feature"}))
    assert prepared.kind == "table"


@pytest.mark.parametrize("names", [("x", "y"), ("x", "y", "z")])
def test_points_are_no_answers(names: tuple[str, ...]) -> None:
    rng = np.random.default_rng(0)
    raw = inspect(pd.DataFrame({name: rng.integers(0, 20, 300) for name in names}))
    assert [column.role for column in raw.columns] == ["feature"] * len(names)


def test_targets_that_are_measured_are_no_answers() -> None:
    rng = np.random.default_rng(0)
    for name in ("target", "income", "y", "class"):
        raw = table(a=rng.normal(size=N), **{name: rng.integers(0, 400, N)})
        frame = raw.rows[["a", "spend", "visits", name]]
        assert inspect(frame).column(name).role == "feature", name
    bands = inspect(pd.DataFrame({"income": ["low", "mid", "high", "top"] * 30, "age": rng.normal(size=N)}))
    assert bands.column("income").role == "feature"


def test_a_guessed_answer_is_said_to_be_one() -> None:
    rng = np.random.default_rng(0)
    raw = inspect(pd.DataFrame({"x1": rng.normal(size=60), "x2": rng.normal(size=60), "y": np.arange(60) % 3}))
    assert raw.column("y").role == "label"
    assert any("*y*" in note and "choose another role" in note for note in raw.notes)
    assert any("suggest so" in sentence for sentence in preprocessing_summary(raw, suggest(raw)))
    sure = inspect(pd.DataFrame({"x1": rng.normal(size=60), "x2": rng.normal(size=60), "label": np.arange(60) % 3}))
    assert (sure.column("label").role, sure.notes) == ("label", ())


def test_words_of_which_none_is_frequent_are_left_out() -> None:
    rng = np.random.default_rng(0)
    raw = inspect(
        pd.DataFrame(
            {"town": rng.choice([f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh"], 900), "size": np.arange(900) / 7}
        )
    )
    assert "hardly any comes often" in raw.column("town").warning


def test_no_feature_of_the_labelled_tables_is_lost(shared) -> None:
    for path in sorted(shared("labelled_tables").glob("*.csv")):
        raw = inspect(path)
        lost = {c.name for c in raw.columns if c.role in ("id", "ignore") and c.distinct > 1}
        assert lost <= {"Train or Test", "Speaker Number"}, path.name
        assert raw.column("class").role == "label"


def test_the_time_to_profile_grows_no_faster_than_the_rows() -> None:
    import time

    rng = np.random.default_rng(0)
    seconds = []
    for rows in (2_000, 20_000):
        frame = pd.DataFrame({f"v{i}": rng.integers(0, 10**6, rows) for i in range(100)})
        frame["customer_no"] = rng.integers(0, rows // 4, rows)
        start = time.process_time()
        raw = inspect(frame)
        suggest(raw)
        seconds.append(time.process_time() - start)
        assert raw.column("customer_no").role == "ignore"
    assert seconds[1] < 40 * seconds[0]


def test_columns_that_repeat_another_are_left_out_in_one_sentence():
    values = np.random.default_rng(0).normal(size=50).round(2)
    raw = inspect(pd.DataFrame({"a": values, "b": values, "c": values, "d": np.arange(50) % 7}))
    told = [line for line in preprocessing_summary(raw, suggest(raw)) if "same as" in line]
    assert told == ["*b* and *c* are left out: each says the same as *a*."]

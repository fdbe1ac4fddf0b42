"""Files as people have them: what must come out of each, without a click. The files are under cases/, the larger ones outside."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.errors import InputError
from engine.intake import Raw, inspect, prepare, suggest

HERE = Path(__file__).parent / "cases"
SHARED = Path(os.environ.get("CONSTELLA_CASES", "../shared/cases")) / "tables"

FEATURE, NO_FEATURE, ANY = ("feature",), ("id", "ignore", "label"), ("feature", "id", "ignore", "label")
ID, OUT = ("id",), ("id", "ignore")


@dataclass(frozen=True)
class Case:
    """What must come out of a file: its kind, rows and columns, what each column is and is for, values, groups, words."""

    name: str
    file: str = "input.csv"
    kind: str = "table"
    rows: int = 60
    columns: Sequence[str] = ()
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    levels: Mapping[str, set[str]] = field(default_factory=dict)
    ari: float | None = None
    notes: Sequence[str] = ()
    """Words that the notes and warnings must hold; of words parted by |, one is enough."""


CASES = (
    Case(
        "01-trailing-delimiter",
        dtypes={"Date": "date"},
        between={"Current Temp (C)": (17, 27), "Humidity (%RH)": (27, 83), "Fan (sec)": (0, 298)},
        ari=0.99,
    ),
    Case("02-sep-line", roles={"Kunde": ID}, between={"Umsatz": (3, 95)}, dtypes={"Note": "number"}, ari=0.99),
    Case(
        "03-german-thousands",
        roles={"Kreis": ID},
        values={"Fälle": [464, 419, 397, 479, 23943, 23939]},
        between={"Fälle": (317, 24079)},
        dtypes={"je 100.000": "number", "Tote": "number"},
        ari=0.99,
    ),
    Case("04-unnamed-index", rows=90, roles={"column 1": NO_FEATURE, "spend": FEATURE, "visits": FEATURE}, ari=0.9),
    Case("06-xy-points", rows=300, roles={"x": FEATURE, "y": FEATURE}, ari=0.95),
    Case("07-na-region", rows=90, levels={"region": {"NA", "EMEA", "APAC"}}),
    Case(
        "08-currency-km",
        rows=90,
        values={"Value": [1_200_000], "Wage": [9000]},
        between={"Weight": (145, 195)},
        ari=0.95,
    ),
    Case("10-chinese-comments", kind="text", roles={"评论": FEATURE}, ari=0.5),
    Case(
        "12-address-column",
        rows=90,
        roles={"customer": ID, "address": ("ignore",), "gender": FEATURE, "plan": FEATURE, "monthly_spend": FEATURE},
        ari=0.9,
    ),
    Case("14-postal-codes", rows=120, values={"PLZ": ["80331", "50667", "04109", "01067"]}, ari=0.9),
    Case("16-coded-missing", rows=90, ari=0.8, notes=["888,?888", "-99"]),
    Case(
        "17-date-spellings",
        rows=90,
        dtypes=dict.fromkeys(("slash_iso", "two_digit", "month_word", "us_ampm", "iso_z", "with_zone"), "date"),
    ),
    Case("19-ods", "input.ods", ari=0.99),
    Case("22-html-xls", "input.xls", ari=0.99),
    Case("22-html-xls", "tsv.xls", ari=0.99),
    Case("23-sav", "input.sav", ari=0.99),
    Case("24-arff", "input.arff", ari=0.99),
    Case("26-spaces", "input.dat", ari=0.9),
    Case("26-spaces", "seeds.txt", ari=0.9),
    Case("26-spaces", "same.csv", columns=["score", "hours", "round"], ari=0.9),
    Case(
        "27-report-sheet",
        "input.xlsx",
        columns=["Branch", "First half Units", "First half Revenue", "Second half Units", "Second half Revenue"],
        roles={"Branch": OUT},
        notes=["Total", "Sales report 2024|title|above"],
    ),
    Case(
        "29-qualtrics",
        roles={"ResponseId": ID},
        dtypes={"Q1_1": "number", "Finished": "boolean"},
        between={"Q1_1": (1, 7)},
        ari=0.9,
    ),
    Case("30-gbk", roles={"客户": OUT}, levels={"地区": {"华东", "华南", "西北"}}, dtypes={"消费": "number"}),
    Case("31-comment-lines", columns=["STN", "date", "T", "RH"], notes=["comment|line"]),
    Case("32-quoted-lines", columns=["pid", "score", "hours"], roles={"pid": ID}),
    Case(
        "33c-swiss-french-percent",
        values={"umsatz": [46000.5, 45700.5, 89600.5], "ca": [7180.25, 7630.25, 3460.25]},
        between={"quote": (0, 100)},
        ari=0.99,
    ),
    Case(
        "34-three-decimals-tsv",
        "input.txt",
        values={"ampere": [0.637, 0.624, 0.916]},
        between={"ampere": (0.1, 0.93), "load": (3, 12.01)},
    ),
    Case(
        "35-indian-lakh",
        between={"income_inr": (250_000, 9_509_000), "loan_inr": (50_000, 800_900)},
        ari=0.99,
    ),
    Case("36b-genes-in-rows", rows=300, notes=["transpose|columns"]),
    Case("38-outlier-negative", notes=["balance"]),
    Case(
        "41-multiline-text",
        kind="text",
        roles={"ticket": ID, "message": FEATURE, "stars": ("ignore", "label")},
        ari=0.6,
    ),
    Case("44-r-rownames", dtypes={"score": "number", "hours": "number"}, ari=0.99),
    Case(
        "49-excel-cells",
        "input.xlsx",
        roles={"Nr": ID},
        dtypes={"Dauer": "number", "Datum": "date", "Aktiv": "boolean", "Rate": "number", "Text-Zahl": "number"},
        between={"Quote": (0.03, 0.78), "Text-Zahl": (5, 96)},
        ari=0.9,
    ),
    Case("50-word-ids", roles={"Customer": ID, "State": FEATURE, "Plan": FEATURE, "Premium": FEATURE}, ari=0.9),
    Case("52-below-limit", dtypes={"lead": "number", "zinc": "number", "ph": "number"}, ari=0.9, notes=["lead"]),
    Case("55-tcga-width", rows=24),
)


def _path(case: str, file: str) -> Path:
    for folder in (HERE, SHARED):
        if (folder / case / file).exists():
            return folder / case / file
    pytest.skip(f"{case}/{file} is not at hand: it is too large for the repository")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.file}")
def test_it_comes_out_as_it_should(case: Case) -> None:
    path = _path(case.name, case.file)
    raw = inspect(path)
    assert (raw.kind, len(raw)) == (case.kind, case.rows), raw.notes
    if case.columns:
        assert [column.name for column in raw.columns] == list(case.columns)
    _check_columns(case, raw)
    said = " ".join([*raw.notes, *(column.warning for column in raw.columns)])
    for words in case.notes:
        assert any(word.replace(",?", "") in said.replace(",", "") for word in words.split("|")), (words, said)
    if case.ari is not None:
        assert _agreement(raw, path.parent / "truth.json") >= case.ari


def _check_columns(case: Case, raw: Raw) -> None:
    for name, roles in case.roles.items():
        assert raw.column(name).role in roles, (name, raw.column(name))
    for name, dtype in case.dtypes.items():
        assert raw.column(name).dtype == dtype, (name, raw.column(name))
    for name, (low, high) in case.between.items():
        values = raw.rows[name].dropna().to_numpy(np.float64)
        assert low <= values.min() <= values.max() <= high, (name, values.min(), values.max())
    for name, values in case.values.items():
        assert raw.rows[name].tolist()[: len(values)] == values
    for name, levels in case.levels.items():
        assert set(raw.rows[name].dropna()) == levels
        assert not raw.rows[name].isna().any()


def _agreement(raw: Raw, truth: Path) -> float:
    """Adjusted Rand index of k-means with the true number of groups, over the rows that have one."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    right = json.loads(truth.read_text())
    while len(right) > len(raw):  # lines that are no members have no group
        right.remove(None)
    prepared = prepare(raw, suggest(raw))
    known = [row for row, group in enumerate(right) if group is not None]
    k = len({right[row] for row in known})
    labels = dict(
        zip(prepared.kept.tolist(), KMeans(k, n_init=10, random_state=0).fit_predict(prepared.x), strict=True)
    )
    return float(adjusted_rand_score([right[row] for row in known], [labels.get(row, -1) for row in known]))


def test_postal_codes_are_no_quantities() -> None:
    raw = inspect(_path("14-postal-codes", "input.csv"))
    chosen = suggest(raw)
    for name in ("zip", "PLZ"):
        column = raw.column(name)
        assert chosen.role(column) != "feature" or column.dtype == "category" or name in chosen.categories


def test_one_date_in_nine_spellings_counts_once() -> None:
    raw = inspect(_path("17-date-spellings", "input.csv"))
    assert len([column for column in raw.columns if column.role == "feature" and column.name != "spend"]) <= 1


def test_a_workbook_with_a_password_says_so() -> None:
    with pytest.raises(InputError, match="password"):
        inspect(_path("20-password-xlsx", "input.xlsx"))


FOLDER = HERE / "45-predict"
PREDICT = sorted(path.name for path in FOLDER.glob("predict-*"))
UNFIT = ("predict-empty.csv", "predict-missing-column.csv", "predict-note.txt")
OTHER_VALUES = ("predict-some-blank.csv", "predict-all-dash.csv", "predict-unseen-category.csv")


@pytest.mark.parametrize("file", UNFIT)
def test_new_data_that_lack_a_column_are_refused(file: str) -> None:
    raw = inspect(FOLDER / "input.csv")
    recipe = prepare(raw, suggest(raw)).recipe
    with pytest.raises(InputError, match=r"umsatz|no rows|empty"):
        recipe.apply(inspect(FOLDER / file, options=raw.options_for_new_data))


@pytest.mark.parametrize("file", [file for file in PREDICT if file not in UNFIT])
def test_new_data_are_read_as_training_data_were(file: str, capfd: pytest.CaptureFixture[str]) -> None:
    raw = inspect(FOLDER / "input.csv")
    prepared = prepare(raw, suggest(raw))
    new = inspect(FOLDER / file, options=raw.options_for_new_data)
    x = prepared.recipe.apply(new)
    assert capfd.readouterr().err == ""
    assert np.isfinite(x).all()
    if file in OTHER_VALUES:
        return
    ids = new.rows["kunde"] if "kunde" in new.rows else inspect(FOLDER / "predict-same.csv").rows["kunde"]
    rows = [raw.rows["kunde"].tolist().index(name) for name in ids]
    differ = np.abs(x - prepared.x[rows]).max(axis=1) > 1e-3
    assert not differ.any(), new.rows[differ].head()

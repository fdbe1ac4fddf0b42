"""Makes customers.csv: 2,000 customers of a shop in six kinds that a person would recognize.

Seeded; run `python data/customers.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

N, SEED = 2000, 7
SPREAD = 1.9  # times the deviations below: people overlap
DEPARTMENTS = ("Groceries", "Toys", "Electronics", "Fashion", "Garden", "Books", "Wine")
# name: share, age (mean, sd), household, income, visits a month, basket, online %, discount %, hour, newsletter, departments
KINDS = {
    "Students": (
        0.17,
        (22, 2.2),
        (2.6, 1.0),
        (11_500, 3_000),
        5.5,
        (17, 0.35),
        (62, 12),
        (38, 10),
        (20.0, 1.6),
        0.35,
        (3, 0, 3, 4, 0, 4, 0),
    ),
    "Young families": (
        0.20,
        (35, 4.0),
        (4.1, 0.8),
        (46_000, 9_000),
        9.0,
        (74, 0.30),
        (35, 12),
        (27, 9),
        (16.5, 1.5),
        0.75,
        (6, 5, 1, 2, 1, 1, 0),
    ),
    "Professionals": (
        0.18,
        (33, 4.5),
        (1.4, 0.6),
        (71_000, 11_000),
        4.0,
        (52, 0.35),
        (78, 9),
        (9, 5),
        (19.5, 1.2),
        0.40,
        (3, 0, 5, 4, 0, 2, 2),
    ),
    "Retirees": (
        0.19,
        (70, 5.5),
        (1.8, 0.5),
        (27_000, 6_000),
        11.0,
        (29, 0.35),
        (8, 6),
        (15, 7),
        (10.0, 1.2),
        0.25,
        (6, 1, 0, 1, 5, 4, 1),
    ),
    "Big spenders": (
        0.08,
        (51, 8.0),
        (2.3, 0.9),
        (132_000, 26_000),
        5.0,
        (240, 0.40),
        (41, 15),
        (3, 3),
        (14.0, 2.5),
        0.60,
        (1, 0, 3, 5, 1, 0, 6),
    ),
    "Bargain hunters": (
        0.18,
        (46, 9.0),
        (2.7, 1.1),
        (31_000, 6_500),
        7.0,
        (33, 0.35),
        (22, 11),
        (66, 10),
        (12.5, 2.0),
        0.90,
        (6, 1, 2, 4, 2, 0, 0),
    ),
}


def around(rng: np.random.Generator, center: tuple[float, float], n: int) -> np.ndarray:
    """`n` normal values around the mean, SPREAD times the deviation."""
    return rng.normal(center[0], SPREAD * center[1], n)


def kind(rng: np.random.Generator, name: str, n: int) -> pd.DataFrame:
    """`n` customers of one kind."""
    _, age, household, income, visits, basket, online, discount, hour, newsletter, favorites = KINDS[name]
    weights = np.asarray(favorites) / sum(favorites)
    return pd.DataFrame(
        {
            "age": np.clip(around(rng, age, n), 18, 92).round().astype(int),
            "gender": rng.choice(["female", "male"], n),
            "household_size": np.clip(around(rng, household, n), 1, 7).round().astype(int),
            "yearly_income": np.clip(around(rng, income, n), 6_000, None).round(-2).astype(int),
            "visits_per_month": np.maximum(rng.poisson(visits * rng.gamma(3, 1 / 3, n)), 1),
            "average_basket": (basket[0] * rng.lognormal(0, SPREAD * basket[1], n)).round(2),
            "online_share": np.clip(around(rng, online, n), 0, 100).round().astype(int),
            "discount_share": np.clip(around(rng, discount, n), 0, 100).round().astype(int),
            "usual_hour": np.clip(around(rng, hour, n), 8, 22).round().astype(int),
            "favorite_department": rng.choice(DEPARTMENTS, n, p=weights),
            "newsletter": np.where(rng.random(n) < newsletter, "yes", "no"),
            "segment": name,
        }
    )


def make() -> pd.DataFrame:
    """All customers in random order, with an identifier, a joining date and some blanks."""
    rng = np.random.default_rng(SEED)
    counts = {name: round(N * values[0]) for name, values in KINDS.items()}
    rows = pd.concat([kind(rng, name, n) for name, n in counts.items()], ignore_index=True)
    rows = rows.iloc[rng.permutation(N)].reset_index(drop=True)
    rows.insert(0, "customer_id", [f"C-{number}" for number in 10_000 + rng.permutation(N)])
    joined = np.datetime64("2019-01-01") + rng.integers(0, 2100, N).astype("timedelta64[D]")
    rows.insert(len(rows.columns) - 1, "member_since", joined.astype(str))
    for column, share in (
        ("age", 0.02),
        ("yearly_income", 0.05),
        ("average_basket", 0.01),
        ("favorite_department", 0.03),
    ):
        rows[column] = rows[column].astype(object)
        rows.loc[rng.random(N) < share, column] = np.nan
    return rows


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".csv")
    make().to_csv(target, index=False, lineterminator="\n")

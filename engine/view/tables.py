"""The figures on trust as tables, for those who do not see them or want the numbers."""

from typing import Any

import numpy as np
import pandas as pd

from engine.results.evaluate.fairness import Fairness
from engine.results.evaluate.k_criteria import CRITERIA
from engine.results.evaluate.stability import rule
from engine.results.record.diagnostics import Robustness, Scan
from engine.results.record.record import Result


def separation_table(result: Result) -> pd.DataFrame:
    """Silhouettes as a table, one row for each group that was measured.

    Parameters
    ----------
    result
        Of the run; it has a `separation`.

    Returns
    -------
    pd.DataFrame

    Examples
    --------
    Where `result` is a run's result:

    >>> separation_table(result)["Group"].tolist()
    ['Group 1', 'Group 2', 'Group 3']
    """
    separation = result.separation
    assert separation is not None
    table = pd.DataFrame(
        {
            "Group": [group.title for group in result.groups],
            "Separation": separation.mean,
            "10th percentile": separation.low,
            "90th percentile": separation.high,
            "Closer to another group": [None if share is None else f"{share:.0%}" for share in separation.below],
            "Partner in k-means": separation.plain,
        }
    )
    chosen = table if result.method != "kmeans" else table.drop(columns="Partner in k-means")
    return chosen[table["Separation"].notna()].round(2)


def stability_table(result: Result) -> pd.DataFrame:
    """Stability as a table, one row for each group that has members.

    Parameters
    ----------
    result
        Of the run; it has a `stability`.

    Returns
    -------
    pd.DataFrame

    Examples
    --------
    Where `result` is a run's result, whose groups returned unchanged:

    >>> stability_table(result)["Returned"].tolist()
    [1.0, 1.0, 1.0]
    """
    stability = result.stability
    assert stability is not None
    known = np.flatnonzero(np.isfinite(stability.groups))
    return pd.DataFrame(
        {
            "Group": [result.groups[g].title for g in known],
            "Returned": stability.groups[known].round(2),
            "Least": stability.overlap.min(0)[known].round(2),
            "Most": stability.overlap.max(0)[known].round(2),
            "In words": [rule(float(stability.groups[g])) for g in known],
        }
    )


def consensus_table(result: Result) -> pd.DataFrame:
    """In how many percent of the repetitions members of two groups were together, for every two groups.

    Parameters
    ----------
    result
        Of the run; it has a `stability`.

    Returns
    -------
    pd.DataFrame
    """
    stability = result.stability
    assert stability is not None
    labels = result.labels[stability.sample]
    groups = [int(label) for label in np.unique(labels)]
    names = {label: "Unassigned" if label < 0 else result.groups[label].title for label in groups}
    cells = {
        names[b]: [round(float(stability.consensus[np.ix_(labels == a, labels == b)].mean())) for a in groups]
        for b in groups
    }
    return pd.DataFrame({"Group": list(names.values()), **cells})


def scan_table(found: Scan) -> pd.DataFrame:
    """Criteria of the number of groups as a table.

    Parameters
    ----------
    found
        The criteria.

    Returns
    -------
    pd.DataFrame
        One row for each number of groups and space: mean and standard deviation of each criterion.
    """
    parts = []
    for space, values in found.spaces.items():
        part: dict[str, Any] = {
            "Groups": found.ks,
            "Measured in": "prepared data" if space == "columns" else "what was learned",
        }
        for i, criterion in enumerate(CRITERIA.values()):
            means, spreads = values[i].mean(0), values[i].std(0)
            part[criterion.label] = [
                "–" if np.isnan(mean) else f"{mean:,.{criterion.decimals}f} ± {spread:,.{criterion.decimals}f}"
                for mean, spread in zip(means, spreads, strict=True)
            ]
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def mix_table(found: Fairness, titles: dict[int, str]) -> pd.DataFrame:
    """Fairness as a table.

    Parameters
    ----------
    found
        Groups by values of one column.
    titles
        Names of the groups by label.

    Returns
    -------
    pd.DataFrame
        One row for each group and value: counts, shares inside and outside, and the difference with its interval.
    """
    counts = {(g, v): int(found.counts[i, j]) for i, g in enumerate(found.groups) for j, v in enumerate(found.values)}
    balance = dict(zip(found.groups, found.balance, strict=True))
    rows = [
        {
            "Group": titles[d.group],
            "Value": d.value,
            "Members": counts[d.group, d.value],
            "Inside": f"{d.inside:.0%}",
            "All others": f"{d.outside:.0%}",
            "Difference": f"{100 * d.difference:+.0f} points",
            "Interval (95 %)": f"{100 * d.low:+.0f} to {100 * d.high:+.0f}",
            "More than chance": "yes" if d.claimed else "no",
            "Balance of the group": round(float(balance[d.group]), 2),
        }
        for d in found.disparities
    ]
    return pd.DataFrame(rows)


def robustness_table(found: Robustness) -> pd.DataFrame:
    """Robustness as a table, one row for each size of the shift.

    Parameters
    ----------
    found
        Shares of members that change group.

    Returns
    -------
    pd.DataFrame

    Examples
    --------
    >>> from engine.results.record.diagnostics import Robustness
    >>> sizes, shares = np.array([0.1, 0.2]), np.array([0.0, 0.5])
    >>> robustness_table(Robustness(sizes, shares, shares / 2, shares))["Change group, aimed"].tolist()
    ['0.0%', '50.0%']
    """
    return pd.DataFrame(
        {
            "Shift (standard deviations)": found.sizes.round(2),
            "Change group, aimed": [f"{share:.1%}" for share in found.aimed],
            "Change group, by chance": [f"{share:.1%}" for share in found.random],
        }
    )

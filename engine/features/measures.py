"""Measures of single series, each a number that an analyst can read.

Most are those of catch22, written from their definitions, with these deviations: the spectrum is a plain periodogram; thresholds
of high and low values are `LEVELS` between the mean and the most extreme value, not steps of 0.01; periods are looked for
after a parabola, not a spline, is taken away; and the three measures of scaling and embedded distances are left out.

References
----------
C. H. Lubba et al., Data Mining and Knowledge Discovery 33, 2019, "catch22: CAnonical Time-series CHaracteristics".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
LEVELS = 50


class Batch:
    """Series of one length, and what several measures need of them.

    Parameters
    ----------
    x : ndarray of shape (n, time), float64
        Without blanks; time is at least 1.
    """

    def __init__(self, x: Doubles) -> None:
        self.x = x
        self.mean = x.mean(axis=1)
        self.deviation = np.where((spread := x.std(axis=1)) > 1e-9 * np.abs(self.mean), spread, 0.0)
        self.z = _ratio(x - self.mean[:, None], self.deviation[:, None])

    @property
    def time(self) -> int:
        """Moments of each series."""
        return int(self.x.shape[1])

    @cached_property
    def autocorrelation(self) -> Doubles:
        """[n, time], of lag 0 first."""
        return autocorrelations(self.z)

    @cached_property
    def zero_lag(self) -> Integers:
        """First lag [n] at which the autocorrelation is not positive."""
        return first(self.autocorrelation <= 0)

    @cached_property
    def power(self) -> Doubles:
        """[n, frequencies] shares of the variance, without frequency 0; 0 of a series that never changes."""
        power = np.square(np.abs(np.fft.rfft(self.z, axis=1)))[:, 1:]
        return _ratio(power, power.sum(axis=1, keepdims=True))

    @cached_property
    def letters(self) -> Integers:
        """0, 1 or 2 [n, time]: the lowest, middle and highest third of the values of each series."""
        return _thirds(self.z)

    @cached_property
    def period(self) -> Integers:
        """Lag [n] of the first peak of the autocorrelation of what a parabola leaves; 0 without one."""
        rest = _detrended(self.z)
        peaks = autocorrelations(rest)[:, : max(self.time // 3 + 2, 3)]
        lowest = np.minimum.accumulate(peaks, axis=1)
        found = np.zeros(peaks.shape, bool)
        found[:, 1:-1] = (peaks[:, 1:-1] > peaks[:, :-2]) & (peaks[:, 1:-1] >= peaks[:, 2:])
        found &= (peaks > 0) & (peaks - lowest > 0.01)
        return np.where(found.any(axis=1), found.argmax(axis=1), 0)


def _ratio(a: Doubles, b: Doubles) -> Doubles:
    """a / b, and 0 where b is."""
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(a.shape, b.shape)), where=b != 0)


def _detrended(z: Doubles) -> Doubles:
    axes = np.linalg.qr(np.vander(np.linspace(-1, 1, z.shape[1]), min(3, z.shape[1])))[0]
    rest: Doubles = z - z @ axes @ axes.T
    return rest


def _thirds(z: Doubles) -> Integers:
    low, high = np.quantile(z, (1 / 3, 2 / 3), axis=1)
    letters: Integers = (z > low[:, None]).astype(np.int64) + (z > high[:, None])
    return letters


def autocorrelations(x: Doubles) -> Doubles:
    """Autocorrelation [n, time] of centered series [n, time]: sum of x_t x_(t + lag) by that of lag 0; 0 of one that is 0.

    Examples
    --------
    >>> import numpy as np
    >>> autocorrelations(np.array([[1.0, -1.0, 1.0, -1.0]])).round(2).tolist()
    [[1.0, -0.75, 0.5, -0.25]]
    """
    time = x.shape[1]
    spectrum = np.fft.rfft(x, 2 * time, axis=1)
    products = np.fft.irfft(np.square(np.abs(spectrum)), 2 * time, axis=1)[:, :time]
    return _ratio(products, np.where(products[:, :1] > 1e-12, products[:, :1], 0.0))


def first(true: npt.NDArray[np.bool_]) -> Integers:
    """Position [n] of the first True of each row, their number where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> first(np.array([[False, True, True], [False, False, False]])).tolist()
    [1, 3]
    """
    if not true.shape[1]:
        return np.zeros(len(true), np.int64)
    found: Integers = np.where(true.any(axis=1), true.argmax(axis=1), true.shape[1])
    return found


def longest(true: npt.NDArray[np.bool_]) -> Integers:
    """Length [n] of the longest stretch of True in each row.

    Examples
    --------
    >>> import numpy as np
    >>> longest(np.array([[True, False, True, True], [False, False, False, False]])).tolist()
    [2, 0]
    """
    run = best = np.zeros(len(true), np.int64)
    for column in true.T:
        run = np.where(column, run + 1, 0)
        best = np.maximum(best, run)
    return best


def first_minimum(x: Doubles) -> Integers:
    """Position [n] of the first value of each row [n, m] below both its neighbors, m where there is none."""
    low = np.zeros(x.shape, bool)
    low[:, 1:-1] = (x[:, 1:-1] < x[:, :-2]) & (x[:, 1:-1] < x[:, 2:])
    return first(low)


def mode(z: Doubles, bins: int) -> Doubles:
    """Middle [n] of the fullest of `bins` equal bins between the least and the greatest value, the mean of several."""
    low, high = z.min(axis=1, keepdims=True), z.max(axis=1, keepdims=True)
    counts = np.stack([(_binned(z, low, high, bins) == i).sum(axis=1) for i in range(bins)], axis=1)
    fullest = counts == counts.max(axis=1, keepdims=True)
    middles = low + (high - low) * (np.arange(bins) + 0.5) / bins
    found: Doubles = (middles * fullest).sum(axis=1) / fullest.sum(axis=1)
    return found


def _binned(z: Doubles, low: Doubles, high: Doubles, bins: int) -> Integers:
    return np.minimum((_ratio(z - low, high - low) * bins).astype(np.int64), bins - 1)


def timing(z: Doubles) -> Doubles:
    """When high values come, -1 at the beginning to 1 at the end: [n].

    The median over thresholds between 0 and the greatest value of the median moment of what reaches them.
    """
    time, found = z.shape[1], []
    for share in np.arange(LEVELS) / LEVELS:
        reached = np.cumsum(z >= share * z.max(axis=1, keepdims=True), axis=1)
        total = reached[:, -1:]
        middle = (first(2 * reached >= total) + first(reached >= total // 2 + 1)) / 2
        found.append(2 * middle / max(time - 1, 1) - 1)
    return np.where(z.any(axis=1), np.median(found, axis=0), 0.0)


def entropy(shares: Doubles) -> Doubles:
    """Shannon entropy [n] of rows that add up to 1, in nats."""
    found: Doubles = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)
    return found


def word_entropy(letters: Integers) -> Doubles:
    """Entropy [n] of pairs of successive letters 0, 1, 2 of each row."""
    words = 3 * letters[:, :-1] + letters[:, 1:]
    counts = np.stack([(words == i).sum(axis=1) for i in range(9)], axis=1)
    return entropy(counts / max(words.shape[1], 1))


def mutual_information(z: Doubles, lag: int, bins: int) -> Doubles:
    """Mutual information [n] of values and those `lag` moments later, from a histogram of equal bins, in nats."""
    if z.shape[1] <= lag:
        return np.zeros(len(z))
    low, high = z.min(axis=1, keepdims=True) - 0.1, z.max(axis=1, keepdims=True) + 0.1
    binned = _binned(z, low, high, bins)
    pairs = bins * binned[:, :-lag] + binned[:, lag:]
    joint = np.stack([(pairs == i).sum(axis=1) for i in range(bins**2)], axis=1) / pairs.shape[1]
    table = joint.reshape(-1, bins, bins)
    return entropy(table.sum(axis=1)) + entropy(table.sum(axis=2)) - entropy(joint)


def transition_spread(batch: Batch) -> Doubles:
    """Trace [n] of the covariance of the columns of the transition matrix between thirds of the values, at the zero lag."""
    result = np.zeros(len(batch.z))
    for lag in np.unique(batch.zero_lag):
        rows = np.flatnonzero(batch.zero_lag == lag)
        letters = _thirds(batch.z[rows, :: max(int(lag), 1)])
        moves = 3 * letters[:, :-1] + letters[:, 1:]
        counts = np.stack([(moves == i).sum(axis=1) for i in range(9)], axis=1).reshape(-1, 3, 3)
        result[rows] = (counts / max(moves.shape[1], 1)).var(axis=1, ddof=1).sum(axis=1)
    return result


def correlation_length_ratio(batch: Batch) -> Doubles:
    """Zero lag [n] of the differences by that of the series."""
    steps = np.diff(batch.z, axis=1)
    if not steps.shape[1]:
        return np.ones(len(batch.z))
    return first(autocorrelations(steps - steps.mean(axis=1, keepdims=True)) <= 0) / np.maximum(batch.zero_lag, 1)


def forecast_error(z: Doubles) -> Doubles:
    """Deviation [n] of what the mean of the three values before leaves of each value."""
    if z.shape[1] < 5:
        return np.zeros(len(z))
    errors: Doubles = (z[:, 3:] - (z[:, :-3] + z[:, 1:-2] + z[:, 2:-1]) / 3).std(axis=1, ddof=1)
    return errors


def trend(batch: Batch, power: int) -> Doubles:
    """Correlation [n] with time (`power` 1), or with the part of its square that a line leaves (2)."""
    if batch.time < 3:
        return np.zeros(len(batch.z))
    axis = np.linalg.qr(np.vander(np.linspace(-1, 1, batch.time), 3, increasing=True))[0][:, power]
    found: Doubles = batch.z @ axis * np.sign(axis[-1]) / np.sqrt(batch.time)
    return found


def at_lag(batch: Batch, lags: Integers) -> Doubles:
    """Autocorrelation [n] at a lag of each series."""
    inside = np.minimum(lags, batch.time - 1)
    return batch.autocorrelation[np.arange(len(inside)), inside]


def changes(z: Doubles) -> Doubles:
    """Differences of successive values [n, time - 1], a 0 where there are none."""
    return np.diff(z, axis=1) if z.shape[1] > 1 else np.zeros((len(z), 1))


def spectral_median(power: Doubles) -> Doubles:
    """Frequency [n], up to 1 of the highest, below which half of the power is."""
    place: Doubles = (first(np.cumsum(power, axis=1) >= 0.5) + 1) / max(power.shape[1], 1) * power.any(axis=1)
    return place


def lowest_fifth(power: Doubles) -> Doubles:
    """Share [n] of the power in the lowest fifth of the frequencies."""
    share: Doubles = power[:, : -(-power.shape[1] // 5)].sum(axis=1)
    return share


MEASURES: dict[str, Callable[[Batch], npt.NDArray[np.generic]]] = {
    "level": lambda b: b.mean,
    "spread": lambda b: b.deviation,
    "lowest value": lambda b: b.x.min(axis=1),
    "highest value": lambda b: b.x.max(axis=1),
    "skewness": lambda b: (b.z**3).mean(axis=1),
    "heaviness of tails": lambda b: (b.z**4).mean(axis=1),
    "trend": lambda b: trend(b, 1),
    "bend": lambda b: trend(b, 2),
    "period": lambda b: b.period,
    "strength of the period": lambda b: np.where(b.period > 0, at_lag(b, b.period), 0.0),
    "autocorrelation of neighbors": lambda b: at_lag(b, np.ones(len(b.z), np.int64)),
    "autocorrelation at a twentieth": lambda b: at_lag(b, np.full(len(b.z), -(-b.time // 20))),
    "autocorrelation at a tenth": lambda b: at_lag(b, np.full(len(b.z), -(-b.time // 10))),
    "correlation length": lambda b: first(b.autocorrelation < np.exp(-1)),
    "first trough of the autocorrelation": lambda b: first_minimum(b.autocorrelation),
    "first minimum of information": lambda b: first_minimum(b.autocorrelation[:, :41] ** 2),
    "correlation length of steps": correlation_length_ratio,
    "information after two moments": lambda b: mutual_information(b.z, 2, 5),
    "spectral centroid": lambda b: b.power @ (np.arange(1, b.power.shape[1] + 1) / max(b.power.shape[1], 1)),
    "spectral median": lambda b: spectral_median(b.power),
    "spectral entropy": lambda b: entropy(b.power),
    "power of slow waves": lambda b: lowest_fifth(b.power),
    "crossings of the mean": lambda b: (b.z[:, 1:] * b.z[:, :-1] < 0).sum(axis=1) / b.time,
    "share of large steps": lambda b: (np.abs(changes(b.z)) > 0.04).mean(axis=1),
    "asymmetry of steps": lambda b: (changes(b.z) ** 3).mean(axis=1),
    "size of steps": lambda b: np.abs(changes(b.z)).mean(axis=1),
    "error of forecasts": lambda b: forecast_error(b.z),
    "longest stretch above the mean": lambda b: longest(b.z > 0),
    "longest decline": lambda b: longest(changes(b.z) < 0),
    "most frequent value (5 bins)": lambda b: mode(b.z, 5),
    "most frequent value (10 bins)": lambda b: mode(b.z, 10),
    "timing of high values": lambda b: timing(b.z),
    "timing of low values": lambda b: timing(-b.z),
    "entropy of words": lambda b: word_entropy(b.letters),
    "spread of transitions": transition_spread,
}
"""Name of each measure -> its function of a `Batch`, numbers [n]."""


def measured(x: Doubles, lengths: Integers) -> Doubles:
    """All measures of one channel.

    Parameters
    ----------
    x : ndarray of shape (n, time), float64
    lengths : ndarray of shape (n,)
        Moments of each series; what lies behind them does not count.

    Returns
    -------
    ndarray of shape (n, measures)

    Examples
    --------
    >>> import numpy as np
    >>> found = measured(np.array([[1.0, 2.0, 3.0, 0.0]]), np.array([3]))
    >>> dict(zip(MEASURES, found[0].round(2).tolist()))["level"]
    2.0
    """
    result = np.zeros((len(x), len(MEASURES)))
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        batch = Batch(x[rows, :length])
        result[rows] = np.stack([measure(batch) for measure in MEASURES.values()], axis=1)
    return result

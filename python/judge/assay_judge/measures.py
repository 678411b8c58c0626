"""Measures that the tables share, put together from scikit-learn's and scipy's."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import beta, bootstrap
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

RESAMPLES = 1000
NAN = float("nan")
Statistic = Callable[[np.ndarray, np.ndarray], float]


def average_precision(truth: np.ndarray, score: np.ndarray) -> float:
    """Area under the curve of precision and recall; NaN where nothing is there to find."""
    return float(average_precision_score(truth, score)) if truth.any() else NAN


def roc_area(truth: np.ndarray, score: np.ndarray) -> float:
    return float(roc_auc_score(truth, score)) if 0 < truth.mean() < 1 else NAN


def sensitivity_at(truth: np.ndarray, score: np.ndarray, specificity: float) -> float:
    """The highest sensitivity at any cut that so large a share of the harmless stays below."""
    if not 0 < truth.mean() < 1:
        return NAN
    false, true, _ = roc_curve(truth, score, drop_intermediate=False)
    return float(true[false <= 1 - specificity + 1e-12].max())


def interval(statistic: Statistic, first: np.ndarray, second: np.ndarray, groups: Sequence[str]) -> tuple[float, float]:
    """95 % percentile bootstrap interval; whole groups are drawn, as their members are alike."""
    names, at = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 2:
        return NAN, NAN
    members = [np.flatnonzero(at == index) for index in range(len(names))]

    def of_groups(drawn: np.ndarray) -> float:
        rows = np.concatenate([members[index] for index in drawn])
        return statistic(first[rows], second[rows])

    with warnings.catch_warnings():
        # A draw without a positive has no figure: the interval is of those that have one.
        warnings.simplefilter("ignore")
        found = bootstrap(
            (np.arange(len(names)),), of_groups, n_resamples=RESAMPLES, vectorized=False, method="percentile",
            rng=np.random.default_rng(0),
        ).bootstrap_distribution  # fmt: skip
    known = found[~np.isnan(found)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (NAN, NAN)
    return float(low), float(high)


def upper_bound(successes: int, trials: int) -> float:
    """One-sided 95 % bound of Clopper and Pearson (1934)."""
    return float(beta.ppf(0.95, successes + 1, trials - successes)) if successes < trials else 1.0


def expected_calibration_error(truth: np.ndarray, score: np.ndarray, bins: int = 15) -> float:
    """Mean distance of what was said from what was so, over bins of equally many examples (Nguyen and O'Connor 2015).
    Neither scikit-learn nor scipy has it."""
    parts = [part for part in np.array_split(np.argsort(score, kind="stable"), bins) if len(part)]
    return float(sum(len(part) * abs(score[part].mean() - truth[part].mean()) for part in parts) / len(score))

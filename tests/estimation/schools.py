"""The apistrat schools of R survey as a sample, and the figures of a sample as R prints them."""

from functools import cache

import numpy as np

from estimation.classes import Strata
from estimation.estimates import Domains
from estimation.intervals import share_limits
from estimation.sample import make_sample
from estimation.stratified import means, proportions, share_precision, totals
from tests import golden

# svyciprop's logit runs a regression and agrees with its xlogit to 1e-9.
CIPROP = {
    "logit": "logit",
    "xlogit": "logit",
    "asin": "arcsine",
    "beta": "korn_graubard",
    "mean": "wald",
    "wilson": "wilson",
}


@cache
def rows():
    return golden.rows("apistrat")


def column(name):
    return np.array([float(school[name]) for school in rows()])


def is_yes(name):
    return np.array([school[name] == "Yes" for school in rows()], dtype=float)


def by(name):
    """The schools cut by a column, in R's order of the values."""
    values = [school[name] for school in rows()]
    labels = sorted(set(values))
    return Domains(labels, np.array([labels.index(value) for value in values]))


def schools(*, weight="pw", corrected=True):
    """The sample; the reference has weights that are rounded in the 10th digit, ``pw``."""
    names, sizes, stratum, _ = golden.apistrat()
    given = None if weight is None else column(weight)
    return make_sample(Strata(names, sizes), stratum, weight=given, corrected=corrected)


def as_r(estimates):
    """Value, standard error, df and both intervals, under R's names."""
    return {
        "estimate": estimates.value,
        "se": estimates.standard_error,
        "df": estimates.df,
        "ci_t": np.transpose(estimates.limits(0.95)),
        "ci_z": np.transpose(estimates.limits(0.95, normal=True)),
    }


def several(*estimates):
    """The same for several variables at once."""
    parts = [as_r(e) for e in estimates]
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return joined | {"df": parts[0]["df"]}


def ciprop(precision, level):
    """What svyciprop prints, by its method."""
    ends = {of_r: share_limits(ours, precision, level) for of_r, ours in CIPROP.items()}
    return {
        of_r: {"estimate": precision.share, "ci": np.concatenate(end)} for of_r, end in ends.items()
    }


def usual_figures(sample):
    """The figures that all references of the schools have."""
    shares = proportions(sample, is_yes("sch.wide"))
    return {
        "mean": as_r(means(sample, column("api00"))),
        "total": as_r(totals(sample, column("enroll"))),
        "ciprop95": ciprop(share_precision(sample, shares), 0.95),
        "ciprop90": ciprop(share_precision(sample, shares), 0.90),
    }

"""From findings to estimates: arrays in, values with their uncertainty out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point estimate and its standard error, in the unit of the quantity estimated."""

    value: float
    standard_error: float
    df: int  #: degrees of freedom of the variance

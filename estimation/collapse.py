"""Strata with a single sampled row: treatments that somebody declares.

Nothing here looks at results. Declare before the answers are known, and let the report say what
was declared: every treatment but POOL and a collapse of like strata can be far off.

Source: Cochran (1977) chapter 5; the options ``lonely.psu`` of R survey.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from estimation.classes import Counts
from estimation.estimates import add_up, found
from estimation.sample import Sample, SingleRow


def declare_single_rows(sample: Sample, treatment: SingleRow) -> Sample:
    """Declare what stands for the variance of single rows; for POOL see pool_single_rows."""
    if treatment is SingleRow.POOL:
        raise ValueError("a pool needs its strata: use pool_single_rows")
    return replace(sample, single_row=treatment, pool=None)


def pool_single_rows(sample: Sample, pool_of_stratum: Sequence[str]) -> Sample:
    """Give single rows the spread within the other strata of their pool, such as their city.

    Without bias if the strata of a pool have one spread. *pool_of_stratum* has ``(H,)`` labels.
    Estimating raises ValueError that names a stratum whose pool has no stratum with two rows.
    """
    return replace(sample, single_row=SingleRow.POOL, pool=_numbered(sample, pool_of_stratum)[1])


def collapse(sample: Sample, collapsed_stratum: Sequence[str]) -> Sample:
    """Take strata for one in the variance; the weights, and so the estimates, stay.

    Strata that are collapsed lose the finite population correction. On average the variance is
    never too small, and too large by the differences between the strata: collapse like with like.

    Parameters
    ----------
    sample
    collapsed_stratum : (H,) labels
        Strata with one label become one stratum, whose name is the label.

    Raises ValueError for another number of labels, and naming a certainty stratum that would be
    collapsed with others, as it has no variance to be guessed.
    """
    names, where = _numbered(sample, collapsed_stratum)
    members = np.bincount(where)
    complete = (members[where] > 1) & (sample.sampled > 0) & (sample.sampled == sample.frame_size)
    for h in found(complete):
        raise ValueError(f"stratum {sample.names[h]!r} is complete and cannot be collapsed")
    if sample.residual is not None or sample.pool is not None:
        raise ValueError("collapse strata before they are pooled or calibrated")
    return replace(
        sample,
        names=names,
        frame_size=add_up(where, sample.frame_size, len(names)),
        sampled=add_up(where, sample.sampled, len(names)).astype(np.int64),
        # The first stratum of a label speaks for those that stay alone.
        unseen=np.where(members > 1, 1, sample.unseen[np.unique(where, return_index=True)[1]]),
        stratum=where[sample.stratum],
    )


def _numbered(sample: Sample, labels: Sequence[str]) -> tuple[tuple[str, ...], Counts]:
    if len(labels) != len(sample.names):
        raise ValueError(f"need a label for each of the {len(sample.names)} strata")
    names = tuple(dict.fromkeys(labels))
    position = {label: i for i, label in enumerate(names)}
    return names, np.array([position[label] for label in labels], dtype=np.int64)

"""Fictitious surveys in the shape of the province: 158 counties, 3 projects, 28 units."""

from dataclasses import dataclass

import numpy as np

from estimation.classes import REASONS, VERDICTS, Cases, Coded, Strata

COUNTIES, PROJECTS, UNITS = 158, 3, 28
CELLS = COUNTIES * PROJECTS
SEED = 20180101

CELL = np.arange(CELLS)
COUNTY, PROJECT = np.divmod(CELL, PROJECTS)
UNIT = COUNTY % UNITS

#: The domain of each cell at every level, by number.
LEVELS = {
    "cell": CELL,
    "unit_project": UNIT * PROJECTS + PROJECT,
    "unit": UNIT,
    "project": PROJECT,
    "province": np.zeros_like(CELL),
}
ANSWERS = ("", *VERDICTS)
UNREACHED = ("no_answer", "refused", "dead_number")


@dataclass(frozen=True)
class Survey:
    """The cell of every entry of the frame, and the cases that were drawn from it."""

    cell_of_entry: np.ndarray
    cases: Cases

    def strata(self) -> Strata:
        """Count the entries of each cell."""
        return Strata(labels("cell"), np.bincount(self.cell_of_entry, minlength=CELLS))


def labels(level: str) -> list[str]:
    """Return the name of each cell's domain."""
    return [str(number) for number in LEVELS[level]]


def targets(strata: Strata, level: str) -> dict[str, int]:
    """Return tasks that some domains have done and some have not."""
    sizes = np.bincount(LEVELS[level], weights=np.asarray(strata.frame_size))
    return {str(number): round(0.93 * size) for number, size in enumerate(sizes)}


def phone_survey(entries: int, cases: int) -> Survey:
    """Everybody answers, most of them yes, and nobody is visited: one phase, as R has it."""
    rng, cell_of_entry, stratum = _drawn(entries, cases)
    truth = rng.beta(40, 3, CELLS)
    phone = np.where(rng.random(cases) < truth[stratum], "achieved", "not_achieved")
    nothing = np.full(cases, "")
    return Survey(cell_of_entry, _cases(stratum, phone, nothing, nothing, nothing))


def audited_survey(entries: int, cases: int) -> Survey:
    """Every outcome occurs: unreached people, random visits, leads, visits in vain."""
    rng, cell_of_entry, stratum = _drawn(entries, cases)
    phone = rng.choice(ANSWERS, cases, p=[0.01, 0.72, 0.05, 0.07, 0.15])
    reason = rng.choice(("", *REASONS), cases, p=[0.8, 0.19, 0.01])
    site = rng.choice(ANSWERS, cases, p=[0.02, 0.83, 0.02, 0.11, 0.02])
    visit = np.where(reason == "", "", site)
    unreached = np.where(phone == "unresolved", rng.choice(UNREACHED, cases), "")
    return Survey(cell_of_entry, _cases(stratum, phone, visit, reason, unreached))


def _drawn(entries: int, cases: int) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    """Return a generator, the cell of every entry, and those of a simple random sample."""
    rng = np.random.default_rng(SEED)
    weight = rng.gamma(4, size=CELLS)
    cell_of_entry = rng.choice(CELLS, entries, p=weight / weight.sum()).astype(np.int16)
    return rng, cell_of_entry, cell_of_entry[:cases]


def _cases(stratum: np.ndarray, *columns: np.ndarray) -> Cases:
    return Cases(stratum, *(_coded(column) for column in columns))


def _coded(column: np.ndarray) -> Coded:
    words, codes = np.unique(column, return_inverse=True)
    return Coded(codes.astype(np.uint8), words.tolist())

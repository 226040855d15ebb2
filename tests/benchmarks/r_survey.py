"""R survey doing its part of a benchmark, in a process of its own."""

import csv
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from estimation.classes import Coded
from tests.benchmarks.surveys import LEVELS, Survey

SCRIPT = Path(__file__).with_name("estimation_speed.R")
COLUMNS = ("share", "se", "low", "high")


@dataclass(frozen=True)
class Seconds:
    elapsed: float
    processor: float  #: of all processors; other programs disturb it less


@dataclass(frozen=True)
class RunOfR:
    version: str
    seconds: dict[tuple[str, str], Seconds]  #: of each job and level
    figures: dict[tuple[str, str], list[float]]  #: COLUMNS of each level and domain

    def total(self, *jobs: tuple[str, str]) -> Seconds:
        """Add up jobs; all but making the design if none is named."""
        taken = [self.seconds[job] for job in jobs or self.seconds if job[0] != "design"]
        return Seconds(sum(s.elapsed for s in taken), sum(s.processor for s in taken))


def run_r(survey: Survey) -> RunOfR:
    """Let R estimate every level of a survey whose cases all have an answer by phone."""
    with tempfile.TemporaryDirectory() as folder:
        _write_cases(survey, Path(folder, "cases.csv"))
        version = subprocess.run(  # noqa: S603 - our own script
            ["Rscript", "--vanilla", SCRIPT, folder],  # noqa: S607 - wherever R is installed
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        times, figures = (_rows(Path(folder, name)) for name in ("times.csv", "figures.csv"))
    return RunOfR(
        version,
        {(r["job"], r["level"]): Seconds(float(r["elapsed"]), float(r["cpu"])) for r in times},
        {(r["level"], r["domain"]): [float(r[name]) for name in COLUMNS] for r in figures},
    )


def _write_cases(survey: Survey, path: Path) -> None:
    phone = survey.cases.phone
    assert isinstance(phone, Coded)
    cell = np.asarray(survey.cases.stratum)
    achieved = np.array([word == "achieved" for word in phone.words])[phone.codes]
    frame_size = np.asarray(survey.strata().frame_size)
    columns = [achieved, frame_size[cell], *(place[cell] for place in LEVELS.values())]
    names = ("y", "frame_size", *LEVELS)
    np.savetxt(path, np.stack(columns, 1), "%d", delimiter=",", header=",".join(names), comments="")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))

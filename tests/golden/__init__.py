"""Reference numbers of other software, see README.md."""

import csv
import json
from pathlib import Path

HERE = Path(__file__).parent


def expected(name):
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def rows(name):
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def apistrat():
    """The schools as strata names, frame sizes, the stratum of each row, and the rows."""
    schools = rows("apistrat")
    sizes = {school["stype"]: int(school["fpc"]) for school in schools}
    names = list(sizes)
    return names, list(sizes.values()), [names.index(s["stype"]) for s in schools], schools

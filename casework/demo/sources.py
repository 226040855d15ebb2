"""The tables that the demonstration is built from."""

import csv
import hashlib
from functools import cache
from importlib.resources import files

import numpy as np

DEFAULT_SEED = "演示数据-2017"


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Read one CSV file of ``casework/demo/data``, each row keyed by its header."""
    source = files("casework.demo") / "data" / name
    with source.open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def generator(*parts: str) -> np.random.Generator:
    """Return a random generator of its own for each combination of *parts*.

    A county's people do not depend on how many were drawn for the counties before it.
    """
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))

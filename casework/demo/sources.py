"""The tables and the recipe that the demonstration is built from."""

import csv
import hashlib
import io
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

DEFAULT_SEED = "演示数据-2017"


@cache
def read_table(name: str, subject: str = "demo") -> tuple[dict[str, str], ...]:
    """Read one CSV file of a subject's data, each row keyed by its header."""
    source = files(f"casework.{subject}") / "data" / name
    return tuple(csv.DictReader(io.StringIO(source.read_text(encoding="utf-8-sig"))))


@cache
def recipe() -> dict[str, Any]:
    """Read the shares that fictitious people, jobs and faults are drawn by."""
    source = files("casework.demo") / "data" / "synthetic_recipe.json"
    content: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return content


def shares_of(*path: str) -> dict[str, float]:
    """One table of shares of the recipe, without its remarks."""
    table: Any = recipe()
    for step in path:
        table = table[step]
    return {key: float(value) for key, value in table.items() if isinstance(value, int | float)}


def pick(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """Draw one key with a chance in proportion to its share."""
    u = rng.random() * sum(shares.values())
    for key, share in shares.items():
        u -= share
        if u < 0:
            return key
    return next(reversed(shares))


def picks(rng: np.random.Generator, shares: dict[str, float], count: int) -> list[str]:
    """Draw *count* keys, each with a chance in proportion to its share."""
    keys, weights = list(shares), np.array(list(shares.values()))
    return [keys[i] for i in rng.choice(len(keys), size=count, p=weights / weights.sum())]


def generator(*parts: str) -> np.random.Generator:
    """Return a random generator of its own for each combination of *parts*.

    A county's people do not depend on how many were drawn for the counties before it.
    """
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))

"""The plain recount agrees with the product, whatever the survey looks like."""

from collections import Counter
from math import isclose

import numpy as np
import pytest
from scipy import special, stats

from estimation.classes import Cases, Strata
from estimation.domains import Protocol, estimate_domains
from estimation.hypergeometric import exact_limits
from estimation.intervals import INTERVALS
from estimation.plain import limits
from estimation.plain.recompute import figures

PHONE = ("achieved", "deemed", "not_achieved", "unresolved", "")
VISIT = ("achieved", "deemed", "not_achieved", "unresolved", "")


def make_stratum(rng, name, unit, place):
    N = int(rng.choice([0, 1, 2, 5, 30, 200, 3000]))
    n = int(rng.integers(0, min(N, 120) + 1)) if rng.random() < 0.9 else min(N, 200)
    visited, wrong = rng.choice([0, 0, 0.1, 0.3, 0.8]), rng.choice([0.02, 0.2, 0.5])
    chances = np.array([0.65 * (1 - wrong), 0.2 * (1 - wrong), wrong, 0.12, 0.03])
    row = {"project": "x", "province": "410000", "unit": unit, "place": place}
    cases = []
    for _ in range(n):
        phone = str(rng.choice(PHONE, p=chances / chances.sum()))
        kind = str(rng.choice(["refused", "away"])) if phone == "unresolved" else ""
        reason = str(rng.choice(["random", "lead"], p=[0.8, 0.2]))
        visit = str(rng.choice(VISIT, p=[0.7, 0.1, 0.1, 0.05, 0.05]))
        seen = rng.random() < visited
        cases.append(
            {
                "stratum": name,
                "phone": phone,
                "phone_class": kind,
                "visit": visit if seen else "",
                "visit_reason": reason if seen else "",
            }
        )
    return row | {"stratum": name, "frame_size": str(N)}, cases


def make_tables(rng):
    strata, cases = [], []
    for unit in ("a", "b", "c")[: rng.integers(1, 4)]:
        for place in range(rng.integers(1, 5)):
            its_own = rng.random() < 0.1
            code = unit if its_own else f"{unit}{place}"
            stratum, some = make_stratum(rng, f"s{len(strata)}", unit, code)
            strata.append(stratum)
            cases.extend(some)
    return {"strata": strata, "cases": cases, "targets": []}


def set_targets(tables, level, rng):
    size = Counter()
    for row in tables["strata"]:
        if level != "place" or row["place"] != row["unit"]:
            size[row[level]] += int(row["frame_size"])
    part = {code: rng.choice([0, 0.5, 0.8, 0.9, 0.95, 1, 1.1]) for code in size}
    targets = {code: int(size[code] * part[code]) for code in size if rng.random() < 0.8}
    if level != "stratum" and rng.random() < 0.3:
        targets["without a ledger"] = 3
    tables["targets"] = [
        {"project": "x", "level": level, "region": code, "persons": str(persons)}
        for code, persons in targets.items()
    ]
    return targets


def by_the_product(tables, level, targets, method):
    strata = [s for s in tables["strata"] if level != "place" or s["place"] != s["unit"]]
    position = {row["stratum"]: i for i, row in enumerate(strata)}
    cases = [case for case in tables["cases"] if case["stratum"] in position]
    columns = ("phone", "visit", "visit_reason", "phone_class")
    return estimate_domains(
        Strata([s["stratum"] for s in strata], [int(s["frame_size"]) for s in strata]),
        Cases(
            np.array([position[case["stratum"]] for case in cases], dtype=np.int64),
            *([case[name] for case in cases] for name in columns),
        ),
        domain_of_stratum=[row[level] for row in strata],
        targets=targets,
        pool_of_stratum=[row["unit"] for row in strata],
        protocol=Protocol(method["level"], method["interval"], method["phone_answers_accepted"]),
    )


def agree(mine, theirs):
    if isinstance(mine, float) and isinstance(theirs, (int, float)):
        return isclose(mine, theirs, rel_tol=1e-8, abs_tol=1e-8)
    return theirs is None if mine != mine else mine == theirs  # noqa: PLR0124 - nan


@pytest.mark.parametrize("interval", INTERVALS)
def test_every_number_and_decision_is_that_of_the_product(interval):
    decisions, compared = Counter(), 0
    for seed in range(6):
        rng = np.random.default_rng([seed, *interval.encode()])
        tables = make_tables(rng)
        method = {
            "level": float(rng.choice([0.95, 0.9])),
            "interval": interval,
            "phone_answers_accepted": bool(rng.random() < 0.3),
        }
        for level in ("stratum", "place", "unit", "province"):
            targets = set_targets(tables, level, rng)
            if level == "place" and all(s["place"] == s["unit"] for s in tables["strata"]):
                continue
            product = by_the_product(tables, level, targets, method)
            plain = figures(tables, "x", level, method)
            assert set(plain) == set(product.domain)
            for d, name in enumerate(product.domain):
                row = product.row(d)
                for column, value in plain[name].items():
                    assert agree(value, row[column]), (
                        seed,
                        level,
                        name,
                        column,
                        value,
                        row[column],
                    )
                    compared += 1
                decisions[plain[name]["decision"]] += 1
    assert compared > 500
    assert {"met", "not_met", "undetermined", "no_task"} <= set(decisions)


def test_the_beta_and_student_quantiles_are_those_of_scipy():
    for a, b in ((0.5, 0.5), (2, 1), (37.5, 3.2), (900, 40), (30_000, 12.5), (0.3, 400)):
        for p in (0.001, 0.025, 0.05, 0.5, 0.975):
            assert limits.quantile(p, a, b) == pytest.approx(
                special.betaincinv(a, b, p), rel=1e-9, abs=1e-12
            )
    for df in (1, 2.5, 30, 59_000):
        assert limits.t(df, 0.95) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-9)


@pytest.mark.parametrize("mid_p", [False, True])
def test_the_exact_limits_are_those_of_the_product(mid_p):
    rng = np.random.default_rng(7)
    for _ in range(150):
        N = int(rng.integers(1, 400))
        n = int(rng.integers(1, N + 1))
        x = int(rng.integers(0, n + 1))
        level = float(rng.choice([0.9, 0.95, 0.99]))
        low, high = exact_limits([x], [n], [N], level, mid_p=mid_p)
        assert limits.exact_limits(x, n, N, level, mid_p=mid_p) == (low[0], high[0])


def test_a_probability_that_equals_the_risk_is_no_matter_of_its_last_digit():
    # P(X >= 1) is exactly 1/20 if one of 20 is right and one is sampled.
    low, _ = exact_limits([1], [1], [20], 0.9)
    assert low[0] == 2
    assert limits.exact_limits(1, 1, 20, 0.9, mid_p=False)[0] == 2

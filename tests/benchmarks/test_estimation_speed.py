"""The benchmark's own half: it measures the product, and does not flatter it."""

import pytest

from estimation.domains import Protocol, estimate_domains
from tests.benchmarks import estimation_speed
from tests.benchmarks.estimation_speed import Seconds
from tests.benchmarks.r_survey import RunOfR
from tests.benchmarks.surveys import LEVELS, labels, phone_survey

SURVEY = phone_survey(20_000, 8_000)


def test_what_is_timed_is_what_the_product_estimates():
    strata, cases = SURVEY.strata(), SURVEY.cases
    full = estimation_speed.full_domains(strata, cases)
    exact = estimate_domains(
        strata,
        cases,
        domain_of_stratum=labels("cell"),
        protocol=Protocol(interval="hypergeometric_exact"),
    )

    jobs = estimation_speed.capped_shares, estimation_speed.exact_cells
    for job, expected in zip(jobs, (full, [exact]), strict=True):
        for shares, domains in zip(job(strata, cases), expected, strict=True):
            assert shares.domain == domains.domain
            assert shares.share == pytest.approx(domains.share, rel=1e-12)
            assert shares.se == pytest.approx(domains.share_se, rel=1e-12)
            assert shares.low == pytest.approx(domains.share_low, rel=1e-9)
            assert shares.high == pytest.approx(domains.share_high, rel=1e-9)


def r_saying(change):
    """Figures of R that are those of the product, but for a change of some."""
    found = estimation_speed.uncapped_shares(SURVEY.strata(), SURVEY.cases)
    figures = {
        (level, domain): list(row)
        for level, s in zip(LEVELS, found, strict=True)
        for domain, *row in zip(s.domain, s.share, s.se, s.low, s.high, strict=True)
    }
    change(figures["unit", "3"])
    return RunOfR("R", {}, figures)


def test_figures_that_are_not_rs_end_the_benchmark():
    def nothing(row): ...

    def other_share(row):
        row[0] += 1e-8

    def other_error(row):
        row[1] *= 1 + 1e-8

    def other_limit(row):
        row[3] += 1e-5

    def no_limit(row):
        row[2] = float("nan")

    assert "590 domains" in estimation_speed.agreement(SURVEY, r_saying(nothing))
    for change in (other_share, other_error, other_limit, no_limit):
        with pytest.raises(SystemExit, match="NOT THE SAME"):
            estimation_speed.agreement(SURVEY, r_saying(change))


def test_a_ratio_under_its_goal_is_missed(capsys):
    for theirs in (0.9, 1.1, 100.0):
        runs = [Seconds(s, s) for s in (theirs, theirs, 1000.0)]
        estimation_speed.print_ratio("job", runs, [Seconds(0.001, 0.001)], 1000)

    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("MISSED") for line in lines] == [True, False, False]


def test_growth_is_measured(capsys, monkeypatch):
    monkeypatch.setattr(estimation_speed, "SIZES", ((5_000, 900), (10_000, 1_800)))
    monkeypatch.setattr(estimation_speed, "LARGE_RUNS", 1)

    estimation_speed.growth()

    printed = capsys.readouterr().out
    assert "10,000 entries" in printed
    assert "2 times the entries" in printed
    assert printed.count("goal") == 2


def test_imports_are_measured_in_a_process_that_has_not_seen_them():
    assert estimation_speed.import_seconds("import time; time.sleep(0.2)") >= 0.2

"""Shares of all levels at once are those of each level alone."""

import numpy as np
import pytest

from estimation.classes import Cases, Coded, Strata, coded
from estimation.domains import Protocol, estimate_domains
from estimation.shares import estimate_shares
from tests.benchmarks.surveys import LEVELS, audited_survey, labels

SURVEY = audited_survey(9_000, 4_000)


@pytest.mark.parametrize("interval", [None, "korn_graubard_capped", "wald"])
@pytest.mark.parametrize("pools", [None, labels("unit")])
def test_the_levels_of_a_survey_are_estimated_together_as_alone(interval, pools):
    strata, cases = SURVEY.strata(), SURVEY.cases

    found = estimate_shares(
        strata,
        cases,
        cuts=[labels(level) for level in LEVELS],
        pool_of_stratum=pools,
        interval=interval,
        level=0.9,
    )

    assert [len(shares.domain) for shares in found] == [474, 84, 28, 3, 1]
    for level, shares in zip(LEVELS, found, strict=True):
        alone = estimate_domains(
            strata,
            cases,
            domain_of_stratum=labels(level),
            pool_of_stratum=pools,
            protocol=Protocol(level=0.9, interval=interval),
        )
        assert shares.domain == alone.domain
        for name, column in (("share", shares.share), ("share_se", shares.se)):
            assert column == pytest.approx(getattr(alone, name), rel=1e-12, nan_ok=True)
        for name, column in (("share_low", shares.low), ("share_high", shares.high)):
            assert column == pytest.approx(getattr(alone, name), rel=1e-9, nan_ok=True)


def test_coded_columns_mean_the_same_as_words():
    cases = SURVEY.cases
    columns = (cases.phone, cases.visit, cases.visit_reason, cases.phone_class)
    words = Cases(cases.stratum, *([c.words[code] for code in c.codes] for c in columns))

    def shares(of, cut):
        return estimate_shares(SURVEY.strata(), of, cuts=[cut])[0]

    told, kept = shares(words, labels("unit")), shares(cases, coded(labels("unit")))
    assert told.domain == kept.domain
    assert told.share == pytest.approx(kept.share, rel=1e-12, nan_ok=True)
    assert told.high == pytest.approx(kept.high, rel=1e-12, nan_ok=True)


def test_words_that_nobody_says_change_nothing():
    phone = ["achieved"] * 7 + ["not_achieved"] * 3
    column = Coded(np.array([2] * 7 + [0] * 3, np.uint8), ("not_achieved", "deemed", "achieved"))

    def of(phone):
        cases = Cases([0] * 10, phone, [""] * 10, [""] * 10)
        return estimate_shares(Strata(["s"], [50]), cases, cuts=[["all"]])[0]

    assert of(column).share[0] == of(phone).share[0] == pytest.approx(0.7)


def test_pools_coded_with_more_words_than_strata_stay_apart_in_every_cut():
    visits = (["achieved"] * 4 + ["not_achieved"] + [""] * 15) * 3
    cases = Cases(
        np.repeat([0, 1, 2], 20),
        ["achieved"] * 60,
        visits,
        ["random" if visit else "" for visit in visits],
    )
    frame, cuts = Strata(["a", "b", "c"], [50, 60, 70]), [["x", "y", "x"], ["a", "b", "c"]]
    coded_pools = Coded(np.array([0, 3, 0]), ("p", "q", "r", "s"))

    kept = estimate_shares(frame, cases, cuts=cuts, pool_of_stratum=coded_pools)
    told = estimate_shares(frame, cases, cuts=cuts, pool_of_stratum=["p", "s", "p"])

    for one, other in zip(kept, told, strict=True):
        assert one.se == pytest.approx(other.se, rel=1e-12)
        assert one.low == pytest.approx(other.low, rel=1e-12)


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        (Coded(np.array([0, 2]), ("achieved", "")), "codes from 0 to 1"),
        (Coded(np.array([0, -1]), ("achieved", "")), "codes from 0 to 1"),
        (Coded(np.array([0, 1]), ("achieved", "yes")), "'yes' is not one of"),
        (Coded(np.array([0]), ("achieved",)), "equal length"),
    ],
)
def test_impossible_codes_are_refused(phone, words):
    cases = Cases([0, 0], phone, ["", ""], ["", ""])

    with pytest.raises(ValueError, match=words):
        estimate_shares(Strata(["s"], [5]), cases, cuts=[["all"]])


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"cuts": [["a"], ["a", "b"]]}, "a domain, and a pool if any, for each of the 1 strata"),
        ({"cuts": [["a"]], "pool_of_stratum": []}, "a domain, and a pool if any"),
        ({"cuts": [["a"]], "interval": "magic"}, "no interval is called 'magic'"),
        ({"cuts": [["a"]], "level": 0}, "between 0 and 1"),
        ({"cuts": []}, "need cuts with a domain"),
    ],
)
def test_impossible_cuts_and_intervals_are_refused(keywords, words):
    cases = Cases([0, 0], ["achieved"] * 2, ["", ""], ["", ""])

    with pytest.raises(ValueError, match=words):
        estimate_shares(Strata(["s"], [5]), cases, **keywords)


def test_a_kind_of_unresolved_may_bear_the_name_of_an_answer():
    phone = ["achieved"] * 4 + ["unresolved"] * 2
    kinds = [""] * 4 + ["achieved"] * 2
    cases = Cases([0] * 6, phone, [""] * 6, [""] * 6, kinds)

    found = estimate_domains(Strata(["s"], [30]), cases, domain_of_stratum=["u"])

    assert found.resolved[0] == 4
    assert "assumes_mar" in found.flags[0]
    assert found.bounds_low[0] < 0.7

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.response_rates import (
    RATES,
    UNDEFINED,
    Dispositions,
    EligibleShare,
    response_rates,
)
from tests import golden

AAPOR = golden.expected("aapor")
REGIONS = AAPOR["regions"]
LETTERS = Dispositions.__slots__


def rates(*, e=1, domains=("d",), weight=None, **counts):
    counts = {"complete": 0, **counts}
    return response_rates(
        Dispositions(**counts), eligible_share=e, domain_of_stratum=domains, weight=weight
    )


# The published examples


@pytest.mark.parametrize("case", AAPOR["cases"], ids=lambda case: case["id"])
def test_rates_equal_the_published_examples(case):
    found = rates(e=case["e"], **case["counts"])

    for name, value in case["rates"].items():
        if value is None:
            assert found.row(0)[name] == UNDEFINED
        else:
            assert found.row(0)[name] == pytest.approx(value, abs=0.6 * 10 ** -case["digits"])
    if "e_value" in case:
        assert found.eligible_share == pytest.approx([case["e_value"]], abs=1e-9)


def test_rr3_leaves_the_partial_interviews_out_where_a_playbook_forgot_it():
    case = next(case for case in AAPOR["cases"] if case["id"].startswith("G5"))

    found = rates(e=case["e"], **case["counts"])

    assert f"{found.column('RR3')[0]:.2%}" == "34.19%"
    assert f"{found.column('RR4')[0]:.1%}" == "35.6%"


@pytest.mark.parametrize("row", AAPOR["by_stratum"]["rows"], ids=lambda r: str(r["RR3"]))
def test_e_by_subgroup_gives_the_rates_of_nrba(row):
    found = rates(e=EligibleShare.PER_STRATUM, **row["counts"])

    assert found.eligible_share == pytest.approx([row["e"]], abs=1e-7)
    assert found.column("RR3") == pytest.approx([row["RR3"]], abs=1e-7)


@pytest.mark.parametrize("kind", ["unweighted", "weighted"])
@pytest.mark.parametrize("basis", list(EligibleShare))
def test_e_overall_and_by_region_give_the_rates_of_nrba(kind, basis):
    case = REGIONS[kind]

    found = rates(e=basis, domains=REGIONS["regions"], **case["counts"])

    assert found.eligible_share == pytest.approx(case[basis.value]["e"], abs=1e-6)
    assert found.column("RR3") == pytest.approx(case[basis.value]["RR3"], abs=1e-6)
    for name in {"RR1", "RR5"} & set(case):
        assert found.column(name) == pytest.approx(case[name], abs=1e-6)


# Strata, weights and e


def test_weights_multiply_every_count():
    counts = {"complete": [3, 10], "refusal": [4, 2], "unknown_other": [1, 2], "not_eligible": 1}
    heavy = {name: np.array(n) * [7.5, 2] for name, n in counts.items()}
    both = {"e": "per_stratum", "domains": ["u", "u"]}

    weighted = rates(weight=[7.5, 2], **both, **counts)

    assert weighted.values == pytest.approx(rates(**both, **heavy).values)
    assert weighted.values != pytest.approx(rates(**both, **counts).values)


def test_each_stratum_of_a_domain_brings_its_own_e():
    found = rates(
        e="per_stratum",
        domains=["u", "u"],
        complete=[8, 8],
        not_eligible=[0, 8],
        unknown_household=[4, 4],
    )

    assert found.eligible_share.tolist() == [1, 0.5]
    assert found.column("RR3") == pytest.approx([16 / (16 + 4 + 2)])


def test_domains_keep_the_order_in_which_they_occur_and_do_not_mix():
    found = rates(domains=["b", "a", "b"], complete=[1, 2, 3], refusal=[1, 0, 1])

    assert found.domain == ("b", "a")
    assert found.column("RR1").tolist() == pytest.approx([4 / 6, 1])


# Nothing to divide by


def test_no_cases_at_all_print_as_undefined_and_never_as_0_or_1():
    found = rates(domains=["worked", "untouched"], complete=[1, 0])

    assert set(found.row(1).values()) == {UNDEFINED}
    assert found.undefined.tolist() == [[False] * 16, [True] * 16]
    assert UNDEFINED not in found.row(0).values()


def test_unknown_cases_without_anybody_known_leave_the_rates_with_e_undefined():
    found = rates(e="per_stratum", unknown_household=5)

    undefined = {name for name, value in found.row(0).items() if value == UNDEFINED}
    assert undefined == set(RATES) - {"RR1", "RR2", "REF1", "CON1"}
    assert np.isnan(found.eligible_share).all()


def test_an_e_nothing_depends_on_may_be_missing():
    found = rates(e="per_stratum", domains=["u", "u"], complete=[4, 0], refusal=[4, 0])

    assert found.column("RR3").tolist() == [0.5]


def test_everybody_found_ineligible_makes_the_unknown_ineligible_too():
    assert rates(e="overall", unknown_other=3, not_eligible=9).row(0)["RR3"] == UNDEFINED
    assert rates(e="overall", unknown_other=3, not_eligible=9).row(0)["RR1"] == 0


# Bad input


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("wrong", [-1, np.nan, np.inf])
def test_counts_that_cannot_be_are_refused_by_name(letter, wrong):
    with pytest.raises(ValueError, match=f"{letter} must be 0 or more, got .* in 'second'"):
        rates(domains=["first", "second"], **{letter: [1, wrong]})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"complete": [1, 2, 3]}, "need 2 numbers of complete"),
        ({"complete": [[1, 2]]}, "need 2 numbers of complete"),
        ({"weight": [1.0]}, "need 2 numbers of weight"),
        ({"weight": [1, -1]}, "weight must be 0 or more, got -1.0 in 'v'"),
        ({"weight": [1, np.nan]}, "weight must be 0 or more, got nan in 'v'"),
        ({"e": 1.1}, "e must lie between 0 and 1, got 1.1 in 'u'"),
        ({"e": [0.5, 2]}, "e must lie between 0 and 1, got 2.0 in 'v'"),
        ({"e": [0.5, -0.1]}, "e must be 0 or more, got -0.1 in 'v'"),
        ({"e": [0.5, np.nan]}, "e must be 0 or more, got nan in 'v'"),
        ({"e": [0.5, 0.5, 0.5]}, "need 2 numbers of e"),
        ({"e": "casro"}, "'casro' is not a valid EligibleShare"),
        ({"domains": []}, "at least one stratum"),
    ],
)
def test_bad_input_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        rates(**{"domains": ["u", "v"], "complete": 1, **wrong})


def test_a_rate_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no rate is called 'LOC1'"):
        rates(complete=1).column("LOC1")


# What holds for every survey

counts = st.lists(st.integers(0, 50), min_size=9, max_size=9)


@settings(deadline=None)
@given(counts, st.floats(0, 1))
def test_the_rates_are_ordered_whatever_the_counts(numbers, e):
    r = rates(e=e, **dict(zip(LETTERS, numbers, strict=True))).row(0)

    for chain in (("RR1", "RR3", "RR5"), ("RR2", "RR4", "RR6"), ("REF1", "REF2", "REF3")):
        known = [r[name] for name in chain if r[name] != UNDEFINED]
        assert known == pytest.approx(sorted(known))
    for small, large in (("RR1", "RR2"), ("RR3", "RR4"), ("COOP1", "COOP3"), ("RR2", "CON1")):
        if UNDEFINED not in (r[small], r[large]):
            assert r[small] <= r[large] + 1e-12

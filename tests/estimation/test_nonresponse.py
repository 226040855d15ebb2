"""What is assumed of the people nobody reached, and the bounds that assume nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.classes import Cases, Strata, tabulate
from estimation.domains import Protocol, estimate_domains
from estimation.nonresponse import (
    Fill,
    fill_pending_visits,
    fill_rows,
    fill_unresolved,
    unreached,
)


def cases(*groups):
    """Cases from (stratum, number, phone, visit, reason) groups."""
    rows = [group for group in groups for _ in range(group[1])]
    columns = ([row[i] for row in rows] for i in (2, 3, 4))
    return Cases(np.array([row[0] for row in rows], dtype=int), *columns)


COUNTY = (
    (0, 60, "achieved", "", ""),
    (0, 10, "achieved", "achieved", "random"),
    (0, 3, "achieved", "", "random"),  # chosen, not yet visited
    (0, 8, "not_achieved", "", ""),
    (0, 20, "unresolved", "", ""),
    (0, 4, "unresolved", "achieved", "random"),
    (0, 5, "unresolved", "", "random"),
    (0, 6, "achieved", "", "lead"),
)


def table(*groups):
    return tabulate(Strata(["s"], [1000]), cases(*groups))[0]


def column(found, name):
    j = found.names.index(name)
    return found.chosen[0, j], found.visited[0, j], found.achieved[0, j]


# Filling in


@pytest.mark.parametrize(("fill", "achieved"), [(Fill.AGAINST, 10), (Fill.FOR, 13)])
def test_visits_that_brought_nothing_are_taken_as_failed_or_achieved(fill, achieved):
    found = fill_pending_visits(table(*COUNTY), fill)

    assert column(found, "achieved") == (13, 13, achieved)


@pytest.mark.parametrize("fill", Fill)
def test_everyone_without_a_verdict_is_taken_as_failed_or_achieved(fill):
    found = fill_unresolved(table(*COUNTY), fill)

    assert column(found, "unresolved") == (29, 29, 4 + 25 * fill.value)
    assert column(found, "lead") == (6, 6, 6 * fill.value)
    assert column(found, "not_achieved") == (0, 0, 0)
    assert not unreached(found).any()


def test_the_unreached_are_the_unresolved_and_the_leads_without_a_verdict_on_site():
    given = table(*COUNTY)
    counts = dict(zip(given.names, unreached(given)[0], strict=True))

    assert counts == {"lead": 6, "achieved": 0, "deemed": 0, "not_achieved": 0, "unresolved": 25}


def test_rows_are_filled_without_a_visit_being_forgotten():
    given = table(*COUNTY)
    rows = unreached(given)

    found = fill_rows(given, rows / 5, rows / 5)

    assert column(found, "unresolved") == (9, 9, 9)
    assert column(found, "achieved") == column(given, "achieved")


# The bounds stand beside the headline of every domain


def estimate(frame, *groups, domains, **options):
    strata = Strata([f"s{h}" for h in range(len(frame))], frame)
    return estimate_domains(strata, cases(*groups), domain_of_stratum=domains, **options)


def test_every_domain_with_entries_has_bounds_also_without_any_answer():
    found = estimate(
        [500, 500, 500, 500, 0],
        (0, 50, "achieved", "", ""),
        (1, 50, "unresolved", "", ""),
        (3, 50, "", "", ""),
        domains=["answered", "unresolved", "not drawn", "not called", "empty"],
    )

    assert found.bounds_low[1:4] == pytest.approx([0, 0, 0])
    assert found.bounds_high[1:4] == pytest.approx([1, 1, 1])
    assert np.isnan(found.share[1:4]).all()
    assert 0.9 < found.bounds_low[0] < found.share[0] == found.bounds_high[0] == 1
    assert np.isnan([found.bounds_low[4], found.bounds_high[4]]).all()
    assert found.flags[4] == ("no_frame",)


def test_the_bounds_are_those_of_the_sample_and_the_interval_at_each_end():
    # x/n and (x + n - r)/n, each with its sampling error.
    found = estimate(
        [1000],
        (0, 60, "achieved", "", ""),
        (0, 15, "not_achieved", "", ""),
        (0, 25, "unresolved", "", ""),
        domains=["d"],
        targets={"d": 500},
    )
    ends = [
        estimate(
            [1000],
            (0, 60 + more, "achieved", "", ""),
            (0, 40 - more, "not_achieved", "", ""),
            domains=["d"],
        )
        for more in (0, 25)
    ]

    assert found.bounds_low == pytest.approx(ends[0].share_low)
    assert found.bounds_high == pytest.approx(ends[1].share_high)


group = st.tuples(
    st.integers(0, 2),
    st.integers(0, 12),
    st.sampled_from(["achieved", "deemed", "not_achieved", "unresolved", ""]),
    *[st.just(""), st.just("")],
)
visited = st.tuples(
    st.integers(0, 2),
    st.integers(0, 12),
    st.sampled_from(["achieved", "not_achieved", "unresolved"]),
    st.sampled_from(["achieved", "not_achieved", "unresolved", ""]),
    st.sampled_from(["random", "lead"]),
)


@pytest.mark.parametrize("interval", [None, "korn_graubard_capped", "wilson_capped"])
@settings(deadline=None, max_examples=60)
@given(st.lists(group | visited, max_size=12), st.integers(0, 40))
def test_the_headline_lies_within_its_bounds(interval, groups, unseen):
    sampled = [sum(g[1] for g in groups if g[0] == h) for h in range(3)]
    frame = [n + unseen for n in sampled]

    found = estimate(
        frame,
        *groups,
        domains=["d", "d", "e"],
        protocol=Protocol(interval=interval),
    )

    filled = found.frame_size > 0
    assert np.all(np.isfinite(found.bounds_low[filled]))
    assert np.all(np.isfinite(found.bounds_high[filled]))
    known = np.isfinite(found.share)
    assert np.all(found.bounds_low[known] <= found.share[known] + 1e-9)
    assert np.all(found.share[known] <= found.bounds_high[known] + 1e-9)

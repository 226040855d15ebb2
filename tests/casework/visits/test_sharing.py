"""Who goes where and when: no database is needed for that."""

from collections import Counter, defaultdict
from datetime import date
from random import Random

from casework.visits.sharing import Stop, Traveller, share_out

MONDAY = date(2017, 12, 4)
FRIDAY = date(2017, 12, 8)


def stops(places: int, visits: int, *, units: int) -> list[Stop]:
    return [
        Stop(f"p{n}", f"u{n % units}", "", range(n * visits, (n + 1) * visits))
        for n in range(places)
    ]


def share(stops, travellers, *, seed="a seed", per_day=12, first_day=MONDAY):
    return share_out(stops, travellers, first_day=first_day, per_day=per_day, seed=seed)


def test_of_2000_visits_none_is_in_the_inspectors_own_region():
    random = Random(7)
    travellers = [Traveller(n, f"u{n % 28}" if n % 5 else None) for n in range(60)]
    own = {traveller.id: traveller.unit for traveller in travellers}
    places, number = [], 0
    while number < 2000:
        size = min(random.randint(1, 40), 2000 - number)
        place = len(places)
        places.append(Stop(f"p{place}", f"u{place % 28}", "", range(number, number + size)))
        number += size

    shared = share(places, travellers)

    assert sum(len(leg.visits) for leg in shared.legs) == 2000
    assert {number for leg in shared.legs for number in leg.visits} == set(range(2000))
    assert all(own[leg.traveller] != leg.stop.unit for leg in shared.legs)
    days = Counter[tuple[int, date]]()
    units = defaultdict(set)
    for leg in shared.legs:
        days[leg.traveller, leg.on] += len(leg.visits)
        units[leg.traveller, leg.on].add(leg.stop.unit)
    assert max(days.values()) <= 12
    assert all(len(seen) == 1 for seen in units.values())
    load = Counter[int]()
    for leg in shared.legs:
        load[leg.traveller] += len(leg.visits)
    assert max(load.values()) - min(load.values()) <= 40  # within the largest place


def test_what_is_too_much_for_a_day_follows_on_the_next_weekday():
    shared = share(stops(1, 25, units=1), [Traveller(1, None)], per_day=10, first_day=FRIDAY)

    assert [(leg.on, len(leg.visits)) for leg in shared.legs] == [
        (FRIDAY, 10),
        (date(2017, 12, 11), 10),
        (date(2017, 12, 12), 5),
    ]


def test_two_units_are_never_visited_on_one_day():
    shared = share(stops(2, 2, units=2), [Traveller(1, None)])

    assert len({leg.on for leg in shared.legs}) == 2


def test_two_places_of_one_unit_share_a_day_if_it_holds_them():
    shared = share(stops(2, 2, units=1), [Traveller(1, None)])

    assert {leg.on for leg in shared.legs} == {MONDAY}


def test_nobody_goes_to_the_same_county_twice_running_while_others_may():
    travellers = [Traveller(1, None, last_place="p0"), Traveller(2, None, load=100)]

    (leg,) = share(stops(1, 3, units=1), travellers).legs

    assert leg.traveller == 2


def test_if_nobody_else_may_go_the_same_person_goes_and_it_is_told():
    shared = share(stops(1, 3, units=1), [Traveller(1, None, last_place="p0")])

    assert (shared.legs[0].traveller, shared.repeated) == (1, 1)


def test_a_place_to_which_nobody_may_go_is_left():
    shared = share(stops(1, 3, units=1), [Traveller(1, "u0")])

    assert (shared.legs, shared.left) == ([], 3)


def test_the_seed_decides_who_goes_and_nothing_else_does():
    def takers(seed: str) -> list[int]:
        travellers = [Traveller(n, None) for n in range(5)]
        return [leg.traveller for leg in share(stops(10, 1, units=10), travellers, seed=seed).legs]

    assert takers("one") == takers("one")
    assert len({tuple(takers(str(n))) for n in range(20)}) > 10


def test_leads_travel_along_within_the_limit():
    stop = Stop("p0", "u0", "", visits=[1, 2], leads=[7, 8])

    legs = share([stop], [Traveller(1, None)], per_day=3).legs

    assert [(list(leg.visits), list(leg.leads)) for leg in legs] == [([1, 2], [7]), ([], [8])]

"""Sharing places out to inspectors: at random, within what one person can travel, by rotation.

Pure: whoever goes, how far, how often follows from the arguments, and *seed* breaks every tie, so
that a sharing can be made again and looked into.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Stop:
    """What is to be looked at in one office, or in one enterprise of its place."""

    place: str
    unit: str | None  #: the reporting unit of the place
    enterprise: str  #: "" for the office
    visits: Sequence[int]  #: ids of the visits
    leads: Sequence[int] = ()  #: ids of the leads that travel along

    @property
    def size(self) -> int:
        return len(self.visits) + len(self.leads)


@dataclass(slots=True)
class Traveller:
    """An inspector, with what is planned already."""

    id: int
    unit: str | None  #: where the inspector belongs; the province: None
    last_place: str = ""  #: where the latest trip led
    load: int = 0
    days: dict[date, tuple[str | None, int]] = field(default_factory=dict)  #: unit and visits


@dataclass(frozen=True, slots=True)
class Leg:
    """One trip: a day's part of a stop."""

    stop: Stop
    traveller: int
    on: date
    visits: Sequence[int]
    leads: Sequence[int]


@dataclass(frozen=True, slots=True)
class Sharing:
    legs: Sequence[Leg]
    left: int  #: visits and leads at places where every inspector belongs to the unit
    repeated: int  #: places whose inspector was there the last time, since nobody else may go


def share_out(
    stops: Sequence[Stop],
    travellers: Sequence[Traveller],
    *,
    first_day: date,
    per_day: int,
    seed: str,
) -> Sharing:
    """Share *stops* out; *travellers* are brought up to date by it.

    A place goes whole to one inspector, the largest places first, each to whoever has the fewest
    visits by then. Nobody is sent into the own unit, nor to the place of the own latest trip while
    somebody else may go. An inspector is in one unit on any day and makes at most *per_day* visits;
    the rest follows on later weekdays.
    """
    places: dict[str, list[Stop]] = defaultdict(list)
    for stop in stops:
        places[stop.place].append(stop)
    legs: list[Leg] = []
    left = repeated = 0
    for place in sorted(places, key=lambda place: (-_size(places[place]), _lot(seed, place))):
        unit = places[place][0].unit
        able = [t for t in travellers if t.unit is None or t.unit != unit]
        if not able:
            left += _size(places[place])
            continue
        taker = _taker(able, place, seed)
        repeated += taker.last_place == place
        legs += _plan(places[place], taker, first_day=first_day, per_day=per_day)
        taker.last_place = place
    return Sharing(legs, left, repeated)


def _size(stops: Sequence[Stop]) -> int:
    return sum(stop.size for stop in stops)


def _taker(able: Sequence[Traveller], place: str, seed: str) -> Traveller:
    rotated = [traveller for traveller in able if traveller.last_place != place] or able
    return min(rotated, key=lambda t: (t.load, _lot(seed, f"{place}|{t.id}")))


def _plan(
    stops: Sequence[Stop], taker: Traveller, *, first_day: date, per_day: int
) -> Iterator[Leg]:
    for stop in sorted(stops, key=lambda stop: stop.enterprise):
        visits, leads = list(stop.visits), list(stop.leads)
        day = first_day
        while visits or leads:
            room = _room(taker.days, day, stop.unit, per_day)
            if room and (room >= min(per_day, len(visits) + len(leads))):
                some, visits = visits[:room], visits[room:]
                along, leads = leads[: room - len(some)], leads[room - len(some) :]
                made = taker.days.get(day, (stop.unit, 0))[1] + len(some) + len(along)
                taker.days[day] = (stop.unit, made)
                taker.load += len(some) + len(along)
                yield Leg(stop, taker.id, day, some, along)
            day = _next_weekday(day)


def _room(
    days: Mapping[date, tuple[str | None, int]], day: date, unit: str | None, per_day: int
) -> int:
    busy_in, made = days.get(day, (unit, 0))
    return per_day - made if busy_in == unit else 0


def _next_weekday(day: date) -> date:
    day += timedelta(days=1)
    return day if day.weekday() <= _FRIDAY else day + timedelta(days=7 - day.weekday())


def _lot(seed: str, name: str) -> str:
    return sha256(f"{seed}\x1f{name}".encode()).hexdigest()

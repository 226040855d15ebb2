"""What devices tell about how findings came about, and what of it calls for a second look.

These are signals with reasons and never verdicts: a shared photo may be a page that concerns two
persons, a fast journey a clock that was set. Whoever reads them looks at the evidence.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from casework.visits.likeness import near_pairs

EARTH: Final = 6_371_000.0  #: metres
FASTEST: Final = 120.0  #: km/h over land, door to door
SHORTEST: Final = 2_000.0  #: metres; below, positions are too coarse to judge a speed
MOST_SKEW: Final = 600  #: seconds
RARELY_SAME: Final = 3  #: findings at exactly one position
APART: Final = timedelta(hours=1)


class SignalOnSite(StrEnum):
    SAME_PHOTO = "same_photo"  #: the very same file under two cases
    NEAR_PHOTO = "near_photo"  #: the same picture, resized or compressed again
    FAST_TRAVEL = "fast_travel"
    SAME_POSITION = "same_position"
    MADE_UP_POSITION = "made_up_position"  #: the device itself says so
    CLOCK_OFF = "clock_off"


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding, as the device told of it."""

    finding_id: int
    inspector_id: int
    case_id: int
    place_code: str
    found_at: datetime  #: by the device
    skew_seconds: int | None
    position: tuple[float, float] | None = None  #: latitude, longitude
    accuracy: float = 0.0  #: metres
    mocked: bool | None = None

    @property
    def true_time(self) -> datetime:
        """The time of the finding by the server's clock, as far as it can be told."""
        return self.found_at - timedelta(seconds=self.skew_seconds or 0)


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo: of which finding, and what it looks like."""

    finding_id: int
    digest: str
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for a second look, with the findings it is about and its figures."""

    kind: SignalOnSite
    finding_ids: tuple[int, ...]
    facts: Mapping[str, float] = field(default_factory=dict)


def signals_of(seen: Sequence[Seen], shots: Sequence[Shot]) -> list[Signal]:
    """Return every signal, photos first."""
    by_id = {one.finding_id: one for one in seen}
    return [
        *_shared_photos(by_id, shots),
        *(Signal(SignalOnSite.MADE_UP_POSITION, (one.finding_id,)) for one in seen if one.mocked),
        *_fast_travel(seen),
        *_same_positions(seen),
        *_clocks_off(seen),
    ]


def _shared_photos(by_id: Mapping[int, Seen], shots: Sequence[Shot]) -> Iterator[Signal]:
    """Photos of two cases that are one; several of one pair of findings are one signal."""
    usable = [shot for shot in shots if shot.fingerprint and shot.finding_id in by_id]
    found: defaultdict[tuple[SignalOnSite, int, int], list[int]] = defaultdict(list)
    for i, j, bits in near_pairs([shot.fingerprint or "" for shot in usable]):
        first, second = usable[i], usable[j]
        if by_id[first.finding_id].case_id == by_id[second.finding_id].case_id:
            continue
        same = first.digest == second.digest
        kind = SignalOnSite.SAME_PHOTO if same else SignalOnSite.NEAR_PHOTO
        found[kind, first.finding_id, second.finding_id].append(bits)
    for (kind, first_id, second_id), apart in found.items():
        yield Signal(kind, (first_id, second_id), {"photos": len(apart), "bits": min(apart)})


def _fast_travel(seen: Sequence[Seen]) -> Iterator[Signal]:
    for track in _by_inspector(seen).values():
        placed = sorted((one for one in track if one.position), key=lambda one: one.true_time)
        for before, after in pairwise(placed):
            metres = max(0.0, distance(before, after) - before.accuracy - after.accuracy)
            hours = (after.true_time - before.true_time) / timedelta(hours=1)
            if metres > SHORTEST and metres / 1000 > FASTEST * hours:
                facts = {"km": metres / 1000, "minutes": 60 * hours}
                ids = (before.finding_id, after.finding_id)
                yield Signal(SignalOnSite.FAST_TRAVEL, ids, facts)


def _same_positions(seen: Sequence[Seen]) -> Iterator[Signal]:
    """Positions that agree to the last digit: in two places, or again and again over an hour."""
    for track in _by_inspector(seen).values():
        at: defaultdict[tuple[float, float] | None, list[Seen]] = defaultdict(list)
        for one in track:
            at[one.position].append(one)
        for position, there in at.items():
            if position is None:
                continue
            times = [one.true_time for one in there]
            often = len(there) >= RARELY_SAME and max(times) - min(times) >= APART
            if often or len({one.place_code for one in there}) > 1:
                ids = tuple(one.finding_id for one in there)
                yield Signal(SignalOnSite.SAME_POSITION, ids, {"findings": len(ids)})


def _clocks_off(seen: Sequence[Seen]) -> Iterator[Signal]:
    for one in seen:
        if one.skew_seconds is not None and abs(one.skew_seconds) > MOST_SKEW:
            facts = {"minutes": one.skew_seconds / 60}
            yield Signal(SignalOnSite.CLOCK_OFF, (one.finding_id,), facts)


def _by_inspector(seen: Sequence[Seen]) -> Mapping[int, list[Seen]]:
    tracks: defaultdict[int, list[Seen]] = defaultdict(list)
    for one in seen:
        tracks[one.inspector_id].append(one)
    return tracks


def distance(one: Seen, other: Seen) -> float:
    """Return the metres between two findings on the sphere (haversine)."""
    if one.position is None or other.position is None:
        raise ValueError("a finding without a position has no distance")
    (north1, east1), (north2, east2) = (
        tuple(math.radians(angle) for angle in position)
        for position in (one.position, other.position)
    )
    half = (
        math.sin((north2 - north1) / 2) ** 2
        + math.cos(north1) * math.cos(north2) * math.sin((east2 - east1) / 2) ** 2
    )
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))

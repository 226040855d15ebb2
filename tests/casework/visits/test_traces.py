"""Which traces of devices call for a second look, and which do not."""

from datetime import timedelta
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.db import db
from casework.visits.findings import record_finding
from casework.visits.models import Finding
from casework.visits.site_signals import site_signals
from casework.visits.traces import Seen, Shot, SignalOnSite, distance, signals_of
from tests.casework.visits.factories import (
    KAIFENG,
    assign,
    make_report,
    make_visiting_campaign,
    visits_of,
)
from tests.casework.visits.test_likeness import recompressed, scene
from tests.factories import NOON, make_user

LINYING, ZHENGZHOU = (33.8103, 113.9384), (34.7466, 113.6254)
A, B = "a" * 64, "b" * 64
_S = SignalOnSite


def seen(number: int, **changes) -> Seen:
    facts = {
        "finding_id": number,
        "inspector_id": 1,
        "case_id": number,
        "place_code": "411122",
        "found_at": NOON + timedelta(minutes=10 * number),
        "skew_seconds": 0,
        "position": (LINYING[0] + number / 1e5, LINYING[1]),
        "accuracy": 10.0,
    }
    return Seen(**(facts | changes))


def kinds(*findings: Seen, shots=()) -> list[SignalOnSite]:
    return [signal.kind for signal in signals_of(findings, shots)]


def test_an_honest_day_gives_no_signal():
    assert kinds(*(seen(number) for number in range(1, 9))) == []


def test_the_distance_between_two_towns_is_known():
    there = seen(2, position=ZHENGZHOU)
    assert distance(seen(1, position=LINYING), there) == pytest.approx(108_000, rel=0.01)


def test_nobody_drives_a_hundred_kilometres_in_ten_minutes():
    signals = signals_of([seen(1, position=LINYING), seen(2, position=ZHENGZHOU)], [])

    assert [signal.kind for signal in signals] == [_S.FAST_TRAVEL]
    assert signals[0].finding_ids == (1, 2)
    assert signals[0].facts["minutes"] == pytest.approx(10)


def test_the_journey_is_timed_by_the_clock_of_the_server():
    """The device was two hours off at the second finding, and set right meanwhile at none."""
    late = seen(2, position=ZHENGZHOU, found_at=NOON + timedelta(minutes=130), skew_seconds=7200)
    assert _S.FAST_TRAVEL in kinds(seen(1, position=LINYING), late)


def test_a_slow_journey_or_a_coarse_position_is_no_signal():
    slow = seen(2, position=ZHENGZHOU, found_at=NOON + timedelta(hours=3))
    coarse = seen(2, position=(LINYING[0] + 0.2, LINYING[1]), accuracy=30_000.0)
    assert kinds(seen(1, position=LINYING), slow) == []
    assert kinds(seen(1, position=LINYING), coarse) == []


def test_two_inspectors_may_be_far_apart():
    assert kinds(seen(1, position=LINYING), seen(2, position=ZHENGZHOU, inspector_id=2)) == []


def test_one_position_in_two_places_is_a_signal():
    there = seen(2, position=LINYING, place_code="411121")
    assert kinds(seen(1, position=LINYING), there) == [_S.SAME_POSITION]


def test_one_position_again_and_again_over_an_hour_is_a_signal():
    quick = [seen(number, position=LINYING) for number in (1, 2, 3)]
    slow = [seen(number, position=LINYING) for number in (1, 4, 8)]
    assert kinds(*quick) == []
    assert kinds(*slow) == [_S.SAME_POSITION]


def test_a_position_that_the_device_calls_made_up_is_a_signal():
    assert kinds(seen(1, mocked=True), seen(2, mocked=False)) == [_S.MADE_UP_POSITION]


@pytest.mark.parametrize(("skew", "told"), [(7200, 1), (-7200, 1), (599, 0), (None, 0)])
def test_a_clock_more_than_ten_minutes_off_is_a_signal(skew, told):
    assert kinds(seen(1, skew_seconds=skew)) == [_S.CLOCK_OFF] * told


def test_a_photo_of_one_case_may_be_taken_twice_but_not_stand_under_two():
    print_ = "0f" * 64
    shots = [Shot(1, A, print_), Shot(2, A, print_)]
    assert kinds(seen(1), seen(2), shots=shots) == [_S.SAME_PHOTO]
    assert kinds(seen(1), seen(2, case_id=1), shots=shots) == []
    assert kinds(seen(1), seen(2), shots=[shots[0], Shot(2, B, print_)]) == [_S.NEAR_PHOTO]
    assert kinds(seen(1), seen(2), shots=[shots[0], Shot(2, A, None)]) == []


def test_photos_reused_under_other_cases_are_flagged_three_of_three(app):
    campaign, inspector = a_campaign_with_findings()

    lines = site_signals(campaign, actor=make_user(Role.COORDINATOR))

    first = db.session.scalars(select(Finding.id).order_by(Finding.id)).first()
    photos = [line for line in lines if line.signal.kind in {_S.SAME_PHOTO, _S.NEAR_PHOTO}]
    shared = {line.findings[1].id for line in photos if line.findings[0].id == first}
    assert len(shared) == 3
    assert {line.findings[0].inspector.id for line in lines} == {inspector.id}
    assert site_signals(campaign, actor=make_user(Role.COORDINATOR, region=KAIFENG)) == []


def a_campaign_with_findings():
    """Five findings of one inspector; three show the photo of the first: same, small, poor."""
    inspector = make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign(*["N2"] * 5)
    assign(campaign)
    original = scene(np.random.default_rng(3))
    images = [original, original, original.resize((400, 300)), recompressed(original), other()]
    for visit, image in zip(visits_of(campaign), images, strict=True):
        report = make_report("N2", photos=[as_png(image)])
        record_finding(visit.uid, report, actor=inspector, at=NOON + timedelta(hours=3))
    return campaign, inspector


def other() -> Image.Image:
    return scene(np.random.default_rng(4))


def as_png(image: Image.Image) -> bytes:
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()

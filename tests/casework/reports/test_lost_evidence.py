"""What papers say of photos that were lost or altered, and of calls without a recording."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from casework.cases.models import Case
from casework.db import db, new_uid
from casework.regions.models import PROVINCE
from casework.reports.lost_evidence import EvidenceLost, must_be_whole, recordings
from casework.reports.models import HandoutKind, HandoutState
from casework.visits.models import Photo, Visit
from tests.casework.estimates.factories import LINYING, LUOHE, add_attempt, add_finding
from tests.casework.reports.test_handouts import (
    RELEASED,
    file_of,
    made,
    make_run,
    publish,
    words_of,
)
from tests.factories import LANKAO, NOON, saved
from tests.grounds import begins_with

DIGEST = "d" * 64


def make_survey():
    """Publish a run of which one photo is no longer what came."""
    run = make_run()
    publish(run, on=RELEASED.date())
    visit = db.session.scalars(
        select(Visit).join(Case).where(Case.region_code == LINYING).order_by(Visit.id).limit(1)
    ).one()
    photo = Photo(uid=new_uid(), finding_id=visit.findings[-1].id, digest=DIGEST, received_at=NOON)
    photo.original_sealed = photo.shown_sealed = b"not what came"
    saved(photo)
    return run, visit


pytestmark = [begins_with(make_survey), pytest.mark.one_engine]


@pytest.mark.both_engines
def test_no_certificate_is_made_where_a_photo_is_lost_until_the_case_is_visited_anew(begun):
    run, visit = begun
    for code in (LINYING, LUOHE, PROVINCE):
        with pytest.raises(EvidenceLost) as refused:
            must_be_whole(run, code)
        assert refused.value.facts == {"cases": [visit.case.code]}
    must_be_whole(run, LANKAO)
    assert recordings(run, LINYING).missing == 0
    add_attempt(visit.case)
    assert recordings(run, LINYING) == recordings(run, PROVINCE)
    assert recordings(run, PROVINCE).missing == 1
    add_finding(visit, "V1")
    must_be_whole(run, PROVINCE)


def test_the_worker_says_why_it_made_no_certificate(begun):
    run, _visit = begun
    refused = made(run, HandoutKind.CERTIFICATE_WORD, region=LUOHE)
    assert (refused.state, refused.failure) == (HandoutState.FAILED, "EvidenceLost")
    assert made(run, HandoutKind.CERTIFICATE_WORD, region=LANKAO).state is HandoutState.DONE


def test_report_and_notice_name_the_case_and_the_bundle_the_digest(begun):
    run, visit = begun
    for kind in (HandoutKind.REPORT_WORD, HandoutKind.NOTICE_WORD):
        words = words_of(file_of(made(run, kind, region=LUOHE)))
        assert f"有 1 个个案的现场照片在收到后丢失或被改动：{visit.case.code}" in words
        assert "丢失" not in words_of(file_of(made(run, kind, region=LANKAO)))
    with zipfile.ZipFile(io.BytesIO(file_of(made(run, HandoutKind.BUNDLE)))) as archive:
        assert json.loads(archive.read("manifest.json"))["lost_photos"] == [DIGEST]

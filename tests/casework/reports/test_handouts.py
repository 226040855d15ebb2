"""Papers of a run: made by a job, kept by their digest, and shown to nobody whose they are not."""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Frame, FrameEntry
from casework.campaigns.protocol_errors import StillSecret
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.estimates.judging_models import RunStanding
from casework.estimates.stages import RunStage
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.reports.certificates import ResultUnpublished
from casework.reports.handouts import (
    content_of,
    find_handout,
    handouts_of,
    make_handout,
    request_handout,
    take_out,
    unmade,
)
from casework.reports.models import Handout, HandoutKind, HandoutState
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    LUOHE,
    WUYANG,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.casework.reports.test_bundle import make_old_run
from tests.factories import LANKAO, NOON, make_user
from webapp.reports.making import WRITERS

pytestmark = pytest.mark.one_engine

RELEASED = datetime(2018, 1, 15, 4, tzinfo=UTC)
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def make_run(*, interim=False):
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=4),
        Said(PhoneClass.NOT_ACHIEVED, "N1", LEAD),
        Said(PhoneClass.REFUSED),
        *([Said(phone=None)] if interim else []),
        frame_size=12,
    )
    make_stratum(campaign, Said(times=3), frame_size=20, region=WUYANG)
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=2), frame_size=2, region=LANKAO, unit=LANKAO
    )
    set_target(campaign, LUOHE, 25, Project.RE_EMPLOYMENT)
    set_target(campaign, LANKAO, 2, Project.RE_EMPLOYMENT)
    freeze(campaign)
    return computed(campaign)


def freeze(campaign):
    """Put the entries of the sampled people into a frame."""
    frame = Frame(
        campaign_id=campaign.id,
        digest="f" * 64,
        content_digest="f" * 64,
        entries=0,
        frozen_by_id=campaign.opened_by_id,
        frozen_at=NOON,
    )
    db.session.add(frame)
    db.session.flush()
    for case in db.session.scalars(select(Case).where(Case.campaign_id == campaign.id)):
        entry = FrameEntry(entry_uid=case.entry_uid, stratum_id=case.stratum_id, content_digest="")
        entry.frame_id = frame.id
        db.session.add(entry)
    db.session.commit()


def publish(run, on=date(2018, 1, 20)):
    standing = RunStanding(run_id=run.id, stage=RunStage.PUBLISHED, announced_on=on)
    standing.published_on = on
    db.session.add(standing)
    db.session.commit()


def made(run, kind, *, region=PROVINCE, actor=None, at=RELEASED, language="zh"):
    actor = actor or make_user(Role.VERIFIER)
    asked = request_handout(run.uid, region, kind, language=language, actor=actor, at=at)
    make_handout(asked.uid, WRITERS, at=at)
    return db.session.scalars(select(Handout).where(Handout.id == asked.id)).one()


def file_of(handout) -> bytes:
    return b"".join(content_of(handout))


def words_of(content: bytes) -> str:
    paper = docx.Document(io.BytesIO(content))
    section = paper.sections[0]
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    lines = [each.text for each in (*paper.paragraphs, *section.header.paragraphs)]
    return "\n".join([*lines, *(p.text for p in section.footer.paragraphs), *cells])


@pytest.mark.both_engines
def test_every_paper_is_made_and_kept_with_its_digest(app):
    run, verifier = make_run(), make_user(Role.VERIFIER)
    publish(run, on=RELEASED.date())
    for kind in HandoutKind:
        handout = made(run, kind, actor=verifier)
        content = file_of(handout)
        assert (handout.state, handout.failure) == (HandoutState.DONE, "")
        assert handout.digest == hashlib.sha256(content).hexdigest()
        assert handout.size == len(content) > 1000
        assert content[:4] == (b"%PDF" if kind.value.endswith("pdf") else b"PK\x03\x04")
        kept = select(AuditEvent).where(AuditEvent.subject == f"handout:{handout.uid}")
        event = db.session.scalars(kept).one()
        assert (event.action, event.actor_id) == (AuditAction.HANDOUT_MAKE, verifier.id)
        assert event.facts == {
            "kind": kind.value,
            "run": run.uid,
            "region": PROVINCE,
            "digest": handout.digest,
        }


def test_what_leaves_the_office_waits_for_its_day(app):
    run, verifier = make_run(), make_user(Role.VERIFIER)
    for kind in (HandoutKind.BUNDLE, HandoutKind.NOTICE_PDF, HandoutKind.NOTICE_WORD):
        with pytest.raises(StillSecret):
            request_handout(run.uid, PROVINCE, kind, language="zh", actor=verifier, at=NOON)
    assert made(run, HandoutKind.REPORT_PDF, at=NOON).state is HandoutState.DONE


def test_a_certificate_is_of_a_published_result(app):
    run, verifier = make_run(), make_user(Role.VERIFIER)
    asked = {"language": "zh", "actor": verifier, "at": RELEASED}
    with pytest.raises(ResultUnpublished):
        request_handout(run.uid, LUOHE, HandoutKind.CERTIFICATE_PDF, **asked)
    publish(run, on=date(2018, 1, 16))
    with pytest.raises(ResultUnpublished):
        request_handout(run.uid, LUOHE, HandoutKind.CERTIFICATE_PDF, **asked)
    day = RELEASED + timedelta(days=1)
    handout = made(run, HandoutKind.CERTIFICATE_WORD, region=LUOHE, actor=verifier, at=day)
    words = words_of(file_of(handout))

    for said in ("核查结果证明", "2017年度 第1-411100号", "漯河市", run.uid, run.input_digest):
        assert said in words


@pytest.mark.both_engines
def test_a_city_gets_its_own_papers_alone(app):
    run, city = make_run(), make_user(Role.VERIFIER, region=LUOHE)
    # Campaign.results_from is compared with the day of the database, which is long past it.
    whole, other = made(run, HandoutKind.ANNEX), made(run, HandoutKind.ANNEX, region=LANKAO)
    own = made(run, HandoutKind.ANNEX, region=LINYING, actor=city)

    assert [each.id for each in handouts_of(run, actor=city)] == [own.id]
    for foreign in (whole, other):
        with pytest.raises(NotFound):
            take_out(foreign.uid, actor=city, at=RELEASED)
    for code in (PROVINCE, LANKAO):
        with pytest.raises(NotFound):
            request_handout(
                run.uid, code, HandoutKind.ANNEX, language="zh", actor=city, at=RELEASED
            )
    workbook = load_workbook(io.BytesIO(file_of(own)))
    codes = [row[2] for row in workbook["个案"].iter_rows(min_row=2, values_only=True)]
    assert set(codes) == {LINYING, None}


@pytest.mark.both_engines
def test_before_the_day_a_city_gets_nothing(app):
    run, city = make_run(), make_user(Role.VERIFIER, region=LUOHE)
    own = made(run, HandoutKind.REPORT_PDF, region=LUOHE)
    run.campaign.results_from = date(2999, 1, 1)
    db.session.commit()

    with pytest.raises(NotFound):
        take_out(own.uid, actor=city, at=NOON)
    with pytest.raises(NotFound):
        request_handout(run.uid, LUOHE, HandoutKind.REPORT_PDF, language="zh", actor=city, at=NOON)


def test_a_bundle_is_of_the_whole_province(app):
    run, verifier = make_run(), make_user(Role.VERIFIER)
    with pytest.raises(NotFound):
        request_handout(
            run.uid, LUOHE, HandoutKind.BUNDLE, language="zh", actor=verifier, at=RELEASED
        )


def test_whoever_takes_a_paper_out_is_kept(app):
    handout, verifier = made(make_run(), HandoutKind.REPORT_PDF), make_user(Role.VERIFIER)
    take_out(handout.uid, actor=verifier, at=RELEASED)
    kept = select(AuditEvent).where(AuditEvent.action == AuditAction.HANDOUT_TAKE)
    event = db.session.scalars(kept).one()

    assert event.actor_id == verifier.id
    assert event.facts == {"kind": "report_pdf", "digest": handout.digest}


@pytest.mark.both_engines
def test_a_finished_paper_never_changes(app):
    handout = made(make_run(), HandoutKind.REPORT_PDF)
    make_handout(handout.uid, WRITERS, at=RELEASED)
    assert db.session.scalar(select(Handout.digest)) == handout.digest
    for change in ("UPDATE handout SET digest = 'x'", "DELETE FROM handout_part"):
        with pytest.raises(IntegrityError):
            db.session.execute(text(change))
        db.session.rollback()


@pytest.mark.both_engines
def test_a_paper_that_cannot_be_made_says_why(app):
    run = make_old_run(make_run())
    asked = request_handout(
        run.uid,
        PROVINCE,
        HandoutKind.BUNDLE,
        language="zh",
        actor=make_user(Role.VERIFIER),
        at=RELEASED,
    )
    assert list(unmade(before=RELEASED)) == []
    make_handout(asked.uid, WRITERS, at=RELEASED)

    handout = find_handout(asked.uid, actor=make_user(Role.VERIFIER))
    assert (handout.state, handout.failure) == (HandoutState.FAILED, "RunOutdated")

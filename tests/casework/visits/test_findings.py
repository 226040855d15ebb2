from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.cases.lifecycle import CaseState
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.projects import Project
from casework.sealing import unseal
from casework.visits.checklists import OutcomeContradicts, OutcomeDoesNotSuit, ReasonMissing
from casework.visits.findings import WordsTooMany, record_finding
from casework.visits.models import Finding, Lead, LeadResult, Photo, Visit, VisitState
from casework.visits.photos import NotAPhoto, TooManyPhotos
from tests.casework.visits.factories import (
    make_assigned_visit,
    make_photo,
    make_report,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import NOON, make_user
from tests.grounds import begins_with, nothing

LATER = NOON + timedelta(hours=3)


def make_work() -> tuple[Visit, User]:
    make_user(Role.INSPECTOR)
    return make_assigned_visit()


pytestmark = [begins_with(make_work), pytest.mark.one_engine]


@pytest.fixture
def visit_and_inspector(begun):
    return begun


def test_a_finding_closes_the_case_with_what_was_established(visit_and_inspector):
    visit, inspector = visit_and_inspector
    report = make_report("N2", note="演示：本人称从未就业", reasons={"R1": "无登记"})

    finding = record_finding(visit.uid, report, actor=inspector, at=LATER)

    assert visit.case.site_outcome == "N2"
    assert visit.case.state is CaseState.CLOSED
    assert visit.state is VisitState.DONE
    assert finding.checklist["R4"] == "denies"
    assert (finding.note, finding.reasons) == ("演示：本人称从未就业", {"R1": "无登记"})
    assert (finding.found_at, finding.received_at) == (report.found_at, LATER)


@pytest.mark.parametrize(
    ("outcome", "result"),
    [("V1", "true"), ("D1", "true"), ("N2", "false"), ("N3", "false"), ("U1", "unresolved")],
)
def test_the_lead_gets_its_result(visit_and_inspector, outcome, result):
    visit, inspector = visit_and_inspector

    record_finding(visit.uid, make_report(outcome), actor=inspector, at=LATER)

    assert db.session.scalar(select(Lead.result)) is LeadResult(result)


def test_another_inspectors_visit_does_not_exist(visit_and_inspector):
    visit, _ = visit_and_inspector
    with pytest.raises(NotFound):
        record_finding(visit.uid, make_report(), actor=make_user(Role.INSPECTOR), at=LATER)


@begins_with(nothing)
def test_a_visit_nobody_was_given_does_not_exist_for_anyone(app):
    campaign = make_visiting_campaign("N2")
    inspector = make_user(Role.INSPECTOR)
    with pytest.raises(NotFound):
        record_finding(visits_of(campaign)[0].uid, make_report(), actor=inspector, at=LATER)


@pytest.mark.both_engines
def test_the_same_key_twice_records_once(visit_and_inspector):
    visit, inspector = visit_and_inspector
    report = make_report(photos=[make_photo()])

    first = record_finding(visit.uid, report, actor=inspector, at=LATER)
    again = record_finding(visit.uid, report, actor=inspector, at=LATER)

    assert again.id == first.id
    assert count(Finding) == count(Photo) == 1
    assert count(AuditEvent, AuditEvent.action == AuditAction.FINDING_RECORD) == 1


@pytest.mark.both_engines
def test_a_correction_is_a_new_row_and_the_latest_counts(visit_and_inspector):
    visit, inspector = visit_and_inspector
    first = record_finding(visit.uid, make_report("N2"), actor=inspector, at=LATER)
    correction = make_report("V2", seen=frozenset({first.idempotency_key}))

    record_finding(visit.uid, correction, actor=inspector, at=LATER)

    db.session.expire_all()
    assert [finding.outcome for finding in visit.findings] == ["N2", "V2"]
    assert visit.case.site_outcome == "V2"
    assert db.session.scalar(select(Lead.result)) is LeadResult.TRUE


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"outcome": "S1"}, OutcomeDoesNotSuit),
        ({"outcome": "N2"}, OutcomeContradicts),
        ({"note": "长" * 2001}, WordsTooMany),
        ({"photos": [make_photo(), b"text"]}, NotAPhoto),
        ({"photos": [make_photo()] * 21}, TooManyPhotos),
        ({"photos": [b"not opened: there are too many"] * 21}, TooManyPhotos),
    ],
)
def test_a_refused_finding_leaves_nothing_behind(visit_and_inspector, changes, error):
    visit, inspector = visit_and_inspector
    with pytest.raises(error):
        record_finding(visit.uid, replace(make_report("V1"), **changes), actor=inspector, at=LATER)

    assert count(Finding) == count(Photo) == 0
    assert visit.case.state is CaseState.TO_VISIT
    assert visit.state is VisitState.ASSIGNED


def test_what_does_not_conform_needs_a_reason(visit_and_inspector):
    visit, inspector = visit_and_inspector
    report = make_report("N2")
    refused = make_report("N2", checklist={**report.checklist, "R3": "fails"})
    with pytest.raises(ReasonMissing):
        record_finding(visit.uid, refused, actor=inspector, at=LATER)


@pytest.mark.both_engines
def test_photos_are_sealed_with_their_digest(visit_and_inspector):
    visit, inspector = visit_and_inspector
    sent = make_photo("PNG")

    record_finding(visit.uid, make_report(photos=[sent]), actor=inspector, at=LATER)

    photo = db.session.scalar(select(Photo))
    assert photo is not None
    stored = photo.original_sealed
    assert sent not in stored
    assert unseal(stored, table="photo", column="original", row=photo.uid) == sent
    event = db.session.scalar(
        select(AuditEvent).where(AuditEvent.action == AuditAction.FINDING_RECORD)
    )
    assert event is not None
    assert event.facts["photos"] == [photo.digest]


@pytest.mark.both_engines
def test_a_case_takes_twenty_photos_over_all_its_findings(visit_and_inspector):
    visit, inspector = visit_and_inspector
    many = [make_photo(size=(8, 8))] * 15
    first = record_finding(visit.uid, make_report(photos=many), actor=inspector, at=LATER)
    more = make_report(photos=many, seen=frozenset({first.idempotency_key}))

    with pytest.raises(TooManyPhotos) as refused:
        record_finding(visit.uid, more, actor=inspector, at=LATER)

    assert refused.value.facts == {"stored": 15, "sent": 15}


@begins_with(nothing)
def test_a_worker_of_an_enterprise_is_judged_by_the_enterprise_list(app):
    make_user(Role.INSPECTOR)
    visit, inspector = make_assigned_visit("SN", project=Project.OVERCAPACITY)

    record_finding(visit.uid, make_report("S1", Project.OVERCAPACITY), actor=inspector, at=LATER)

    assert visit.case.site_outcome == "S1"


def count(model, *where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0

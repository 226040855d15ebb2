"""Reports from a device that was without a network: once each, and nothing thrown away."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import CampaignState
from casework.cases.lifecycle import CaseState
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.sealing import unseal
from casework.visits.findings import CampaignOver, record_finding
from casework.visits.kept import (
    ReasonUnusable,
    accept_kept,
    dismiss_kept,
    kept_image,
    number_waiting,
    waiting_conflicts,
)
from casework.visits.kept_models import Conflict, KeptFinding, KeptImage
from casework.visits.models import Finding, Photo, Signature, Signer, Visit, VisitState
from casework.visits.photos import NotAPhoto
from casework.visits.receiving import receive_finding
from casework.visits.worklist import visit_pass
from tests.casework.visits.factories import KAIFENG, make_assigned_visit, make_photo, make_report
from tests.factories import LUOHE, NOON, make_user
from tests.grounds import begins_with

LATER = NOON + timedelta(hours=5)
PLACE = {"latitude": 33.82, "longitude": 113.94, "accuracy": 14.0, "mocked": None}


def make_work() -> tuple[Visit, User]:
    make_user(Role.INSPECTOR)
    return make_assigned_visit()


pytestmark = begins_with(make_work)


@pytest.fixture
def visit_and_inspector(begun):
    return begun


@pytest.fixture
def visit(visit_and_inspector):
    return visit_and_inspector[0]


@pytest.fixture
def inspector(visit_and_inspector):
    return visit_and_inspector[1]


def send(visit, inspector, report=None, *, at=LATER, shown=None):
    if shown is None:
        shown = visit_pass(visit.uid, inspector)
    return receive_finding(
        visit.uid, report or make_report("N2"), shown=shown, actor=inspector, at=at
    )


def withdraw(visit):
    with transaction():
        visit.state, visit.inspector_id = VisitState.PLANNED, None


def give_to_another(visit):
    other = make_user(Role.INSPECTOR)
    with transaction():
        visit.inspector_id = other.id
    return other


def report_from_another_page(visit):
    own = db.session.get_one(User, visit.inspector_id)
    record_finding(visit.uid, make_report("V1"), actor=own, at=LATER)


def end_the_campaign(visit):
    with transaction():
        visit.case.campaign.state = CampaignState.CLOSED


def find_by_another(visit):
    other = give_to_another(visit)
    record_finding(visit.uid, make_report("V1"), actor=other, at=LATER)
    return other


def test_a_report_is_recorded_with_the_clocks_of_device_and_server(visit, inspector):
    report = make_report("N2", skew_seconds=7200, place=PLACE)

    receipt = send(visit, inspector, report)

    finding = db.session.scalar(select(Finding))
    assert receipt.conflict is None
    assert (receipt.uid, receipt.received_at) == (finding.uid, LATER)
    assert (finding.found_at, finding.received_at) == (report.found_at, LATER)
    assert finding.skew_seconds == 7200
    assert finding.place == PLACE
    assert visit.case.state is CaseState.CLOSED


def test_signatures_are_sealed_beside_the_finding(visit, inspector):
    drawn = make_photo("PNG", size=(300, 96))
    report = make_report("N2", signatures={Signer.INSPECTOR: drawn, Signer.CLERK: drawn})

    send(visit, inspector, report)

    signatures = db.session.scalars(select(Signature)).all()
    assert {signature.signer for signature in signatures} == set(Signer)
    for one in signatures:
        assert drawn not in one.original_sealed
        assert (
            unseal(one.original_sealed, table="signature", column="original", row=one.uid) == drawn
        )


def test_the_same_report_sent_again_gets_the_same_receipt(visit, inspector):
    report = make_report("N2", photos=[make_photo()])

    first = send(visit, inspector, report)
    again = send(visit, inspector, report, at=LATER + timedelta(hours=1))

    assert again == first
    assert count(Finding) == count(Photo) == 1


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (withdraw, Conflict.WITHDRAWN),
        (give_to_another, Conflict.REASSIGNED),
        (find_by_another, Conflict.FOUND_BY_OTHER),
        (end_the_campaign, Conflict.CLOSED),
        (report_from_another_page, Conflict.FOUND_TWICE),
    ],
)
def test_what_comes_too_late_is_kept_with_its_evidence(visit, inspector, meanwhile, why):
    meanwhile(visit)
    found = count(Finding)
    report = make_report("N2", photos=[make_photo()], note="演示备注")

    receipt = send(visit, inspector, report)
    again = send(visit, inspector, report)

    assert receipt.conflict is why
    assert again == receipt
    assert (count(KeptFinding), count(KeptImage), count(Finding)) == (1, 1, found)
    line = waiting_conflicts(make_user(Role.COORDINATOR))[0]
    assert (line.kept.why, line.outcome, line.note) == (why, "N2", "演示备注")


def test_a_correction_in_sight_of_the_earlier_report_counts_though_that_was_still_on_the_phone(
    visit, inspector
):
    first = make_report("N2")
    correction = make_report("V2", seen=frozenset({first.idempotency_key, "of another day"}))

    send(visit, inspector, first)
    receipt = send(visit, inspector, correction)

    assert receipt.conflict is None
    assert visit.case.site_outcome == "V2"


def test_a_kept_report_keeps_names_and_words_sealed(visit, inspector):
    withdraw(visit)
    photo = make_photo()

    send(visit, inspector, make_report("N2", note="演示备注", photos=[photo]))

    assert "演示备注".encode() not in db.session.scalar(select(KeptFinding.report_sealed))
    assert photo not in db.session.scalar(select(KeptImage.original_sealed))


def test_whoever_was_never_shown_the_visit_has_nothing_to_report(visit):
    stranger = make_user(Role.INSPECTOR)
    for shown in ("", visit_pass(visit.uid, make_user(Role.INSPECTOR))):
        with pytest.raises(NotFound):
            send(visit, stranger, shown=shown)

    assert count(KeptFinding) == 0


def test_a_refused_report_leaves_nothing_and_may_be_sent_again(visit, inspector):
    report = make_report("N2", photos=[b"no photo"], idempotency_key="one key")
    with pytest.raises(NotAPhoto):
        send(visit, inspector, report)

    send(visit, inspector, make_report("N2", photos=[make_photo()], idempotency_key="one key"))

    assert count(Finding) == count(Photo) == 1


def test_what_comes_after_the_campaign_never_counts(visit, inspector):
    end_the_campaign(visit)
    send(visit, inspector)
    kept = db.session.scalar(select(KeptFinding))

    with pytest.raises(CampaignOver):
        accept_kept(kept.uid, actor=make_user(Role.COORDINATOR), at=LATER)
    with pytest.raises(CampaignOver):
        record_finding(visit.uid, make_report("N2"), actor=inspector, at=LATER)

    assert count(Finding) == 0


def test_an_accepted_report_counts_as_the_latest_finding(visit, inspector):
    find_by_another(visit)
    report = make_report(
        "N2", photos=[make_photo()], signatures={Signer.CLERK: make_photo("PNG")}, place=PLACE
    )
    send(visit, inspector, report)
    coordinator = make_user(Role.COORDINATOR)
    kept = db.session.scalar(select(KeptFinding))

    finding = accept_kept(kept.uid, actor=coordinator, at=LATER + timedelta(days=1))

    assert visit.case.site_outcome == "N2"
    assert (finding.inspector_id, finding.found_at) == (inspector.id, report.found_at)
    assert finding.place == PLACE
    assert (len(finding.photos), len(finding.signatures)) == (1, 1)
    assert number_waiting(coordinator) == 0
    assert audited(AuditAction.KEPT_FINDING_ACCEPT) == 1
    with pytest.raises(NotAllowedNow):
        dismiss_kept(kept.uid, "演示", actor=coordinator, at=LATER)


def test_a_dismissed_report_is_kept_with_the_reason(visit, inspector):
    find_by_another(visit)
    send(visit, inspector)
    coordinator = make_user(Role.COORDINATOR)
    kept = db.session.scalar(select(KeptFinding))
    with pytest.raises(ReasonUnusable):
        dismiss_kept(kept.uid, "  ", actor=coordinator, at=LATER)

    dismiss_kept(kept.uid, "演示：以后来的结论为准", actor=coordinator, at=LATER)

    assert visit.case.site_outcome == "V1"
    assert kept.reason == "演示：以后来的结论为准"
    assert waiting_conflicts(coordinator) == []
    assert audited(AuditAction.KEPT_FINDING_DISMISS) == 1


def test_a_coordinator_of_another_unit_sees_no_conflict(visit, inspector):
    withdraw(visit)
    send(visit, inspector, make_report("N2", photos=[make_photo()]))
    elsewhere = make_user(Role.COORDINATOR, region=KAIFENG)
    image = db.session.scalar(select(KeptImage.uid))

    assert waiting_conflicts(elsewhere) == []
    assert number_waiting(make_user(Role.COORDINATOR, region=LUOHE)) == 1
    with pytest.raises(NotFound):
        accept_kept(db.session.scalar(select(KeptFinding.uid)), actor=elsewhere, at=LATER)
    with pytest.raises(NotFound):
        kept_image(image, actor=elsewhere, at=LATER)
    assert kept_image(image, actor=make_user(Role.COORDINATOR), at=LATER).startswith(b"\xff\xd8")


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def audited(action: AuditAction) -> int:
    return len(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all())

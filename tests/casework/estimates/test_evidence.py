"""From a number to its rows, as far as the reader's region goes, and no further."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Campaign
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.estimates.case_order import CaseColumn, CaseOrder
from casework.estimates.cases import PAGE, CaseView, Under, cases_under
from casework.estimates.evidence import RevealPurpose, reveal_person, show_case, shown_photo
from casework.estimates.models import Completion
from casework.estimates.reading import project_detail, region_table
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.sealing import seal
from casework.visits.models import Photo, Visit, VisitReason
from estimation.decision import Decision
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    add_attempt,
    add_finding,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user
from tests.grounds import begins_with, nothing

P1 = Project.RE_EMPLOYMENT
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


#: What a reader sees in the column by which cases are ordered.
SHOWN = {
    CaseColumn.CODE: lambda line: line.code,
    CaseColumn.REGION: lambda line: line.region.code,
    CaseColumn.PHONE_CLASS: lambda line: line.phone_class or "",
    CaseColumn.BY_PHONE: lambda line: line.phone_outcome,
    CaseColumn.ON_SITE: lambda line: line.site_outcome,
    CaseColumn.COUNTS: lambda line: line.outcome,
}


@pytest.fixture
def province(app):
    return make_user(Role.VERIFIER)


@pytest.fixture
def luohe(app):
    return make_user(Role.VERIFIER, region=LUOHE)


def make_survey() -> Campaign:
    """漯河 with two counties, one of them not met, and 兰考, which reports directly."""
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=5), frame_size=5)
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM),
        Said(PhoneClass.NOT_ACHIEVED, "N1", LEAD, times=2),
        Said(PhoneClass.REFUSED),
        frame_size=4,
        region=WUYANG,
    )
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=3), frame_size=3, region=LANKAO, unit=LANKAO
    )
    for region, persons in ((LUOHE, 6), (LINYING, 5), (WUYANG, 3), (LANKAO, 3)):
        set_target(campaign, region, persons, P1)
    return campaign


pytestmark = begins_with(make_survey)


@pytest.fixture
def campaign(begun):
    return begun


def first_case(region: str) -> Case:
    return db.session.scalars(
        select(Case).where(Case.region_code == region).order_by(Case.code).limit(1)
    ).one()


def test_the_province_lists_its_units_and_the_chosen_one_its_counties(campaign, province):
    run = computed(campaign)
    table = region_table(run.uid, PROVINCE, actor=province, chosen=LUOHE)
    with_task = [line for line in table.lines if line.completion is not Completion.NO_TASK]
    assert {(line.region.code, line.level): line.completion for line in with_task} == {
        (LUOHE, 1): Completion.NOT_COMPLETE,
        (LINYING, 2): Completion.COMPLETE,
        (WUYANG, 2): Completion.NOT_COMPLETE,
        (LANKAO, 1): Completion.COMPLETE,
    }
    assert table.chosen.region.code == LUOHE
    assert [(r.code, p, d) for r, p, d in table.reasons][:2] == [
        (LUOHE, P1, Decision.MET),
        (WUYANG, None, Decision.NOT_MET),
    ]


def test_a_city_verifier_sees_the_own_unit_and_nothing_else(campaign, luohe):
    run = computed(campaign)
    table = region_table(run.uid, LUOHE, actor=luohe)
    assert {line.region.unit_code for line in table.lines} == {LUOHE}
    for code in (PROVINCE, LANKAO, "999999"):
        with pytest.raises(NotFound):
            region_table(run.uid, code, actor=luohe)
        with pytest.raises(NotFound):
            project_detail(run.uid, code, P1, actor=luohe)


def test_a_region_that_the_campaign_leaves_out_is_not_found(campaign, province):
    with pytest.raises(NotFound):
        region_table(computed(campaign).uid, "411200", actor=province)


def test_a_figure_comes_with_its_strata_and_with_comparable_regions(campaign, province):
    run = computed(campaign)
    unit = project_detail(run.uid, LUOHE, P1, actor=province)
    assert [row.region_code for row in unit.siblings] == [WUYANG, LINYING]
    assert sum(row.completed for row in unit.strata) == pytest.approx(unit.row.completed)
    county = project_detail(run.uid, LINYING, P1, actor=province)
    assert [row.stratum.key for row in county.strata] == [f"re_employment|{LINYING}"]
    assert county.row.completed == county.strata[0].completed
    total = project_detail(run.uid, PROVINCE, P1, actor=province)
    assert [row.region_code for row in total.siblings] == [LUOHE, LANKAO]


def test_the_cases_under_a_number_are_as_many_as_it_says(campaign, province):
    run = computed(campaign)
    for code in (PROVINCE, LUOHE, WUYANG, LANKAO):
        row = project_detail(run.uid, code, P1, actor=province).row
        page = cases_under(Under(campaign.id, P1, code), actor=province)
        assert page.counts[CaseView.ALL] == len(page.lines) == row.sampled


def test_views_of_the_cases(campaign, province):
    make_stratum(
        campaign,
        Said(site="N2", reason=RANDOM),
        Said(PhoneClass.NOT_ACHIEVED, "V1", LEAD),
        Said(PhoneClass.REFUSED, "U1", RANDOM),
        Said(phone=None),
        Said(),
        frame_size=50,
        region="411103",
    )
    under = Under(campaign.id, P1, "411103")
    page = cases_under(under, actor=province, view=CaseView.DISAGREEING)
    assert [(line.phone_outcome, line.site_outcome) for line in page.lines] == [
        ("V1", "N2"),
        ("N1", "V1"),
    ]
    page = cases_under(under, actor=province, view=CaseView.UNRESOLVED)
    assert [line.phone_class for line in page.lines] == [PhoneClass.REFUSED, None]
    assert page.counts == {CaseView.ALL: 5, CaseView.DISAGREEING: 2, CaseView.UNRESOLVED: 2}


@begins_with(nothing)
def test_pages_follow_each_other_without_a_gap(app, province):
    campaign = make_released_campaign()
    stratum = make_stratum(campaign, Said(times=PAGE + 2), frame_size=100)
    under = Under(campaign.id, P1, PROVINCE, stratum.id)
    first = cases_under(under, actor=province)
    second = cases_under(under, actor=province, after=first.after or "")
    assert (len(first.lines), len(second.lines), second.after) == (PAGE, 2, None)
    assert first.lines[-1].code < second.lines[0].code


@pytest.mark.both_engines
@pytest.mark.parametrize("column", CaseColumn)
@pytest.mark.parametrize("falls", [False, True])
def test_in_every_order_pages_follow_each_other_and_what_has_nothing_comes_last(
    campaign, province, column, falls
):
    under, order = Under(campaign.id, P1), CaseOrder(column, falls)
    whole = cases_under(under, actor=province, order=order).lines
    found, after = [], ""
    while after is not None:
        page = cases_under(under, actor=province, order=order, after=after, size=5)
        found, after = [*found, *page.lines], page.after
    assert [line.uid for line in found] == [line.uid for line in whole]
    shown = [SHOWN[column](line) for line in whole]
    known = [value for value in shown if value]
    assert known == sorted(known, reverse=falls)
    assert shown == known + [""] * (len(whole) - len(known))


@begins_with(nothing)
def test_a_list_of_cases_takes_as_many_queries_for_fifty_as_for_one(app, province):
    campaign = make_released_campaign()
    one = make_stratum(campaign, Said(), frame_size=9)
    many = make_stratum(campaign, Said(times=50), frame_size=90, region=WUYANG)
    unders = [Under(campaign.id, P1, PROVINCE, stratum.id) for stratum in (one, many)]
    few, full = (queries_of(under, actor_id) for actor_id in [province.id] for under in unders)
    assert few == full < 10


def queries_of(under: Under, actor_id: int) -> int:
    db.session.rollback()
    db.session.expunge_all()
    actor = db.session.get_one(User, actor_id)
    asked: list[str] = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    cases_under(under, actor=actor)
    event.remove(Engine, "before_cursor_execute", note)
    return len([statement for statement in asked if statement.startswith("SELECT")])


def test_names_are_covered_in_lists(campaign, province):
    page = cases_under(Under(campaign.id, P1), actor=province)
    assert {line.masked_name for line in page.lines} == {"演**"}


def test_a_case_shows_every_attempt_and_finding_and_that_it_was_looked_at(campaign, province):
    case = first_case(LINYING)
    add_attempt(case, disposition="41", outcome="")
    add_attempt(case)
    visit = db.session.scalars(select(Visit).where(Visit.case_id == case.id)).one()
    add_finding(visit, "V2")
    evidence = show_case(case.uid, actor=province, at=NOON)
    assert [attempt.disposition for attempt in evidence.attempts] == ["41", "11"]
    assert [finding.outcome for finding in evidence.findings] == ["V1", "V2"]
    assert evidence.outcome == "V2"
    assert evidence.masked.id_no == "4101**********9912"
    assert evidence.masked.phones == ["138****0000"]
    shown = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.EVIDENCE_SHOW)
    ).one()
    assert (shown.actor_id, shown.subject) == (province.id, f"case:{case.id}")


def test_a_person_is_revealed_for_a_purpose_that_is_kept(campaign, province):
    case = first_case(LINYING)
    person = reveal_person(
        case.uid, purpose=RevealPurpose.OBJECTION, actor=province, at=NOON + timedelta(days=3)
    )
    assert (person.name, person.id_no) == ("演示2", "410102198503159912")
    kept = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.PERSON_REVEAL)
    ).one()
    assert (kept.purpose, kept.facts) == ("objection", {"code": case.code})


def test_what_lies_in_another_unit_does_not_exist_for_a_city_verifier(campaign, luohe):
    case = first_case(LANKAO)
    with pytest.raises(NotFound):
        show_case(case.uid, actor=luohe, at=NOON)
    with pytest.raises(NotFound):
        reveal_person(case.uid, purpose=RevealPurpose.VERIFICATION, actor=luohe, at=NOON)
    assert cases_under(Under(campaign.id, P1, LANKAO), actor=luohe).lines == []


def test_a_photo_is_shown_within_the_region_alone(campaign, province, luohe):
    visit = db.session.scalars(select(Visit).where(Visit.case_id == first_case(LANKAO).id)).one()
    finding = add_finding(visit, "V1")
    photo = Photo(
        uid="a" * 32,
        finding_id=finding.id,
        digest="d" * 64,
        original_sealed=b"",
        shown_sealed=seal(b"jpeg", table="photo", column="shown", row="a" * 32),
        received_at=NOON,
    )
    db.session.add(photo)
    db.session.commit()
    assert shown_photo(photo.uid, actor=province, at=NOON) == b"jpeg"
    with pytest.raises(NotFound):
        shown_photo(photo.uid, actor=luohe, at=NOON)


def test_an_unreleased_case_does_not_exist_for_readers(campaign, province):
    make_stratum(campaign, Said(phone=None, released=False), frame_size=9, region="411103")
    with pytest.raises(NotFound):
        show_case(first_case("411103").uid, actor=province, at=NOON)
    assert cases_under(Under(campaign.id, P1, "411103"), actor=province).lines == []

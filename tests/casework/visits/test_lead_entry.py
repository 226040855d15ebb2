from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.roles import Role
from casework.cases.models import PhoneClass
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.inputs import read_inputs
from casework.sealing import blind_index
from casework.visits.lead_entry import Entered, LeadDraft, enter_leads
from casework.visits.lead_handling import (
    DueInThePast,
    LeadsDiffer,
    LeadSettledBySite,
    ResultUnexplained,
    Triage,
    merge_leads,
    settle_lead,
    triage_lead,
)
from casework.visits.lead_register import LeadStage, open_lead, stage_of
from casework.visits.models import (
    Lead,
    LeadResult,
    LeadSeverity,
    LeadSource,
    LeadSubject,
    VisitReason,
)
from casework.visits.selection import close_calling
from tests.casework.visits.factories import (
    make_calling_campaign,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LINYING, LUOHE, NOON, make_user

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_engine]

TODAY = date(2017, 12, 4)
DRAFT = LeadDraft(
    source=LeadSource.HOTLINE,
    region_code=LINYING,
    subject=LeadSubject.ENTERPRISE,
    name="示例有限公司",
    words="演示：台账上的人没有在这里上班",
    received_on=TODAY,
    source_no="演示-0001",
)


def enter(campaign, *drafts: LeadDraft) -> Entered:
    return enter_leads(campaign.id, drafts, actor=make_user(Role.COORDINATOR), at=NOON)


def leads() -> list[Lead]:
    return list(db.session.scalars(select(Lead).order_by(Lead.id)))


ID_NO = "41010219850315991X"
ABOUT = replace(DRAFT, subject=LeadSubject.PERSON, name="演示甲", id_no=ID_NO.lower())


def entry_of_id() -> dict[str, str]:
    """The column by which an entry is found under the number."""
    return {"id_index": blind_index(ID_NO, column="id_no")}


def test_a_lead_from_outside_waits_for_triage():
    campaign = make_calling_campaign("V1")

    assert enter(campaign, DRAFT) == Entered(new=1, joined=0, known=0)

    assert [stage_of(lead) for lead in leads()] == [LeadStage.TRIAGE]
    assert leads()[0].words == DRAFT.words


@pytest.mark.both_engines
def test_the_same_words_count_once_however_often_they_are_sent():
    campaign = make_calling_campaign("V1")

    enter(campaign, DRAFT)
    again = enter(campaign, DRAFT, replace(DRAFT, words="另一件事"))

    assert again == Entered(new=1, joined=0, known=1)
    assert len(leads()) == 2


@pytest.mark.both_engines
def test_a_lead_that_names_a_sampled_person_sends_the_case_to_the_site():
    campaign = make_calling_campaign("V1", **entry_of_id())

    assert enter(campaign, ABOUT).joined == 1
    close_calling(campaign.id, actor=make_user(Role.COORDINATOR), at=NOON)

    visits = visits_of(campaign)
    assert [visit.reason for visit in visits] == [VisitReason.LEAD]
    assert visits[0].case_id == leads()[0].case_id


def test_once_visits_are_chosen_a_lead_changes_nothing_in_the_estimate():
    campaign = make_visiting_campaign("V1", shares={PhoneClass.ACHIEVED: 1.0}, **entry_of_id())
    before = read_inputs(campaign).digest({})

    assert enter(campaign, ABOUT) == Entered(new=1, joined=0, known=0)

    assert read_inputs(campaign).digest({}) == before


def test_nothing_is_entered_if_one_region_is_unknown():
    campaign = make_calling_campaign("V1")

    with pytest.raises(NotFound):
        enter(campaign, DRAFT, replace(DRAFT, region_code="999999"))

    assert leads() == []


def test_triage_names_an_owner_and_a_day():
    lead, owner = _one_lead(), make_user(Role.VERIFIER)

    _triage(lead, owner)

    assert stage_of(leads()[0]) is LeadStage.IN_HAND
    assert (leads()[0].owner_id, leads()[0].due_on) == (owner.id, TODAY + timedelta(days=5))


def test_of_two_who_triage_at_once_the_second_is_told():
    lead, owner = _one_lead(), make_user(Role.VERIFIER)
    version = lead.version
    _triage(lead, owner)

    with pytest.raises(StaleDataError):
        _triage(lead, owner, version=version)


def test_a_lead_is_not_due_in_the_past_nor_owned_by_an_operator():
    lead = _one_lead()

    with pytest.raises(DueInThePast):
        _triage(lead, make_user(Role.VERIFIER), due_on=TODAY - timedelta(days=1))
    with pytest.raises(NotFound):
        _triage(lead, make_user(Role.OPERATOR))


@pytest.mark.both_engines
def test_duplicates_are_shown_and_merged_and_the_graver_stays():
    campaign = make_calling_campaign("V1")
    other_words = replace(
        DRAFT,
        source=LeadSource.LETTER,
        source_no="",
        words="同一件事",
        urgent=True,
        name="示例 有限公司",
    )
    enter(campaign, DRAFT, replace(other_words, severity=LeadSeverity.HIGH))
    first, second = leads()
    coordinator = make_user(Role.COORDINATOR)

    assert [lead.id for lead in open_lead(first.uid, actor=coordinator, at=NOON).similar] == [
        second.id
    ]
    merge_leads(second.uid, first.uid, actor=coordinator, at=NOON)

    assert [stage_of(lead) for lead in leads()] == [LeadStage.TRIAGE, LeadStage.MERGED]
    assert (leads()[0].severity, leads()[0].urgent) == (LeadSeverity.HIGH, True)
    with pytest.raises(NotAllowedNow):
        settle_lead(second.uid, LeadResult.TRUE, "查了", actor=coordinator, at=NOON)


def test_a_lead_is_not_merged_into_itself():
    lead = _one_lead()
    with pytest.raises(LeadsDiffer):
        merge_leads(lead.uid, lead.uid, actor=make_user(Role.COORDINATOR), at=NOON)


@pytest.mark.both_engines
def test_every_lead_ends_in_a_result_with_words_and_stays_so():
    lead, coordinator = _one_lead(), make_user(Role.COORDINATOR)

    for words in ("  ", "长" * 2001):
        with pytest.raises(ResultUnexplained):
            settle_lead(lead.uid, LeadResult.FALSE, words, actor=coordinator, at=NOON)
    settle_lead(lead.uid, LeadResult.PASSED_ON, "转劳动监察", actor=coordinator, at=NOON)

    assert stage_of(leads()[0]) is LeadStage.SETTLED
    with pytest.raises(NotAllowedNow):
        settle_lead(lead.uid, LeadResult.TRUE, "又查了", actor=coordinator, at=NOON)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE lead SET result = 'true'"))


def test_a_lead_about_a_case_is_settled_by_its_visit():
    make_visiting_campaign("N2")
    with pytest.raises(LeadSettledBySite):
        settle_lead(
            leads()[0].uid, LeadResult.TRUE, "没去", actor=make_user(Role.COORDINATOR), at=NOON
        )


@pytest.mark.both_engines
def test_the_sample_stays_the_provinces_so_a_unit_opens_no_lead():
    lead = _one_lead()
    with pytest.raises(NotFound):
        open_lead(lead.uid, actor=make_user(Role.COORDINATOR, region=LUOHE), at=NOON)


@pytest.mark.both_engines
def test_opening_a_lead_keeps_who_did_what():
    lead, owner = _one_lead(), make_user(Role.VERIFIER)
    _triage(lead, owner)

    file = open_lead(lead.uid, actor=make_user(Role.COORDINATOR), at=NOON)

    assert [event.action.value for event, _who in file.history] == ["lead:triage"]


def _one_lead() -> Lead:
    enter(make_calling_campaign("V1"), DRAFT)
    return leads()[-1]


def _triage(lead: Lead, owner, *, due_on=TODAY + timedelta(days=5), version=None) -> None:
    triage_lead(
        lead.uid,
        Triage(LeadSeverity.HIGH, urgent=True, owner_id=owner.id, due_on=due_on),
        version=lead.version if version is None else version,
        today=TODAY,
        actor=make_user(Role.COORDINATOR),
        at=NOON,
    )

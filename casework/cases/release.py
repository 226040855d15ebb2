"""Opening a replicate: its sample entries become cases that operators may call."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session, joinedload, load_only

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    ReleaseReason,
    Replicate,
    SampleEntry,
)
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule, PhoneClass, Standing, Tier
from casework.cases.number_index import add_numbers
from casework.cases.numbers import dialable_numbers
from casework.cases.phone_result import NO_NUMBER, PhoneResult
from casework.db import transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project

PREFIX = {
    Project.NEW_EMPLOYMENT: "P0",
    Project.RE_EMPLOYMENT: "P1",
    Project.HARDSHIP: "P2",
    Project.OVERCAPACITY: "P3",
}
_NOT_SETTLED = PhoneResult(PhoneClass.NOT_ACHIEVED, "SN")


class AlreadyReleased(CaseworkError):
    """The replicate is open already."""


class EarlierNotReleased(CaseworkError):
    """The cases follow the order of the draw, so an earlier replicate is opened first."""


class RuleDecides(CaseworkError):
    """The campaign fixed a rule for which replicate is next, so nobody chooses one by hand."""


def release_replicate(
    campaign_id: int,
    number: int,
    *,
    actor: User,
    at: datetime,
    reason: ReleaseReason = ReleaseReason.PLANNED,
) -> int:
    """Open replicate *number* of a campaign and return how many cases it made.

    A claim that itself says "not resettled" and an entry without a number that can be dialled need
    no call: their cases begin with the phone done (SN; U3 as a dead number).

    Raises NotFound if there is no such replicate, NotAllowedNow before the draw and after the end
    of calling, AlreadyReleased the second time, EarlierNotReleased before its turn, RuleDecides
    where the rule of the campaign says which replicate is next.
    """
    with transaction() as session:
        campaign = session.get(Campaign, campaign_id, with_for_update=True)
        replicate = session.get(Replicate, (campaign_id, number))
        if campaign is None or replicate is None:
            raise NotFound(campaign=campaign_id, replicate=number)
        if replicate.unit_code is not None:
            raise RuleDecides(replicate=number)
        return open_replicate(session, campaign, replicate, reason, actor=actor, at=at)


def open_replicate(
    session: Session,
    campaign: Campaign,
    replicate: Replicate,
    reason: ReleaseReason,
    *,
    actor: User,
    at: datetime,
) -> int:
    """Open a replicate inside a unit of work; as :func:`release_replicate`, whatever the rule."""
    if replicate.released_at is not None:
        raise AlreadyReleased(replicate=replicate.number)
    if campaign.state not in {CampaignState.DRAWN, CampaignState.CALLING}:
        raise NotAllowedNow(campaign=campaign.id)
    if (earlier := _waiting_before(session, replicate)) is not None:
        raise EarlierNotReleased(replicate=replicate.number, earlier=earlier)
    made = _make_cases(session, campaign.id, replicate.number, at)
    campaign.state = CampaignState.CALLING
    replicate.released_at, replicate.released_by_id = at, actor.id
    replicate.reason = reason
    trail.record(
        session,
        AuditAction.REPLICATE_RELEASE,
        actor_id=actor.id,
        at=at,
        subject=f"campaign:{campaign.id}",
        facts={"replicate": replicate.number, "cases": made, "reason": reason.value},
    )
    return made


def _waiting_before(session: Session, replicate: Replicate) -> int | None:
    """Return the first closed replicate that comes before in the draw order of the same units."""
    return session.scalar(
        select(Replicate.number)
        .where(
            Replicate.campaign_id == replicate.campaign_id,
            Replicate.part < replicate.part,
            Replicate.released_at.is_(None),
            or_(Replicate.unit_code.is_(None), Replicate.unit_code == replicate.unit_code),
        )
        .order_by(Replicate.part)
        .limit(1)
    )


def _make_cases(session: Session, campaign_id: int, number: int, at: datetime) -> int:
    chosen = session.execute(
        select(SampleEntry, LedgerEntry)
        .join(LedgerEntry, LedgerEntry.uid == SampleEntry.entry_uid)
        .where(SampleEntry.campaign_id == campaign_id, SampleEntry.replicate == number)
        # The keys are random, so the codes of the cases tell nothing of their counties.
        .order_by(SampleEntry.key, SampleEntry.id)
        .options(
            load_only(
                LedgerEntry.uid,
                LedgerEntry.project,
                LedgerEntry.region_code,
                LedgerEntry.claims_not_settled,
                LedgerEntry.phones_sealed,
            )
        )
    )
    rows = [(sampled, entry) for sampled, entry in chosen]
    if rows:
        session.execute(insert(Case), list(_rows(session, campaign_id, rows)))
        session.execute(insert(CaseSchedule), list(_schedules(session, campaign_id, number, at)))
        _index_numbers(session, campaign_id, rows)
        _finish_without_a_call(session, campaign_id, rows, at)
    return len(rows)


def _rows(
    session: Session,
    campaign_id: int,
    chosen: Sequence[tuple[SampleEntry, LedgerEntry]],
) -> Iterator[dict[str, Any]]:
    made = select(Case.project, func.count()).where(Case.campaign_id == campaign_id)
    last: Counter[Project] = Counter()
    for project, so_far in session.execute(made.group_by(Case.project)):
        last[project] = so_far
    for sampled, entry in chosen:
        last[entry.project] += 1
        yield {
            "campaign_id": campaign_id,
            "code": f"{PREFIX[entry.project]}-{last[entry.project]:06}",
            "entry_uid": entry.uid,
            "stratum_id": sampled.stratum_id,
            "project": entry.project,
            "region_code": entry.region_code,
            "replicate": sampled.replicate,
            "state": CaseState.READY,
            "version": 1,
        }


def _schedules(
    session: Session, campaign_id: int, number: int, at: datetime
) -> Iterator[dict[str, Any]]:
    """Put the new cases into the queue, all due now, in random order."""
    made = select(Case.id, Case.uid, Case.region_code).where(
        Case.campaign_id == campaign_id, Case.replicate == number
    )
    rows = session.execute(made).all()
    turns = turns_of({uid: region_code for _id, uid, region_code in rows})
    for case_id, uid, region_code in rows:
        yield {
            "case_id": case_id,
            "campaign_id": campaign_id,
            "region_code": region_code,
            "standing": Standing.DUE,
            "tier": Tier.FRESH,
            "due_at": at,
            "turn": turns[uid],
        }


def turns_of(regions: Mapping[str, str]) -> dict[str, int]:
    """Return for the uid of each case its place in the queue, 0 to 2**63 - 1.

    Inside a region the order is random, as the uids are. The cases of each region are spread over
    the whole range, so that at any time about the same share of every region has had its turn,
    however unequal the regions are.
    """
    of_region: dict[str, list[str]] = defaultdict(list)
    for uid in sorted(regions):
        of_region[regions[uid]].append(uid)
    return {
        uid: ((place << 63) + _fraction(uid)) // len(uids)
        for uids in of_region.values()
        for place, uid in enumerate(uids)
    }


def _fraction(uid: str) -> int:
    """Return a random number, 0 to 2**63 - 1; not of the digits that order the uids."""
    return int(uid[16:], 16) >> 1


def _index_numbers(
    session: Session, campaign_id: int, chosen: Sequence[tuple[SampleEntry, LedgerEntry]]
) -> None:
    made = select(Case.entry_uid, Case.id).where(
        Case.campaign_id == campaign_id, Case.replicate == chosen[0][0].replicate
    )
    ids = dict(session.execute(made).all())
    add_numbers(session, {ids[entry.uid]: dialable_numbers(entry) for _, entry in chosen})


def _finish_without_a_call(
    session: Session,
    campaign_id: int,
    chosen: Sequence[tuple[SampleEntry, LedgerEntry]],
    at: datetime,
) -> None:
    results = {
        entry.uid: result
        for _sampled, entry in chosen
        if (result := _known_without_a_call(entry)) is not None
    }
    if not results:
        return
    first_new = chosen[0][0].replicate
    cases = session.scalars(
        select(Case)
        .where(Case.campaign_id == campaign_id, Case.replicate == first_new)
        .options(joinedload(Case.schedule))
    )
    for case in cases:
        if (result := results.get(case.entry_uid)) is not None:
            case.finish_calls(result.phone_class, result.outcome, actor=None, at=at)


def _known_without_a_call(entry: LedgerEntry) -> PhoneResult | None:
    if entry.claims_not_settled:
        return _NOT_SETTLED
    return None if dialable_numbers(entry) else NO_NUMBER

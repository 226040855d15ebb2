"""One case as a supervisor finds it: where it stands and what was done. Reading only."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.accounts.skills import Skill
from casework.calls.attempts import walk_of
from casework.calls.confirming import author_of, corrected_from
from casework.calls.desk_models import PlacedCall
from casework.calls.dispositions import all_dispositions
from casework.calls.doubts import Doubt, doubt
from casework.calls.freeing import heard_at
from casework.calls.history import calls_of
from casework.calls.models import Attempt
from casework.calls.overruling import may_be_overruled
from casework.calls.pushing import refusal_rests_until
from casework.calls.rules import rules_of
from casework.calls.script import Question
from casework.calls.supervision import Reply, replies_to
from casework.calls.supervision_models import DUPLICATE, OUT_OF_SAMPLE
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule, Standing, Tier
from casework.db import db
from casework.errors import NotFound


@dataclass(frozen=True, slots=True)
class Done:
    """One attempt; re-calls are not among them, since supervisors talk with operators too."""

    uid: str
    at: datetime
    operator: str
    disposition: str  #: "" if it was interrupted or is not closed
    outcome: str
    note: str
    interrupted: bool
    replaced: bool  #: by a later row for the same call; kept as evidence
    corrected_by: str  #: the supervisor who wrote this row, or ""
    correctable: bool  #: by a supervisor: the last call of a case nobody works on
    recordings: tuple[str, ...]  #: where the telephone system says they are found
    answered: tuple[tuple[Question, tuple[str, ...]], ...]  #: with the keys of the answers
    against: Doubt | None  #: what the answers say against the disposition


@dataclass(frozen=True, slots=True)
class Handed:
    """What a supervisor has to know to decide about a case that was handed over."""

    case_id: int
    code: str
    may_be_confirmed: bool  #: as not in the sample
    duplicate: bool  #: namely as a duplicate of another case
    corrected_from: str  #: as what the call was first reported, if its correction is to confirm
    corrected_by_id: int | None  #: who corrected it, and does not confirm it


@dataclass(frozen=True, slots=True)
class WatchedCase:
    case: Case
    schedule: CaseSchedule
    tier: Tier
    skill: Skill | None  #: that the next call needs
    holder: str  #: who has it on the screen, or ""
    heard_at: datetime | None  #: when the holder was heard of last
    owner: str  #: who gets it first, or ""
    rests_until: datetime | None  #: after a soft refusal
    attempts: tuple[Done, ...]
    replies: tuple[Reply, ...]
    handed: Handed | None  #: None unless the case is with the supervisor

    @property
    def waits(self) -> bool:
        """Whether the case can be pushed or given to a skill."""
        return self.case.state is CaseState.READY and self.schedule.standing is not Standing.OUT


def find_case(code: str, *, actor: User) -> WatchedCase:
    """Return the case with this code in a campaign that is calling. Raises NotFound."""
    case = db.session.scalar(
        select(Case)
        .join(Campaign, Campaign.id == Case.campaign_id)
        .where(
            Case.code == code.strip().upper(),
            Campaign.state == CampaignState.CALLING,
            in_scope(actor, Case.region_code),
        )
        .order_by(Case.id.desc())
        .limit(1)
        .options(joinedload(Case.schedule), joinedload(Case.holder))
    )
    if case is None:
        raise NotFound(case=code)
    owner = db.session.get(User, case.schedule.owner_id) if case.schedule.owner_id else None
    return WatchedCase(
        case=case,
        schedule=case.schedule,
        tier=Tier(case.schedule.tier),
        skill=Skill(case.schedule.skill) if case.schedule.skill else None,
        holder=case.holder.name if case.holder and case.state is CaseState.HELD else "",
        heard_at=heard_at(case) if case.state is CaseState.HELD else None,
        owner=owner.name if owner else "",
        rests_until=refusal_rests_until(
            case.schedule, rules_of(db.session(), case.campaign_id).hours
        ),
        attempts=_attempts(case),
        replies=tuple(replies_to(case.id)),
        handed=_handed(case) if case.state is CaseState.ESCALATED else None,
    )


def _handed(case: Case) -> Handed:
    calls = calls_of(db.session(), case.id)
    last = calls.last_closed
    code = "" if last is None else last.disposition
    first = "" if last is None else corrected_from(last, calls.made)
    author = author_of(last) if last and first else None
    return Handed(case.id, case.code, code in OUT_OF_SAMPLE, code == DUPLICATE, first, author)


def _attempts(case: Case) -> tuple[Done, ...]:
    """Return every call, the oldest first; of a corrected one both rows."""
    session = db.session()
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.case_id == case.id, Attempt.blind.is_(False))
        .order_by(Attempt.started_at, Attempt.id)
        .options(
            joinedload(Attempt.operator),
            joinedload(Attempt.corrected_by),
            joinedload(Attempt.case).joinedload(Case.entry),
        )
    ).all()
    recordings: dict[int, list[str]] = defaultdict(list)
    placed = select(PlacedCall).where(PlacedCall.attempt_id.in_([one.id for one in attempts]))
    for call in session.scalars(placed.order_by(PlacedCall.id)):
        recordings[call.attempt_id] += [call.recording] if call.recording else []
    replaced = {one.supersedes_id for one in attempts}
    closed = [one.id for one in attempts if one.disposition and one.id not in replaced]
    last = max(closed, default=None) if may_be_overruled(case) else None
    walks = {one.id: walk_of(one.case, one.answers) for one in attempts}
    found = all_dispositions()
    return tuple(
        Done(
            one.uid,
            one.started_at,
            one.operator.name,
            one.disposition,
            one.outcome,
            one.note,
            interrupted=one.interrupted,
            replaced=one.id in replaced,
            corrected_by=one.corrected_by.name if one.corrected_by else "",
            correctable=one.id == last,
            recordings=tuple(recordings[one.id]),
            answered=walks[one.id].answered,
            against=doubt(found[one.disposition], walks[one.id]) if one.disposition else None,
        )
        for one in attempts
    )

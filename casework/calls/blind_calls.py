"""The steps of a re-call inside a unit of work: choosing an interview, and ending its re-call."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.dispositions import all_dispositions
from casework.calls.history import NUMBER_CHANGED
from casework.calls.holding import calling_is_over
from casework.calls.models import Attempt, stands
from casework.calls.recall_models import Recall, RecallPlan, RecallReason, RecallState
from casework.calls.rules import rules_of
from casework.calls.schedule import day_of
from casework.campaigns.models import Campaign, Draw
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import ORDINARY_PRIORITY, RESOLVED, Case, Standing, Tier
from casework.cases.outcomes import all_outcomes
from casework.cases.phone_result import Ending, PhoneResult
from casework.errors import NotAllowedNow
from sampling.visits import sealed_number


def consider_recall(session: Session, interview: Attempt, at: datetime) -> None:
    """Choose the interview that just ended if its sealed number lies under the share."""
    case = interview.case
    if case.phone_class not in RESOLVED:
        return
    plan = session.get(RecallPlan, case.campaign_id)
    if plan is None or not plan.share:
        return
    if session.scalar(select(Recall.id).where(Recall.case_id == case.id)) is not None:
        return  # a correction of the interview that was chosen
    if recall_number(seed_of(session, case.campaign_id), case) < plan.share:
        choose_recall(session, case.campaign, interview, RecallReason.RANDOM, actor=None, at=at)


def suspend_recall(session: Session, interview: Attempt) -> Recall | None:
    """Take the re-call of an interview out of the way while the interview is corrected.

    It begins the next day at the earliest, when its operator can correct nothing any more. A
    re-call that is over stays as it was, and None is returned.
    """
    recall = session.scalar(select(Recall).where(Recall.first_id == interview.id))
    if recall is None or (recall.state is not RecallState.OPEN and _was_called(session, recall)):
        return None
    recall.state = RecallState.MISSED
    interview.case.schedule.not_for_id = None
    interview.case.schedule.standing = Standing.OUT
    session.flush()
    return recall


def _was_called(session: Session, recall: Recall) -> bool:
    called = select(Attempt.id).where(Attempt.case_id == recall.case_id, Attempt.blind)
    return session.scalar(called.limit(1)) is not None


def resume_recall(session: Session, recall: Recall, corrected: Attempt, at: datetime) -> None:
    """Have the re-call compare with the corrected interview, or end it if that is none."""
    case = corrected.case
    if case.state is CaseState.PHONED and case.phone_class in RESOLVED:
        recall.first_id, recall.state = corrected.id, RecallState.OPEN
        _queue_again(session, corrected, rules_of(session, case.campaign_id).hours.next_day(at))
    else:
        recall.ended_at = at


def may_be_reopened(session: Session, case: Case) -> bool:
    """Tell whether a call of the re-call of *case* may be corrected: nobody settled it since."""
    recall = session.scalar(select(Recall).where(Recall.case_id == case.id))
    return case.state is CaseState.PHONED and recall is not None and recall.settlement is None


def reopen_recall(session: Session, case: Case) -> None:
    """Let the re-call of *case* go on, by a new claim, because its last call is corrected.

    What the phone established stays as it is.
    """
    recall = session.scalars(select(Recall).where(Recall.case_id == case.id)).one()
    recall.state, recall.ended_at = RecallState.OPEN, None
    recall.second_id, recall.contradicts = None, False
    case.fence += 1
    case.schedule.not_for_id = recall.operator_id
    session.flush()


def is_over(attempt: Attempt, result: PhoneResult | None) -> bool:
    """Tell whether *attempt* was the last call of its re-call.

    Nobody is persuaded or asked a third time for the sake of a comparison.
    """
    ending = all_dispositions()[attempt.disposition].ending
    return result is not None or ending in {Ending.REFERRED, Ending.REFUSED}


def end_recall(session: Session, case: Case, attempts: Sequence[Attempt], at: datetime) -> None:
    """Close the re-call of *case* after its last call, and compare where it was held."""
    recall = session.scalars(
        select(Recall).where(Recall.case_id == case.id, Recall.state == RecallState.OPEN)
    ).one()
    held = [one for one in attempts if one.blind and _is_interview(one)]
    recall.ended_at = at
    recall.state = RecallState.HELD if held else RecallState.MISSED
    if held:
        recall.second_id = held[-1].id
        recall.contradicts = finds_true(held[-1].outcome) != finds_true(recall.first.outcome)
    if case.holder_id is not None:
        case.put_back(CaseAction.HAND_BACK, actor=None, at=at)
    case.schedule.standing, case.schedule.not_for_id = Standing.OUT, None


def as_if_first(case: Case, attempt: Attempt) -> CaseState:
    """Return where *case* would have gone if this call were not a re-call of it."""
    ending = all_dispositions()[attempt.disposition].ending
    if ending is Ending.REFERRED:
        return CaseState.ESCALATED
    waits = case.schedule.standing is not Standing.OUT or ending is Ending.REFUSED
    return CaseState.READY if waits else CaseState.PHONED


def seed_of(session: Session, campaign_id: int) -> str:
    """Return the seed of a campaign's draw. Raises NotAllowedNow before it."""
    draw = session.scalar(select(Draw).where(Draw.campaign_id == campaign_id))
    if draw is None:
        raise NotAllowedNow(campaign=campaign_id)
    return draw.seed


def recall_number(seed: str, case: Case) -> float:
    """Return the sealed number that decides whether *case* is called again."""
    return sealed_number(seed, case.entry_uid, purpose="recall")


def choose_recall(
    session: Session,
    campaign: Campaign,
    interview: Attempt,
    reason: RecallReason,
    *,
    actor: User | None,
    at: datetime,
) -> bool:
    """Put the case into the queue again as if it were new; say whether there is time for it."""
    rules, case = rules_of(session, campaign.id), interview.case
    due_at = rules.hours.next_day(at)
    if calling_is_over(campaign, at) or day_of(due_at) > campaign.fieldwork_ends_on:
        return False
    session.add(
        Recall(
            campaign_id=campaign.id,
            case_id=case.id,
            first_id=interview.id,
            operator_id=interview.operator_id,
            reason=reason,
            chosen_by_id=actor and actor.id,
            chosen_at=at,
        )
    )
    _queue_again(session, interview, due_at)
    return True


def _queue_again(session: Session, interview: Attempt, due_at: datetime) -> None:
    case, schedule = interview.case, interview.case.schedule
    told = select(func.count()).where(
        Attempt.case_id == case.id, Attempt.disposition == NUMBER_CHANGED, stands()
    )
    schedule.tried = session.scalar(told) or 0
    schedule.tier = Tier.RECALL if schedule.tried else Tier.FRESH
    schedule.tried_daytime = schedule.tried_evening = schedule.tried_weekend = 0
    schedule.standing, schedule.due_at = Standing.RESTING, due_at
    schedule.priority, schedule.skill = ORDINARY_PRIORITY, ""
    schedule.window_end = schedule.owner_id = schedule.owned_until = None
    schedule.not_for_id = interview.operator_id


def _is_interview(attempt: Attempt) -> bool:
    found = all_dispositions().get(attempt.disposition)
    return found is not None and found.is_interview


def finds_true(outcome: str) -> bool:
    """Tell whether an outcome counts the claim as true."""
    return all_outcomes()[outcome].value_y == 1

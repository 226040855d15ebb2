"""The signals of a campaign's findings, for whoever reviews them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.campaigns.models import Campaign
from casework.cases.models import Case
from casework.db import db
from casework.visits.models import Finding, Photo, Visit
from casework.visits.traces import Seen, Shot, Signal, signals_of


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal with the findings it is about, the earliest first."""

    signal: Signal
    findings: Sequence[Finding]


def site_signals(campaign: Campaign, *, actor: User) -> list[SignalLine]:
    """Return the signals among the findings of *campaign* in the actor's region."""
    findings = db.session.scalars(
        select(Finding)
        .join(Visit, Finding.visit_id == Visit.id)
        .join(Case, Visit.case_id == Case.id)
        .where(Case.campaign_id == campaign.id, in_scope(actor, Visit.place_code))
        .order_by(Finding.id)
        .options(
            joinedload(Finding.inspector),
            joinedload(Finding.visit).joinedload(Visit.case),
        )
    ).all()
    by_id = {finding.id: finding for finding in findings}
    shots = db.session.execute(
        select(Photo.finding_id, Photo.digest, Photo.fingerprint)
        .join(Finding, Photo.finding_id == Finding.id)
        .join(Visit, Finding.visit_id == Visit.id)
        .join(Case, Visit.case_id == Case.id)
        .where(Case.campaign_id == campaign.id, in_scope(actor, Visit.place_code))
        .order_by(Photo.id)
    )
    signals = signals_of([_seen(finding) for finding in findings], [Shot(*row) for row in shots])
    return [SignalLine(one, [by_id[number] for number in one.finding_ids]) for one in signals]


def _seen(finding: Finding) -> Seen:
    place = finding.place
    return Seen(
        finding_id=finding.id,
        inspector_id=finding.inspector_id,
        case_id=finding.visit.case_id,
        place_code=finding.visit.place_code,
        found_at=finding.found_at,
        skew_seconds=finding.skew_seconds,
        position=(place["latitude"], place["longitude"]) if place else None,
        accuracy=place.get("accuracy", 0.0),
        mocked=place.get("mocked"),
    )

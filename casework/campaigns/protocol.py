"""The seed of a draw, made by two people and a value that neither controls.

After the freeze, the coordinator names a public value and the day on which it comes out. Before
that day the coordinator and the auditor each enter the commitment of a secret, which they keep to
themselves. From that day on the value is entered, then both secrets are revealed. Nobody could
choose the seed that follows: who commits does not know the value, and who knows the value cannot
change a secret. ``sampling.commitments.seed_of`` says how it is made.
"""

import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.errors import NothingToDraw
from casework.campaigns.models import Campaign, CampaignState, Frame, Stratum
from casework.campaigns.protocol_errors import (
    AlreadyCommitted,
    AlreadyRevealed,
    CommitmentsMissing,
    CommitmentTooLate,
    CommitmentUnreadable,
    FrameWithoutRoot,
    PublicValueFixed,
    PublicValueMissing,
    PublicValueTooEarly,
    PublicValueUnreadable,
    RevealWrong,
    SecretsMissing,
)
from casework.campaigns.protocol_models import DrawSecret, PublicValue
from casework.db import transaction
from casework.errors import NotFound
from sampling.commitments import HEX, commitment, seed_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Who puts a secret into the seed, in the order in which they enter it.
PARTIES = (Role.COORDINATOR, Role.AUDITOR)
LONGEST = 200  # characters of a public value and its name


def name_public_value(
    campaign_id: int, name: str, known_on: date, *, actor: User, at: datetime
) -> None:
    """Say which public value will count, and on which day it comes out. This is done once.

    Raises PublicValueFixed the second time, PublicValueTooEarly for a day that does not lie
    ahead, PublicValueUnreadable for a name that is no line of text.
    """
    with transaction() as session:
        campaign = _frozen(session, campaign_id, actor)
        if session.get(PublicValue, campaign_id):
            raise PublicValueFixed(campaign=campaign_id)
        if known_on <= local_day(at):
            raise PublicValueTooEarly(day=known_on)
        session.add(
            PublicValue(
                campaign_id=campaign.id,
                name=_line(name),
                known_on=known_on,
                named_by_id=actor.id,
                named_at=at,
            )
        )
        trail.record(
            session,
            AuditAction.PUBLIC_VALUE_NAME,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"name": _line(name), "known_on": known_on.isoformat()},
        )


def commit_secret(campaign_id: int, digest: str, *, actor: User, at: datetime) -> None:
    """Enter the commitment of the actor's party, the hex SHA-256 of its secret and salt.

    Raises NotFound for whoever is no party, PublicValueMissing before the value is named,
    CommitmentTooLate from its day on, AlreadyCommitted the second time, CommitmentUnreadable for
    a text that is no SHA-256 or the other party's commitment.
    """
    digest = digest.strip().lower()
    with transaction() as session:
        campaign = _frozen(session, campaign_id, actor)
        value = _named(session, campaign_id)
        others = secrets_of(session, campaign_id)
        if local_day(at) >= value.known_on:
            raise CommitmentTooLate(day=value.known_on)
        if actor.role in others or actor.id in {other.holder_id for other in others.values()}:
            raise AlreadyCommitted(campaign=campaign_id)
        if not HEX.fullmatch(digest) or digest in {each.commitment for each in others.values()}:
            raise CommitmentUnreadable(campaign=campaign_id)
        session.add(
            DrawSecret(
                campaign_id=campaign.id,
                party=actor.role,
                holder_id=actor.id,
                commitment=digest,
                committed_at=at,
            )
        )
        trail.record(
            session,
            AuditAction.DRAW_COMMIT,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"party": actor.role.value, "commitment": digest},
        )


def record_public_value(campaign_id: int, value: str, *, actor: User, at: datetime) -> None:
    """Enter the public value once it is out. From then on the sample sizes are fixed.

    Raises PublicValueMissing if none is named, PublicValueTooEarly before its day,
    PublicValueFixed the second time, CommitmentsMissing unless both parties committed
    themselves, NothingToDraw without sample sizes, PublicValueUnreadable for no line of text.
    """
    with transaction() as session:
        _frozen(session, campaign_id, actor)
        named = _named(session, campaign_id)
        if named.value:
            raise PublicValueFixed(campaign=campaign_id)
        if local_day(at) < named.known_on:
            raise PublicValueTooEarly(day=named.known_on)
        if missing := len(PARTIES) - len(secrets_of(session, campaign_id)):
            raise CommitmentsMissing(missing=missing)
        sampled = session.scalar(
            select(func.sum(Stratum.sample_size)).where(Stratum.campaign_id == campaign_id)
        )
        if not sampled:
            raise NothingToDraw(campaign=campaign_id)
        named.value, named.recorded_by_id, named.recorded_at = _line(value), actor.id, at
        trail.record(
            session,
            AuditAction.PUBLIC_VALUE_RECORD,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"value": named.value, "sampled": sampled},
        )


def reveal_secret(campaign_id: int, secret: str, salt: str, *, actor: User, at: datetime) -> None:
    """Reveal the secret of the actor's party; whoever of it has the two texts may do so.

    Raises RevealWrong, and keeps an audit row of the try, if they do not have the commitment;
    NotFound for whoever is no party, PublicValueMissing before the value is entered,
    CommitmentsMissing if the party never committed itself, AlreadyRevealed the second time.
    """
    secret, salt = secret.strip().lower(), salt.strip().lower()
    with transaction() as session:
        _frozen(session, campaign_id, actor)
        if not _named(session, campaign_id).value:
            raise PublicValueMissing(campaign=campaign_id)
        promised = secrets_of(session, campaign_id).get(actor.role)
        if promised is None:
            raise CommitmentsMissing(missing=1)
        if promised.revealed_at is not None:
            raise AlreadyRevealed(campaign=campaign_id)
        right = _commitment(secret, salt) == promised.commitment
        if right:
            promised.secret, promised.salt = secret, salt
            promised.revealed_by_id, promised.revealed_at = actor.id, at
        trail.record(
            session,
            AuditAction.DRAW_REVEAL if right else AuditAction.DRAW_REVEAL_REFUSE,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"party": actor.role.value},
        )
    if not right:
        raise RevealWrong(campaign=campaign_id)


def revealed_seed(session: Session, frame: Frame) -> str:
    """Return the seed of a frame, inside a unit of work.

    Raises PublicValueMissing or SecretsMissing while something of it is missing,
    FrameWithoutRoot for a frame without row commitments.
    """
    if not frame.root:
        raise FrameWithoutRoot(campaign=frame.campaign_id)
    value = _named(session, frame.campaign_id).value
    if not value:
        raise PublicValueMissing(campaign=frame.campaign_id)
    secrets = secrets_of(session, frame.campaign_id)
    told = [secret.secret for secret in secrets.values() if secret.revealed_at]
    if missing := len(PARTIES) - len(told):
        raise SecretsMissing(missing=missing)
    return seed_of(frame.root, told, value)


def value_is_known(session: Session, campaign_id: int) -> bool:
    """Tell whether the public value is entered, after which nothing of the draw may change."""
    named = session.get(PublicValue, campaign_id)
    return named is not None and named.value != ""


def secrets_of(session: Session, campaign_id: int) -> dict[Role, DrawSecret]:
    """Return what the parties of a campaign have committed so far, in the order of the seed."""
    secrets = session.scalars(select(DrawSecret).where(DrawSecret.campaign_id == campaign_id))
    return {s.party: s for s in sorted(secrets, key=lambda s: PARTIES.index(s.party))}


def local_day(at: datetime) -> date:
    """Return the day in Shanghai."""
    return at.astimezone(SHANGHAI).date()


def _frozen(session: Session, campaign_id: int, actor: User) -> Campaign:
    """Lock a frozen campaign of a party. Raises NotFound, NotAllowedNow or FrameWithoutRoot."""
    if actor.role not in PARTIES or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    campaign = campaign_in_state(session, campaign_id, CampaignState.FROZEN)
    if campaign.frame is None or not campaign.frame.root:
        raise FrameWithoutRoot(campaign=campaign_id)
    return campaign


def _named(session: Session, campaign_id: int) -> PublicValue:
    value = session.get(PublicValue, campaign_id)
    if value is None:
        raise PublicValueMissing(campaign=campaign_id)
    return value


def _commitment(secret: str, salt: str) -> str:
    try:
        return commitment(secret, salt)
    except ValueError:  # no such texts were committed to
        return ""


def _line(text: str) -> str:
    line = unicodedata.normalize("NFC", text.strip())
    if not line or not line.isprintable() or len(line) > LONGEST:
        raise PublicValueUnreadable(most=LONGEST)
    return line

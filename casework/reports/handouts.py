"""Asking for a hand-out, making it, and taking it out; each is kept in the trail by its digest."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope, must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign
from casework.campaigns.protocol import local_day
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound
from casework.estimates.directory import covers, done_run
from casework.estimates.models import EstimateRun
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree
from casework.reports.bundle import must_be_public
from casework.reports.certificates import must_be_published
from casework.reports.models import Handout, HandoutKind, HandoutPart, HandoutState

CHUNK = 2**20
#: What leaves the office, so not before the day of the results.
CERTIFICATES = frozenset({HandoutKind.CERTIFICATE_WORD, HandoutKind.CERTIFICATE_PDF})
PUBLIC = CERTIFICATES | {HandoutKind.NOTICE_WORD, HandoutKind.NOTICE_PDF, HandoutKind.BUNDLE}
UNFINISHED = (HandoutState.REQUESTED, HandoutState.MAKING)


@dataclass(frozen=True, slots=True)
class Order:
    """What a writer of hand-outs is asked for."""

    run: EstimateRun
    region: Region
    language: str
    actor: User
    at: datetime
    show: Callable[[int, int], None]  #: tells how many steps of how many are done


#: Writes the file of one kind of hand-out.
Writer = Callable[[Order, BinaryIO], None]


def request_handout(
    run_uid: str,
    code: str,
    kind: HandoutKind,
    *,
    language: str,
    actor: User,
    at: datetime,
) -> Handout:
    """Ask for a hand-out. The caller rings the worker once this has returned.

    Raises
    ------
    NotFound
        If the run has no figures or does not cover the region, or the actor may not see it; a
        bundle is of the whole province.
    StillSecret
        If it leaves the office and the day of the results has not come.
    ResultUnpublished
        If it is a certificate and the run is not published.
    """
    with transaction() as session:
        run = done_run(run_uid, actor=actor)
        region = session.get(Region, code)
        if region is None or (kind is HandoutKind.BUNDLE and code != PROVINCE):
            raise NotFound(region=code)
        must_see(actor, region)
        if kind in PUBLIC:
            must_be_public(run.campaign, at=at)
        if kind in CERTIFICATES:
            must_be_published(run, at=at)
        handout = Handout(
            run_id=run.id,
            region_code=code,
            kind=kind,
            language=language,
            requested_by_id=actor.id,
            requested_at=at,
        )
        session.add(handout)
    return handout


def make_handout(uid: str, writers: Mapping[HandoutKind, Writer], *, at: datetime) -> None:
    """Make a requested hand-out, or say in it why that is impossible; twice changes nothing."""
    handout = db.session.scalar(select(Handout).where(Handout.uid == uid))
    if handout is None:
        raise NotFound(handout=uid)
    if handout.state not in UNFINISHED:
        return
    order = Order(
        run=handout.run,
        region=handout.region,
        language=handout.language,
        actor=handout.requested_by,
        at=at,
        show=lambda done, total: _show(uid, done, total),
    )
    with TemporaryFile() as file:
        try:
            writers[handout.kind](order, file)
        except CaseworkError as broken:
            _fail(uid, type(broken).__name__, at=at)
            return
        _keep(uid, file, at=at)


def handouts_of(run: EstimateRun, *, actor: User) -> Sequence[Handout]:
    """Return the hand-outs of a run that *actor* may see, the latest first."""
    return db.session.scalars(
        select(Handout)
        .where(Handout.run_id == run.id, in_scope(actor, Handout.region_code))
        .order_by(Handout.id.desc())
        .options(joinedload(Handout.region), joinedload(Handout.requested_by))
    ).all()


def regions_of(tree: RegionTree, *, actor: User) -> list[Region]:
    """Return the regions whose papers *actor* may ask for: from the top down."""
    top = tree.by_code[PROVINCE if actor.sees_all_regions else actor.region_code]
    found = [top]
    for region in tree.children_of(top.code):
        found += [region, *(tree.children_of(region.code) if top.code == PROVINCE else ())]
    return found


def is_secret(run: EstimateRun, *, at: datetime) -> bool:
    """Tell whether the day of the results has not come yet."""
    return local_day(at) < run.campaign.results_from


def find_handout(uid: str, *, actor: User) -> Handout:
    """Return one hand-out. Raises NotFound outside the actor's region, or before its day."""
    found = db.session.scalar(
        select(Handout)
        .join(EstimateRun, EstimateRun.id == Handout.run_id)
        .join(Campaign, Campaign.id == EstimateRun.campaign_id)
        .where(Handout.uid == uid, covers(actor), in_scope(actor, Handout.region_code))
    )
    if found is None:
        raise NotFound(handout=uid)
    return found


def take_out(uid: str, *, actor: User, at: datetime) -> Handout:
    """Return a finished hand-out and keep who took it. Raises NotFound for any other."""
    with transaction() as session:
        handout = find_handout(uid, actor=actor)
        if handout.state is not HandoutState.DONE:
            raise NotFound(handout=uid)
        trail.record(
            session,
            AuditAction.HANDOUT_TAKE,
            actor_id=actor.id,
            at=at,
            subject=f"handout:{handout.uid}",
            facts={"kind": handout.kind.value, "digest": handout.digest},
        )
    return handout


def content_of(handout: Handout) -> Iterator[bytes]:
    """Return the file of a finished hand-out in pieces, each read when it is asked for."""
    return _pieces(handout.id)


def unmade(*, before: datetime) -> Sequence[str]:
    """Return the uids of hand-outs that were asked for before a time and still wait."""
    return db.session.scalars(
        select(Handout.uid).where(Handout.state.in_(UNFINISHED), Handout.requested_at < before)
    ).all()


def _pieces(handout_id: int) -> Iterator[bytes]:
    parts = select(HandoutPart.number).where(HandoutPart.handout_id == handout_id)
    for number in sorted(db.session.scalars(parts)):
        yield db.session.get_one(HandoutPart, (handout_id, number)).content


def _show(uid: str, done: int, total: int) -> None:
    with transaction() as session:
        session.execute(
            update(Handout)
            .where(Handout.uid == uid, Handout.state.in_(UNFINISHED))
            .values(state=HandoutState.MAKING, steps_done=done, steps_total=total)
        )


def _fail(uid: str, rule: str, *, at: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(Handout)
            .where(Handout.uid == uid, Handout.state.in_(UNFINISHED))
            .values(state=HandoutState.FAILED, failure=rule, finished_at=at)
        )


def _keep(uid: str, file: BinaryIO, *, at: datetime) -> None:
    with transaction() as session:
        handout = session.scalars(select(Handout).where(Handout.uid == uid).with_for_update()).one()
        if handout.state not in UNFINISHED:  # another worker was faster
            return
        file.seek(0)
        digest, number = hashlib.sha256(), 0
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            part = HandoutPart(handout_id=handout.id, number=number, content=chunk)
            session.add(part)
            session.flush()
            session.expunge(part)
            number += 1
        handout.size, handout.digest = file.tell(), digest.hexdigest()
        handout.steps_done = handout.steps_total
        handout.state, handout.finished_at = HandoutState.DONE, at
        trail.record(
            session,
            AuditAction.HANDOUT_MAKE,
            actor_id=handout.requested_by_id,
            at=at,
            subject=f"handout:{handout.uid}",
            facts={
                "kind": handout.kind.value,
                "run": handout.run.uid,
                "region": handout.region_code,
                "digest": handout.digest,
            },
        )

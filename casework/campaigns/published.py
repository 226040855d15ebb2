"""What is published of a draw: a notice before it, and the files to draw again from afterwards."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from io import TextIOWrapper
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import __version__
from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign, Frame, SampleEntry, Stratum
from casework.campaigns.protocol import local_day, secrets_of
from casework.campaigns.protocol_errors import FrameWithoutRoot, PublicValueMissing, StillSecret
from casework.campaigns.protocol_models import PublicValue
from casework.campaigns.rows import FrameRows, nonces, stored_rows
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.sealing import sign
from sampling.commitments import COLUMNS, NONCE_BYTES, PROTOCOL, canonical_rows
from sampling.manifest import Manifest

SAMPLE_FILE = "sample.csv"
SAMPLE_COLUMNS = ("stratum", "rank", "entry_id", "key")


def notice(campaign_id: int, *, actor: User) -> dict[str, Any]:
    """Return what is announced of a frozen frame before its draw, signed.

    Root, commitments and the name of the public value are published before the day of the value,
    so that everybody can compare them afterwards with the manifest of the draw.

    Raises NotFound, FrameWithoutRoot, or PublicValueMissing before the value is named.
    """
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or campaign.frame is None or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    return _signed(_promised(db.session(), campaign, campaign.frame))


def signed_manifest(
    session: Session, campaign: Campaign, frame: Frame, manifest: Manifest, *, at: datetime
) -> dict[str, Any]:
    """Return the manifest of a draw with what was promised before it, signed."""
    drawn = {"drawn_at": at.isoformat(), "sample_file": SAMPLE_FILE}
    return _signed({**_promised(session, campaign, frame), **manifest, **drawn})


def write_bundle(campaign_id: int, out: IO[bytes], *, actor: User | None, at: datetime) -> None:
    """Write the published files of a draw as a ZIP archive: all that ``verify_draw.py`` needs.

    *actor* is None for whoever works at the machine itself.

    Raises NotFound, NotAllowedNow before the draw, StillSecret before the day of the results,
    FrameWithoutRoot for a draw of the first release.
    """
    with transaction() as session:
        campaign = session.get(Campaign, campaign_id)
        if campaign is None or (actor and not actor.sees_all_regions):
            raise NotFound(campaign=campaign_id)
        if campaign.draw is None or campaign.frame is None:
            raise NotAllowedNow(campaign=campaign_id)
        if local_day(at) < campaign.results_from:
            raise StillSecret(until=campaign.results_from)
        if not campaign.frame.root:
            raise FrameWithoutRoot(campaign=campaign_id)
        trail.record(
            session,
            AuditAction.DRAW_PUBLISH,
            actor_id=actor.id if actor else None,
            at=at,
            subject=f"campaign:{campaign_id}",
        )
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        draw_files(archive, campaign_id, at=at)


def draw_files(archive: ZipFile, campaign_id: int, *, at: datetime, folder: str = "") -> None:
    """Add the published files of a draw to *archive*; whoever calls it asks whether they may be."""
    campaign = db.session.get_one(Campaign, campaign_id)
    texts = {
        "manifest.json": _json(campaign.draw.manifest if campaign.draw else {}),
        "reveals.json": _json(_revealed(db.session(), campaign_id)),
        "verify_draw.py": (files("sampling") / "verify_draw.py").read_text("utf-8"),
        "README.md": (files("casework.campaigns") / "data" / "draw_bundle.md").read_text("utf-8"),
    }
    for name, text in texts.items():
        archive.writestr(_entry(folder + name, at), text)
    key = campaign.frame.nonce_key if campaign.frame else ""
    with archive.open(_entry(folder + "frame.tsv", at), "w", force_zip64=True) as file:
        file.writelines(frame_lines(stored_rows(campaign_id), key))
    sample = (
        select(Stratum.key, SampleEntry.rank, SampleEntry.entry_uid, SampleEntry.key)
        .join(Stratum, Stratum.id == SampleEntry.stratum_id)
        .where(SampleEntry.campaign_id == campaign_id)
    )
    selected = sorted(db.session.execute(sample))
    with (
        archive.open(_entry(folder + SAMPLE_FILE, at), "w") as raw,
        TextIOWrapper(raw, encoding="utf-8", newline="") as table,
    ):
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(SAMPLE_COLUMNS)
        writer.writerows(selected)


def frame_lines(rows: FrameRows, nonce_key: str) -> Iterator[bytes]:
    """Yield the lines of a published frame: of each row the nonce, a tab, and what was hashed."""
    yield "\t".join(("nonce", *COLUMNS)).encode() + b"\n"
    each = nonces(nonce_key, 0, len(rows)).hex("\n", NONCE_BYTES).encode().split(b"\n")
    for nonce, row in zip(each, canonical_rows(rows.columns), strict=True):
        yield b"%b\t%b\n" % (nonce, row)


def _entry(name: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _promised(session: Session, campaign: Campaign, frame: Frame) -> dict[str, Any]:
    """Return what was fixed before anybody could know the seed."""
    value = session.get(PublicValue, campaign.id)
    if not frame.root:
        raise FrameWithoutRoot(campaign=campaign.id)
    if value is None:
        raise PublicValueMissing(campaign=campaign.id)
    return {
        "protocol": PROTOCOL,
        "code_version": __version__,
        "campaign": campaign.name,
        "frame_id": campaign.uid,
        "frozen_at": frame.frozen_at.isoformat(),
        "frame_rows": frame.entries,
        "frame_digest": frame.digest,
        "root": frame.root,
        "public_value": {"name": value.name, "known_on": value.known_on.isoformat()},
        "commitments": [
            {"party": party.value, "commitment": secret.commitment}
            for party, secret in secrets_of(session, campaign.id).items()
        ],
    }


def _revealed(session: Session, campaign_id: int) -> dict[str, Any]:
    secrets = secrets_of(session, campaign_id)
    return {
        "public_value": session.get_one(PublicValue, campaign_id).value,
        "secrets": [
            {"party": party.value, "secret": each.secret, "salt": each.salt}
            for party, each in secrets.items()
        ],
    }


def _signed(content: Mapping[str, Any]) -> dict[str, Any]:
    key, value = sign(json.dumps(content, sort_keys=True).encode())
    return {**content, "signature": {"key": key, "value": value}}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

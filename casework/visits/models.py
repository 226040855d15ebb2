"""Leads, the visits they and the random share call for, and what inspectors established."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.cases.models import Case, PhoneClass
from casework.db import Base, new_uid
from casework.regions.models import Region
from casework.sealing import SealedJson, SealedText


class LeadSeverity(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class LeadResult(StrEnum):
    OPEN = "open"
    TRUE = "true"  #: the claim held on site, so the lead was unfounded
    FALSE = "false"  #: the claim did not hold
    UNRESOLVED = "unresolved"
    PASSED_ON = "passed_on"  #: not of this verification; given to whom it concerns


class LeadSource(StrEnum):
    PHONE = "phone"  #: something said in a call
    RULE = "rule"  #: a rule that warned of the ledger's row
    MATCH = "match"  #: the row meets another one
    HOTLINE = "hotline_12345"
    POLICE = "police_110"
    WAGES = "wage_arrears"
    LETTER = "letter"
    AUDIT = "audit"


class LeadSubject(StrEnum):
    PERSON = "person"
    ENTERPRISE = "enterprise"


class VisitReason(StrEnum):
    RANDOM = "random"  #: chosen by its sealed number; carries the estimate
    LEAD = "lead"  #: chosen on purpose; speaks for itself alone


class VisitState(StrEnum):
    PLANNED = "planned"
    ASSIGNED = "assigned"
    DONE = "done"


class Signer(StrEnum):
    INSPECTOR = "inspector"
    CLERK = "clerk"  #: of the office or enterprise


class VisitRate(Base):
    """The share of a phone class that is visited at random in a unit. It may only rise."""

    __tablename__ = "visit_rate"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    phone_class: Mapped[PhoneClass] = mapped_column(primary_key=True)
    share: Mapped[float]


class Trip(Base):
    """One trip, with the code by which the office can check that it is genuine."""

    __tablename__ = "trip"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    place_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    enterprise: Mapped[str] = mapped_column(default="")  #: "" where the office is visited
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    visit_on: Mapped[date]
    valid_until: Mapped[date]  #: the last day on which the code is good
    code_index: Mapped[str] = mapped_column(unique=True)  #: keyed digest of the code
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    place: Mapped[Region] = relationship()
    inspector: Mapped[User] = relationship()

    code = SealedText()

    __mapper_args__ = {"version_id_col": version}


class TripChange(Base):
    """A trip that was given to somebody else by hand. Rows are added, never changed."""

    __tablename__ = "trip_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = SealedText()


class Lead(Base):
    """A reason to look on site: of a case, or from outside about a person or an enterprise."""

    __tablename__ = "lead"
    __table_args__ = (
        Index(
            "uq_lead_case_id_cause",
            "case_id",
            "cause",
            unique=True,
            postgresql_where=text("cause <> ''"),
            sqlite_where=text("cause <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    source: Mapped[LeadSource] = mapped_column(default=LeadSource.PHONE)
    source_no: Mapped[str] = mapped_column(default="")  #: the number the source gave it
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    cause: Mapped[str] = mapped_column(default="")  #: code of what raised it; "" from outside
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    subject: Mapped[LeadSubject] = mapped_column(default=LeadSubject.PERSON)
    subject_index: Mapped[str] = mapped_column(default="", index=True)  #: keyed digest of the name
    content_index: Mapped[str] = mapped_column(default="")  #: keyed digest of all that was told
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_on: Mapped[date | None]
    severity: Mapped[LeadSeverity]
    urgent: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    due_on: Mapped[date | None]
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    result: Mapped[LeadResult] = mapped_column(default=LeadResult.OPEN)
    result_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    settled_at: Mapped[datetime | None]  #: when it was settled by hand; not by a visit
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    raised_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    case: Mapped[Case | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    raised_by: Mapped[User | None] = relationship(foreign_keys=raised_by_id)

    name = SealedText()
    words = SealedText()
    result_words = SealedText()

    @property
    def number(self) -> str:
        """What people call it, in the register and on paper."""
        return f"L{self.id:05}"

    __mapper_args__ = {"version_id_col": version}


class Visit(Base):
    """One case to look at on site."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    reason: Mapped[VisitReason]
    state: Mapped[VisitState] = mapped_column(default=VisitState.PLANNED)
    place_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    visit_on: Mapped[date | None]
    assigned_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    case: Mapped[Case] = relationship()
    place: Mapped[Region] = relationship()
    inspector: Mapped[User | None] = relationship()
    findings: Mapped[list["Finding"]] = relationship(order_by="Finding.id")

    __mapper_args__ = {"version_id_col": version}


class Finding(Base):
    """What a visit established. A correction is a new row; the latest counts."""

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    outcome: Mapped[str]  #: code of verification_outcomes.csv
    checklist: Mapped[dict[str, Any]]  #: item number to result code
    found_at: Mapped[datetime]  #: by the inspector's device
    received_at: Mapped[datetime]
    #: By how much the device's clock was ahead when it sent; none if it did not say.
    skew_seconds: Mapped[int | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reasons_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    place_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    visit: Mapped[Visit] = relationship(back_populates="findings")
    inspector: Mapped[User] = relationship()
    photos: Mapped[list["Photo"]] = relationship()
    signatures: Mapped[list["Signature"]] = relationship(order_by="Signature.signer")

    note = SealedText()
    reasons = SealedJson()  #: item number to the reason why it did not hold
    place = SealedJson()  #: where the device said it was: the fields of ``findings.Place``


class Opinion(Base):
    """What one person says is true where phone and site disagree. Rows are added, never changed."""

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("finding_id", "seat"),
        UniqueConstraint("finding_id", "judge_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"))
    judge_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    seat: Mapped[int]  #: 1 and 2, and 3 where they differ
    outcome: Mapped[str]  #: code of verification_outcomes.csv
    given_at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    judge: Mapped[User] = relationship()

    words = SealedText()


class Photo(Base):
    """A photo taken on site: the original, sealed, and a copy without metadata to show."""

    __tablename__ = "photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), index=True)
    digest: Mapped[str]  #: SHA-256 of the original
    fingerprint: Mapped[str | None]  #: what near-equal photos have in common, see likeness.py
    original_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    shown_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    received_at: Mapped[datetime]


class Signature(Base):
    """What somebody drew on the device's screen to sign a finding, sealed as an image."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("finding_id", "signer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"))
    signer: Mapped[Signer]
    digest: Mapped[str]  #: SHA-256 of the image as it came
    original_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    shown_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    received_at: Mapped[datetime]

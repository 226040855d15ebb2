"""Rows for tests. Each takes only what the test cares about; all persons are fictitious."""

from datetime import UTC, date, datetime
from itertools import count

import numpy as np
from argon2 import PasswordHasher

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.campaigns.design import CampaignPlan, open_campaign
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.db import db, new_uid
from casework.demo.agreeing import agree_on_seed
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.sealing import blind_index

NOON = datetime(2017, 12, 4, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Monday
PASSWORD = "a long enough password"
LINYING = "411122"  # 临颍县, a county of 漯河市
LUOHE = "411100"
LANKAO = "410225"  # 兰考县, a unit that is its own place
_number = count(1)
#: A log-in checks the password at the cost that the hash names; in tests it costs next to nothing.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def saved(row):
    db.session.add(row)
    db.session.commit()
    return row


def make_user(role: Role = Role.OPERATOR, *, region: str = PROVINCE, **columns) -> User:
    number = next(_number)
    facts = {"login": f"user{number}", "name": f"演示{role.value}{number}"} | columns
    return saved(User(role=role, region_code=region, password_hash=_HASH, **facts))


def make_ledger(
    project: Project = Project.RE_EMPLOYMENT,
    *,
    region: str = LINYING,
    state: LedgerState = LedgerState.ACCEPTED,
    **columns,
) -> Ledger:
    clerk = make_user(Role.CLERK, region=region)
    number = next(_number)
    facts = {
        "year": 2017,
        "period_end": date(2017, 11, 30),
        "file_name": f"演示台账{number}.xlsx",
        "file_digest": f"{number:064x}",
        "file_size": 1,
    } | columns
    return saved(
        Ledger(
            project=project,
            region_code=region,
            state=state,
            uploaded_by_id=clerk.id,
            uploaded_at=NOON,
            **facts,
        )
    )


def make_entries(
    ledger: Ledger, number: int, *, phones: str = "13800000000", details=None, **columns
) -> None:
    """Add *number* accepted entries to *ledger*."""
    first = next(_number) * 100_000
    for row in range(2, number + 2):
        uid = new_uid()
        entry = LedgerEntry(
            uid=uid,
            ledger_id=ledger.id,
            project=ledger.project,
            year=ledger.year,
            region_code=ledger.region_code,
            sheet="Sheet1",
            row=row,
            content_digest=blind_index(uid, column="content"),
            **{
                "started_on": date(2017, 5, 18),
                "id_index": blind_index(str(first + row), column="id_no"),
                **columns,
            },
        )
        entry.name = f"演示{row}"
        entry.id_no = "410102198503159912"
        entry.phones = phones
        entry.details = details or {"employer": "示例有限公司", "employ_form": "10"}
        db.session.add(entry)
    db.session.commit()


def make_campaign(
    *, projects: tuple[Project, ...] = (Project.RE_EMPLOYMENT,), units: tuple[str, ...] = (LUOHE,)
) -> Campaign:
    coordinator = make_user(Role.COORDINATOR)
    plan = CampaignPlan(
        name=f"演示批次{next(_number)}",
        year=2017,
        cutoff_on=date(2017, 11, 30),
        fieldwork_ends_on=date(2017, 12, 31),
        results_from=date(2018, 1, 15),
        projects=frozenset(projects),
        units=frozenset(units),
    )
    return open_campaign(plan, actor=coordinator, at=NOON)


def make_drawn_campaign(  # noqa: PLR0913 - tests name the few they care about
    *,
    entries: int = 20,
    sampled: int = 10,
    replicates: int = 1,
    project: Project = Project.RE_EMPLOYMENT,
    region: str = LINYING,
    unit: str = LUOHE,
    seed: str = "a seed for tests",
    **columns,
) -> Campaign:
    """Return a campaign on one ledger whose sample is drawn and not released."""
    make_entries(make_ledger(project, region=region), entries, **columns)
    campaign = make_campaign(projects=(project,), units=(unit,))
    coordinator = make_user(Role.COORDINATOR)
    request_freeze(campaign.id, actor=coordinator, at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    plan = SizePlan(SizeRule.EQUAL, minimum=0, total=sampled)
    set_sizes(campaign.id, project, plan, actor=coordinator, at=NOON)
    agree(campaign, seed)
    request_draw(campaign.id, replicates=replicates, actor=coordinator, at=NOON)
    draw_sample(campaign.uid, at=NOON)
    return campaign


def agree(campaign: Campaign, seed: str = "a seed for tests") -> None:
    """Let two parties, whose secrets depend on *seed*, take a frozen campaign up to its draw."""
    rng = np.random.default_rng([*seed.encode()])
    parties = make_user(Role.COORDINATOR), make_user(Role.AUDITOR)
    agree_on_seed(campaign.id, rng, parties=parties, at=NOON)

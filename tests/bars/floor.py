"""A call floor for a bar: operators, and as many cases as are wanted, written straight by SQL.

All persons are fictitious, 演示数据.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.service import hash_password
from casework.campaigns.models import Campaign, CampaignState, Stratum
from casework.cases.models import ORDINARY_PRIORITY, Tier
from casework.db import db, utcnow
from casework.ledgers.models import Ledger, LedgerState
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.sealing import seal

PASSWORD = "a long enough password"
PROJECT = Project.RE_EMPLOYMENT
REGIONS = ("411122", "410225", "410122", "410181", "410323", "411625", "411503", "410926")
SEALED = {
    "name": "演示",
    "id_no": "410102198503159912",
    "phones": "13800000000",
    "details": '{"employ_form": "10", "employer": "示例有限公司"}',
}


@dataclass(frozen=True, slots=True)
class Floor:
    """A campaign that is calling, on one ledger and a stratum for each of eight counties."""

    campaign_id: int
    ledger_id: int
    strata: dict[str, int]  #: by region
    logins: tuple[str, ...]


def open_floor(operators: int) -> Floor:
    """Write operators and a campaign without cases, in the application's context."""
    at = utcnow()
    password = hash_password(PASSWORD)
    staff = [
        User(
            login=f"operator{number}",
            name=f"演示{number}",
            role=Role.OPERATOR,
            region_code=PROVINCE,
            password_hash=password,
        )
        for number in range(operators)
    ]
    db.session.add_all(staff)
    db.session.flush()
    ledger, campaign = _ledger(staff[0], at), _campaign(staff[0], at)
    db.session.add_all([ledger, campaign])
    db.session.flush()
    strata = {region: _stratum(campaign, region) for region in REGIONS}
    db.session.add_all(strata.values())
    db.session.commit()
    return Floor(
        campaign.id,
        ledger.id,
        {region: stratum.id for region, stratum in strata.items()},
        tuple(user.login for user in staff),
    )


def _ledger(clerk: User, at: datetime) -> Ledger:
    return Ledger(
        project=PROJECT,
        year=2017,
        period_end=date(2017, 11, 30),
        region_code=REGIONS[0],
        state=LedgerState.ACCEPTED,
        file_name="演示台账.xlsx",
        file_digest="0" * 64,
        file_size=1,
        uploaded_by_id=clerk.id,
        uploaded_at=at,
    )


def _campaign(coordinator: User, at: datetime) -> Campaign:
    return Campaign(
        name="演示批次",
        year=2017,
        cutoff_on=date(2017, 11, 30),
        fieldwork_ends_on=at.date() + timedelta(days=365),
        results_from=at.date() + timedelta(days=380),
        state=CampaignState.CALLING,
        opened_by_id=coordinator.id,
        opened_at=at,
    )


def _stratum(campaign: Campaign, region: str) -> Stratum:
    return Stratum(
        campaign_id=campaign.id,
        key=f"{PROJECT}|{region}",
        project=PROJECT,
        region_code=region,
        unit_code=region,
        frame_size=1,
    )


CASES = """
WITH place AS (
    SELECT number, md5('entry ' || number) AS entry_uid,
           (%(regions)s::text[])[1 + number %% %(width)s] AS region,
           (%(strata)s::int[])[1 + number %% %(width)s] AS stratum
    FROM generate_series(%(first)s::int, %(last)s::int) AS number
), entry AS (
    INSERT INTO ledger_entry (
        id, uid, ledger_id, project, year, region_code, sheet, row, enterprise, started_on,
        claims_not_settled, id_index, content_digest)
    SELECT number, entry_uid, %(ledger)s, %(project)s, 2017, region, 'Sheet1', number, '',
           DATE '2017-05-18', false, entry_uid, entry_uid
    FROM place
), made AS (
    INSERT INTO "case" (
        id, uid, campaign_id, code, entry_uid, stratum_id, project, region_code, replicate, state,
        fence, phone_outcome, lead_cause, site_outcome, version)
    SELECT number, md5('case ' || number), %(campaign)s, 'P1-' || lpad(number::text, 7, '0'),
           entry_uid, stratum, %(project)s, region, 1, 'ready', 0, '', '', '', 1
    FROM place
)
INSERT INTO case_schedule (
    case_id, campaign_id, region_code, standing, tier, skill, priority, due_at, tried,
    tried_that_day, tried_daytime, tried_evening, tried_weekend, no_call, turn)
SELECT number, %(campaign)s, region, 'due', %(fresh)s, '', %(priority)s, now(), 0, 0, 0, 0, 0,
       false, floor(random() * 4e18)
FROM place
"""


def add_cases(address: str, floor: Floor, numbers: range) -> None:
    """Write the cases of these numbers, due since now, in random order.

    Their keys are their numbers. References hold by construction and are not checked row by row.
    Nobody can be called until ``seal_first`` has given the persons names and numbers.
    """
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            CASES,
            {
                "first": numbers[0],
                "last": numbers[-1],
                "regions": list(floor.strata),
                "strata": list(floor.strata.values()),
                "width": len(floor.strata),
                "ledger": floor.ledger_id,
                "campaign": floor.campaign_id,
                "project": PROJECT.value,
                "fresh": int(Tier.FRESH),
                "priority": ORDINARY_PRIORITY,
            },
        )
        # The index entries of cases taken meanwhile too: what is compared is the number of cases.
        connection.execute("VACUUM (ANALYZE, INDEX_CLEANUP ON)")


def seal_first(address: str, number: int) -> None:
    """Seal a name, a telephone number and the rest of the *number* entries that come up first."""
    with psycopg.connect(address, autocommit=True) as connection:
        first = connection.execute(FIRST, [number]).fetchall()
        connection.execute("SET session_replication_role = replica")
        with connection.cursor() as cursor:
            cursor.executemany(SEAL, [(*_sealed(uid), uid) for (uid,) in first])
        connection.execute("VACUUM ANALYZE ledger_entry")


FIRST = """
SELECT entry_uid FROM case_schedule JOIN "case" ON "case".id = case_id
WHERE standing = 'due' ORDER BY turn LIMIT %s
"""
SEAL = """
UPDATE ledger_entry
SET name_sealed = %s, id_no_sealed = %s, phones_sealed = %s, details_sealed = %s WHERE uid = %s
"""


def _sealed(uid: str) -> list[bytes]:
    return [
        seal(text.encode(), table="ledger_entry", column=name, row=uid)
        for name, text in SEALED.items()
    ]

"""The speed of the verifier's pages: 158 counties, three projects, 60,000 cases, with goals.

The data are fictitious and lie in a SQLite file that is removed afterwards unless ``--keep`` says
where. Every page is asked for in turns; the statements are those of one request, log-in included.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.service import hash_password
from casework.campaigns.design import CampaignPlan, open_campaign
from casework.campaigns.models import CampaignState, Replicate, SampleEntry, Stratum, Target
from casework.campaigns.strata import stratum_key
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import db, new_uid
from casework.estimates.models import EstimateRun
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.regions.tree import load_tree
from casework.sealing import seal
from casework.visits.models import Finding, Visit, VisitReason, VisitState
from webapp import serving_app
from webapp.cli.migrate import prepare_database
from webapp.config import Settings

CASES, ROUNDS = 60_000, 30
GOAL_SECONDS, GOAL_QUERIES = 0.3, 12
NOON = datetime(2017, 12, 4, 4, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
PROJECTS = (Project.RE_EMPLOYMENT, Project.HARDSHIP, Project.OVERCAPACITY)
CLASSES = (PhoneClass.ACHIEVED, PhoneClass.DEEMED, PhoneClass.NOT_ACHIEVED, PhoneClass.REFUSED)
CODES = {"achieved": "V1", "deemed": "D1", "not_achieved": "N1", "refused": "U2"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder in which the data stay")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEYAN_DATA"] = str(arguments.keep or folder)
        settings = replace(Settings.from_env(), WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        prepare_database(settings)
        app = serving_app(settings)
        with app.app_context():
            uid = prepared(arguments.cases)
            pages = addresses(uid)
        return measure(app, pages, arguments.rounds)


def prepared(cases: int) -> str:
    """Make the campaign unless it is there; return the uid of its latest run."""
    found = db.session.scalar(select(EstimateRun.uid).order_by(EstimateRun.id.desc()).limit(1))
    if found is not None:
        return found
    people = [
        User(login=role.value, name=f"演示{role.value}", role=role, region_code=PROVINCE)
        for role in (Role.VERIFIER, Role.COORDINATOR, Role.CLERK)
    ]
    for user in people:
        user.password_hash = hash_password(PASSWORD)
    db.session.add_all(people)
    db.session.commit()
    campaign_id = _campaign(people[1])
    _strata(campaign_id, people[2], cases)
    begun = time.perf_counter()
    for _ in range(2):
        run = request_run(campaign_id, actor=people[0], at=NOON)
        compute_run(run.uid, at=NOON)
    print(f"computing a run of {cases:,} cases: {(time.perf_counter() - begun) / 2:.1f} s")
    return run.uid


def _campaign(coordinator: User) -> int:
    tree = load_tree()
    plan = CampaignPlan(
        name="2017年度核查批次（演示）",
        year=2017,
        cutoff_on=date(2017, 11, 30),
        fieldwork_ends_on=date(2017, 12, 31),
        results_from=date(2018, 1, 15),
        projects=frozenset(PROJECTS),
        units=frozenset(unit.code for unit in tree.units),
    )
    campaign = open_campaign(plan, actor=coordinator, at=NOON)
    campaign.state = CampaignState.CALLING
    db.session.add(Replicate(campaign_id=campaign.id, number=1, entries=0, released_at=NOON))
    db.session.add(Replicate(campaign_id=campaign.id, number=2, entries=900))
    db.session.commit()
    return campaign.id


def _strata(campaign_id: int, clerk: User, cases: int) -> None:
    tree, rng = load_tree(), np.random.default_rng(2017)
    places = [
        (place.code, unit.code)
        for unit in tree.units
        for place in (tree.children_of(unit.code) or [unit])
    ]
    cells = [(project, *place) for project in PROJECTS for place in places]
    each = cases // len(cells)
    units: dict[tuple[Project, str], int] = {}
    for project, region, unit in cells:
        size = int(each * rng.uniform(1.5, 9))
        task = int(size * rng.uniform(0.55, 0.95))
        _stratum(campaign_id, clerk, rng, project, (region, unit), (size, each))
        if region != unit and project is not Project.OVERCAPACITY:
            _target(campaign_id, project, region, task)
        units[project, unit] = units.get((project, unit), 0) + task
    for (project, unit), persons in units.items():
        _target(campaign_id, project, unit, persons)
    db.session.commit()


def _target(campaign_id: int, project: Project, region: str, persons: int) -> None:
    row = Target(campaign_id=campaign_id, project=project, region_code=region, persons=persons)
    db.session.add(row)


def _stratum(
    campaign_id: int,
    clerk: User,
    rng: np.random.Generator,
    project: Project,
    place: tuple[str, str],
    sizes: tuple[int, int],
) -> None:
    (region, unit), (frame_size, n) = place, sizes
    ledger = Ledger(
        project=project,
        region_code=region,
        state=LedgerState.ACCEPTED,
        uploaded_by_id=clerk.id,
        uploaded_at=NOON,
        year=2017,
        period_end=date(2017, 11, 30),
        file_name="演示.xlsx",
        file_digest=new_uid() * 2,
        file_size=1,
    )
    stratum = Stratum(
        campaign_id=campaign_id,
        key=stratum_key(project, region, ""),
        project=project,
        region_code=region,
        unit_code=unit,
        enterprise="",
        frame_size=frame_size,
        sample_size=n,
    )
    db.session.add_all([ledger, stratum])
    db.session.flush()
    chance = [0.62 + 0.2 * rng.random(), 0.04, 0.08]
    said = rng.choice(len(CLASSES), n, p=[*chance, 1 - sum(chance)])
    rows = [_person(campaign_id, ledger, stratum, CLASSES[c], rng, i) for i, c in enumerate(said)]
    db.session.execute(insert(LedgerEntry), [entry for entry, _case, _key in rows])
    db.session.execute(insert(Case), [case for _entry, case, _key in rows])
    db.session.execute(insert(SampleEntry), [key for _entry, _case, key in rows])
    _visits(stratum, rng)


def _person(
    campaign_id: int,
    ledger: Ledger,
    stratum: Stratum,
    phone: PhoneClass,
    rng: np.random.Generator,
    i: int,
) -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
    uid = new_uid()
    visited = rng.random() < (0.25 if phone is not PhoneClass.NOT_ACHIEVED else 0.6)
    true = rng.random() < (0.95 if phone is not PhoneClass.NOT_ACHIEVED else 0.1)
    place = {"project": stratum.project, "region_code": stratum.region_code}
    entry = {
        "uid": uid,
        "ledger_id": ledger.id,
        "year": 2017,
        "sheet": "1",
        "row": i + 2,
        "name_sealed": seal("演示".encode(), table="ledger_entry", column="name", row=uid),
        "id_index": uid,
        "content_digest": uid,
        **place,
    }
    case = {
        "uid": new_uid(),
        "campaign_id": campaign_id,
        "code": f"P-{stratum.id:04}{i:04}",
        "entry_uid": uid,
        "stratum_id": stratum.id,
        "replicate": 1,
        "state": CaseState.CLOSED,
        "phone_class": phone,
        "phone_outcome": CODES[phone],
        "site_outcome": ("V1" if true else "N1") if visited else "",
        "version": 1,
        **place,
    }
    key = {
        "campaign_id": campaign_id,
        "stratum_id": stratum.id,
        "entry_uid": uid,
        "rank": i + 1,
        "key": uid * 2,
        "replicate": 1,
    }
    return entry, case, key


def _visits(stratum: Stratum, rng: np.random.Generator) -> None:
    seen = db.session.execute(
        select(Case.id, Case.site_outcome).where(
            Case.stratum_id == stratum.id, Case.site_outcome != ""
        )
    ).all()
    inspector = db.session.scalars(select(User.id).limit(1)).one()
    for number, outcome in seen:
        visit = Visit(
            case_id=number,
            reason=VisitReason.RANDOM,
            state=VisitState.DONE,
            place_code=stratum.region_code,
        )
        db.session.add(visit)
        db.session.flush()
        db.session.add(
            Finding(
                uid=new_uid(),
                visit_id=visit.id,
                inspector_id=inspector,
                outcome=outcome,
                checklist={},
                found_at=NOON,
                received_at=NOON,
                idempotency_key=new_uid(),
            )
        )


def addresses(uid: str) -> dict[str, str]:
    """Return the pages by their names."""
    tree = load_tree()
    unit = max(tree.units, key=lambda unit: len(tree.children_of(unit.code))).code
    county = tree.children_of(unit)[0].code
    case = db.session.scalars(select(Case.uid).where(Case.region_code == county).limit(1)).one()
    other = db.session.scalars(select(EstimateRun.uid).where(EstimateRun.uid != uid)).first()
    base = f"/estimates/runs/{uid}"
    return {
        "runs": "/estimates/",
        "province": f"{base}/regions/{PROVINCE}",
        "all figures": f"{base}/regions/{PROVINCE}/table",
        "all figures, tiles": f"{base}/regions/{PROVINCE}/table?map=tiles&sort=rate",
        "province's project": f"{base}/regions/{PROVINCE}/re_employment",
        "unit": f"{base}/regions/{unit}",
        "unit's project": f"{base}/regions/{unit}/re_employment",
        "county's project": f"{base}/regions/{county}/re_employment",
        "cases": f"{base}/regions/{PROVINCE}/re_employment/cases",
        "cases of a count": f"{base}/regions/{PROVINCE}/re_employment/cases?only=verdict:deemed",
        "case": f"{base}/cases/{case}",
        "judgement": f"{base}/judgement",
        "statement": f"{base}/statement",
        "settling": f"{base}/settling",
        "side by side": f"{base}/beside/{other}",
        "side by side, all": f"{base}/beside/{other}?show=all",
    }


def measure(
    app: Flask, pages: dict[str, str], rounds: int, login: str = Role.VERIFIER.value
) -> int:
    """Print what each page takes that *login* asks for; return 1 if one misses a goal."""
    client, statements = app.test_client(), [0]
    client.post("/log-in", data={"login": login, "password": PASSWORD})
    with app.app_context():
        engine = db.engine

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements[0] += not statement.startswith("BEGIN")

    event.listen(engine, "before_cursor_execute", count)
    missed = 0
    for name, path in pages.items():
        queries = _queries(client, path, statements)
        seconds = sorted(_seconds(client, path) for _ in range(rounds))
        p95 = seconds[int(0.95 * (len(seconds) - 1))]
        met = p95 <= GOAL_SECONDS and queries <= GOAL_QUERIES
        missed += not met
        middle = statistics.median(seconds)
        verdict = "met" if met else "MISSED"
        print(f"{name:20} {queries:3} queries  p50 {middle:.3f}  p95 {p95:.3f} s  {verdict}")
    return 1 if missed else 0


def _queries(client: FlaskClient, path: str, statements: list[int]) -> int:
    _seconds(client, path)  # the templates are compiled at the first request
    statements[0] = 0
    _seconds(client, path)
    return statements[0]


def _seconds(client: FlaskClient, path: str) -> float:
    begun = time.perf_counter()
    response = client.get(path)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())

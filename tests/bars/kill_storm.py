"""kill-storm: forty operators work while web processes and the database are killed under them.

Passes when nothing that was acknowledged is lost or doubled, and everything is back soon.
"""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg

from casework.audit.trail import first_broken_link
from tests.bars import product
from tests.bars.desk import Desk
from tests.bars.floor import add_cases, open_floor, seal_first
from tests.bars.journal import Journal, read_journal
from tests.bars.judge import Stored, StoredOutcome, Verdict, judge
from tests.bars.mutants import MUTANTS
from tests.bars.nemesis import Nemesis
from tests.bars.operators import Operator
from tests.bars.servers import ending, gunicorn, inside, install, running_site

OPERATORS = 40
LEASE = 8.0  # seconds
SECONDS, MUTANT_SECONDS = 180, 40
CASES_A_SECOND = 80  # more than two cores can work off
BACK_LIMITS = {"web_worker": 2.0, "web_master": 10.0, "backend": 5.0, "database": 15.0}


@dataclass(frozen=True, slots=True)
class Storm:
    """What a storm established, and where its journal lies."""

    verdict: Verdict
    journal: Path

    @property
    def slow(self) -> list[str]:
        """What came back later than it may."""
        back = {what: self.verdict.figures.get(f"back_after_{what}_s", 0.0) for what in BACK_LIMITS}
        return [what for what, limit in BACK_LIMITS.items() if back[what] > limit]


def storm(folder: Path, *, seconds: float, seed: int, mutant: str = "") -> Storm:
    """Let it rage over the product, or over one of its known-bad variants."""
    settings = MUTANTS[mutant].database if mutant else ""
    path = folder / "acks.jsonl"
    with running_site(folder, settings=settings) as site:
        app = install(site)
        with inside(app):
            floor = open_floor(OPERATORS)
            cases = int(seconds * CASES_A_SECOND)
            add_cases(site.address, floor, range(1, cases + 1))
            seal_first(site.address, cases)
        extra = {product.LEASE_SECONDS: str(LEASE), product.MUTANT: mutant}
        web, port = gunicorn(folder, "tests.bars.product:app()", site.environment | extra)
        web.start()
        with ending(web), Journal(path) as journal:
            desks = [Desk(port, login) for login in floor.logins]
            for desk in desks:
                desk.log_in()
            dice, until = random.Random(seed), time.time() + seconds
            crew = [
                Operator(desk, journal, random.Random(dice.random()), LEASE, until)
                for desk in desks
            ]
            nemesis = Nemesis(web, site.database, journal, dice)
            with ThreadPoolExecutor(OPERATORS) as floor_of_people:
                days = [floor_of_people.submit(operator.work) for operator in crew]
                nemesis.rage(until)
            for day in days:
                day.result()
            time.sleep(LEASE)
            crew[0].take()  # whoever asks next frees what ran out
        with inside(app):
            stored = read_stored(site.address)
    return Storm(judge(read_journal(path), stored, lease=LEASE, until=until), path)


def read_stored(address: str) -> Stored:
    """Read what the judge compares, in the application's context."""
    with psycopg.connect(address) as connection:
        rows = connection.execute(OUTCOMES).fetchall()
        claims: dict[int, list[float]] = {}
        for case, at in connection.execute(CLAIMS):
            claims.setdefault(case, []).append(at)
        finished = dict(connection.execute(FINISHED).fetchall())
        held = dict(connection.execute(HELD).fetchall())
        late = {key for (key,) in connection.execute(LATE)}
        audited = dict(connection.execute(AUDITED).fetchall())
    return Stored(
        outcomes=[StoredOutcome(*row) for row in rows],
        claims=claims,
        finished=finished,
        held=held,
        late=late,
        audited_outcomes=audited.get("outcome:record", 0),
        audited_claims=audited.get("case:claim", 0),
        audited_late=audited.get("late_outcome:keep", 0),
        broken_link=first_broken_link(),
    )


OUTCOMES = """
SELECT coalesce(idempotency_key, ''), case_id, fence, login, disposition
FROM attempt JOIN "user" ON "user".id = operator_id WHERE disposition <> ''
"""
CLAIMS = "SELECT case_id, extract(epoch FROM at)::float FROM case_event WHERE action = 'claim'"
FINISHED = """
SELECT case_id, count(*) FROM case_event WHERE action = 'finish_calls' GROUP BY case_id
"""
HELD = "SELECT id, extract(epoch FROM lease_until)::float FROM \"case\" WHERE state = 'held'"
LATE = "SELECT idempotency_key FROM late_outcome"
AUDITED = "SELECT action, count(*) FROM audit_event GROUP BY action"

"""call-speed: what the product adds to an outcome and the next claim, and what a long queue adds.

One run measures three things on the same servers. Pairs of an outcome and the claim after it a
second: through log-in, form, rules, ORM and audit, against the same change of case and schedule by
two bare statements; in turns, so that all meet the same machine, with as many processes and
threads, set as behind nginx, and with PostgreSQL and client on the same cores. The bare view does
both in one request, as our desk does; a second crew asks it for each by itself. The client costs
all the same, but that the product's asks the database for what a browser would read off the page,
which counts against the product. How long a pair takes when forty a second are wanted, counted from
the moment at which each was wanted. And what PostgreSQL expects a claim to cost with ten thousand
cases and with a million.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from time import monotonic as now

import psycopg
from sqlalchemy import select

from casework.accounts.models import User
from casework.calls.holding import LEASE, expire_leases
from casework.calls.queue import claim_next_case
from casework.calls.schedule import ALL_DAY, day_part
from casework.db import db, new_uid, utcnow
from tests.bars.claim_plans import claim_cost
from tests.bars.desk import Desk
from tests.bars.floor import Floor, add_cases, open_floor, seal_first
from tests.bars.servers import Site, ending, gunicorn, inside, install, running_site
from tests.bars.wire import Wire

SMALL, USUAL, LARGE = 10_000, 500_000, 1_000_000  # cases in the schedule
CLIENTS = 16  # as many as the web processes have threads
OPERATORS = 40  # one pair a second each
ROUNDS = 3
SECONDS = 12.0  # of a round
CALLABLE = 30_000  # cases with a person who can be called
#: Both servers and the client share the machine; the database gets what one of its size has.
SETTINGS = "shared_buffers = 512MB\nmax_wal_size = 4GB"


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured. Rates are medians over the rounds."""

    ratio: float  #: product to bare, where both statements are asked for at once
    ratio_to_two: float  #: product to bare, where each is asked for by itself
    product_pairs_s: float
    bare_pairs_s: float
    bare_two_pairs_s: float
    done_pairs_s: float
    p95_ms: float  #: of a pair
    plan_cost_ratio: float  #: a million cases to ten thousand, as the next two
    plan_pages_ratio: float
    plan_time_ratio: float
    plan_scans: int  #: of the whole table

    def figures(self) -> dict[str, float]:
        return {name: round(value, 3) for name, value in asdict(self).items()}


LEAST = {"ratio": 0.25, "done_pairs_s": 0.9 * OPERATORS}
MOST = {
    "p95_ms": 300,
    "plan_cost_ratio": 2,
    "plan_pages_ratio": 2,
    "plan_scans": 0,
}


def met(figures: dict[str, float]) -> bool:
    """Tell whether every figure that has a limit keeps it."""
    least = all(figures[name] >= limit for name, limit in LEAST.items())
    return least and all(figures[name] <= limit for name, limit in MOST.items())


def call_speed(folder: Path, *, seconds: float) -> Speed:
    """Measure; *seconds* is the length of one round."""
    with running_site(folder, settings=SETTINGS) as site:
        app = install(site)
        with inside(app):
            floor = open_floor(OPERATORS + 2 * CLIENTS + 3)
            add_cases(site.address, floor, range(1, SMALL + 1))
            small = claim_cost(floor.logins[-1], site.address, folder / "small.json")
            add_cases(site.address, floor, range(SMALL + 1, USUAL + 1))
            seal_first(site.address, CALLABLE)
        rates, waits = _under_load(site, floor, seconds)
        with inside(app):
            _everybody_leaves(floor.logins[-3])
            add_cases(site.address, floor, range(USUAL + 1, LARGE + 1))
            large = claim_cost(floor.logins[-2], site.address, folder / "large.json")
    product, bare, bare_two = (median(each) for each in zip(*rates, strict=True))
    return Speed(
        ratio=product / bare,
        ratio_to_two=product / bare_two,
        product_pairs_s=product,
        bare_pairs_s=bare,
        bare_two_pairs_s=bare_two,
        done_pairs_s=waits.rate,
        p95_ms=1000 * quantiles(waits.seconds, n=20)[-1],
        plan_cost_ratio=large.cost / small.cost,
        plan_pages_ratio=large.pages / small.pages,
        plan_time_ratio=large.milliseconds / small.milliseconds,
        plan_scans=large.scans,
    )


def _everybody_leaves(login: str) -> None:
    """Free what the crews hold, in the application's context.

    A claim looks at every case that is held, a page for each: that grows with the operators, and
    with ten thousand cases there were none at work.
    """
    expire_leases(at=utcnow() + LEASE)
    one = db.session.scalars(select(User).where(User.login == login)).one()
    claim_next_case(actor=one, at=utcnow(), hours=ALL_DAY)  # puts them among the due cases again


Rates = tuple[float, float, float]  # pairs a second: product, bare, bare in two requests


@dataclass(frozen=True, slots=True)
class Waits:
    """How long pairs took, and how many a second there were."""

    seconds: list[float]
    rate: float


def _under_load(site: Site, floor: Floor, seconds: float) -> tuple[list[Rates], Waits]:
    """Return the rates of each round, and the waits at the wanted rate."""
    web, port = gunicorn(site.folder, "tests.bars.product:app()", site.environment)
    tried = f"tried_{day_part(utcnow())}"
    settings = {"BARE_DATABASE": site.address, "BARE_TRIED": tried}
    bare, bare_port = gunicorn(site.folder, "tests.bars.bare:app()", site.environment | settings)
    with psycopg.connect(site.address) as connection:
        ids = dict(connection.execute('SELECT login, id FROM "user"').fetchall())
    with ending(web), ending(bare):
        web.start()
        bare.start()
        logins = floor.logins[:OPERATORS]
        crew = [ProductClient(port, login, ids[login], site.address) for login in logins]
        callers = crew[:CLIENTS]
        # Nobody holds a case in two: who reports the other's would take it away.
        others = [ids[login] for login in floor.logins[OPERATORS:-3]]
        bare_ones = [BareClient(bare_port, user_id) for user_id in others[:CLIENTS]]
        in_two = [BareInTwo(bare_port, user_id) for user_id in others[CLIENTS:]]
        for each in [*crew, *bare_ones, *in_two]:
            each.begin()
        _rate(callers, seconds / 4)  # the first requests of a process compile statements
        rates = [
            (_rate(callers, seconds), _rate(bare_ones, seconds), _rate(in_two, seconds))
            for _ in range(ROUNDS)
        ]
        return rates, _waits(crew, seconds)


class ProductClient:
    """Reports as the desk does. What it was given, a browser would read off the page."""

    def __init__(self, port: int, login: str, user_id: int, address: str) -> None:
        self.login = login
        self.user_id = user_id
        self._port = port
        self._token = ""
        self._wire = Wire(port)
        self._database = psycopg.connect(address, autocommit=True)

    def begin(self) -> None:
        desk = Desk(self._port, self.login)
        desk.log_in()
        answer = desk.post("/calls/next", {"csrf_token": desk.token})
        assert answer.location.endswith("/calls/case"), answer
        self._token = desk.token
        self._wire = Wire(self._port, f"sid={desk.cookies['sid']}")

    def pair(self) -> None:
        row = self._database.execute(HOLDS, [self.user_id]).fetchone()
        assert row is not None
        held = {"case": str(row[0]), "fence": str(row[1]), "csrf_token": self._token}
        report = {"key": new_uid(), "disposition": "41", "by_hand": "1"}
        status, head, _ = self._wire.post("/calls/case/outcome", held | report)
        assert status == 303, head
        assert "/calls/case" in head, head


HOLDS = 'SELECT id, fence FROM "case" WHERE holder_id = %s'


class BareClient:
    """Reports and gets the next case in one request, as our desk does."""

    def __init__(self, port: int, user_id: int) -> None:
        self._wire = Wire(port)
        self._operator = {"operator": str(user_id)}
        self._case = ""

    def begin(self) -> None:
        self._case = self._send("/claim", self._operator)

    def pair(self) -> None:
        self._case = self._send("/pair", self._report())

    def _report(self) -> dict[str, str]:
        return self._operator | {"case": self._case, "key": new_uid()}

    def _send(self, path: str, form: dict[str, str]) -> str:
        status, head, body = self._wire.post(path, form)
        assert status == 200, head
        return body.decode()


class BareInTwo(BareClient):
    """Reports, and then asks for the next case."""

    def pair(self) -> None:
        self._send("/outcome", self._report())
        self.begin()


Client = ProductClient | BareClient


def _rate(crew: Sequence[Client], seconds: float) -> float:
    """Return the pairs a second of clients that never pause."""
    until = now() + seconds

    def work(client: Client) -> int:
        pairs = 0
        while now() < until:
            client.pair()
            pairs += 1
        return pairs

    with ThreadPoolExecutor(len(crew)) as pool:
        begun = now()
        pairs = sum(pool.map(work, crew))
        return pairs / (now() - begun)


def _waits(crew: Sequence[ProductClient], seconds: float) -> Waits:
    """Let each operator want one pair a second.

    The wait begins when the pair was wanted, so that a late one is not excused by the one before.
    """
    begin = now() + 1

    def work(place: int, client: ProductClient) -> list[float]:
        waits = []
        for second in range(int(seconds)):
            wanted = begin + second + place / len(crew)
            time.sleep(max(wanted - now(), 0))
            client.pair()
            waits.append(now() - wanted)
        return waits

    with ThreadPoolExecutor(len(crew)) as pool:
        waits = [wait for each in pool.map(work, range(len(crew)), crew) for wait in each]
    return Waits(waits, len(waits) / (now() - begin))

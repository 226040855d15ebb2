"""The speed of the supervisor's pages on PostgreSQL: 60,000 cases, 200,000 calls, with goals.

The persons are fictitious. Every page is asked for in turns; the statements are those of one
request, log-in included.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from casework.db import utcnow
from tests.bars.servers import inside, running_site
from tests.benchmarks.verifier_pages import CASES, ROUNDS, measure
from tests.benchmarks.worked_floor import SUPERVISOR, work_floor
from webapp import serving_app
from webapp.cli.migrate import prepare_database
from webapp.config import Settings

LIST = "/calls/cases"
PAGES = {
    "cases": LIST,
    "cases, last page": f"{LIST}?page=100000",
    "cases of a county": f"{LIST}?place=411122&sort=-due",
    "cases by last call": f"{LIST}?sort=-called",
    "cases by code of call": f"{LIST}?sort=last&page=300",
    "cases not reached": f"{LIST}?last=41",
    "cases handed over": f"{LIST}?last=71&sort=called",
    "cases of an operator": f"{LIST}?operator=7&sort=-called",
    "cases, four filters": f"{LIST}?operator=7&last=11&place=411122&state=phoned",
    "one case": f"{LIST}?code=P1-0000002",
    "board": "/calls/board",
    "board, live part": "/calls/board/live",
    "board, yield": "/calls/board/yield",
    "progress": "/calls/progress",
    "signals of a day": "/calls/signals?days=1",
    "signals of a week": "/calls/signals?days=7",
    "signals of a month": "/calls/signals?days=30",
    "re-calls": "/calls/recalls",
    "re-calls of one": "/calls/recalls?operator=7",
    "rates": "/calls/rates",
    "rates by operator": "/calls/rates?by=operator&weighted=1",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        os.environ.update(site.environment)
        settings = replace(Settings.from_env(), WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        prepare_database(settings)
        app = serving_app(settings)
        with inside(app):
            work_floor(site.address, arguments.cases, utcnow())
        missed = measure(app, PAGES, arguments.rounds, SUPERVISOR)
        with inside(app):
            return missed


if __name__ == "__main__":
    sys.exit(main())

"""The page of a run's papers: asking, waiting, taking out."""

import io
import zipfile

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.db import db
from casework.regions.models import PROVINCE
from casework.reports.models import Handout, HandoutKind
from tests.casework.reports.test_handouts import make_run
from tests.factories import LANKAO, LUOHE, NOON, make_user
from tests.jobs import work_off
from tests.webapp.people import log_in
from webapp.reports.making import make_handout


@pytest.fixture
def run(app):
    return make_run()


def ask(client, run, kind, region=PROVINCE):
    return client.post(f"/reports/runs/{run.uid}", data={"kind": kind, "region": region})


def test_a_paper_is_asked_for_made_and_taken_out(app, client, run):
    log_in(client, make_user(Role.VERIFIER))
    assert "还没有材料" in client.get(f"/reports/runs/{run.uid}").get_data(as_text=True)
    answer = ask(client, run, HandoutKind.REPORT_WORD)
    assert answer.status_code == 302
    uid = db.session.scalars(select(Handout.uid)).one()
    waiting = client.get(answer.location).get_data(as_text=True)
    assert "等待生成" in waiting
    assert "hx-get" in waiting
    assert client.get(f"/reports/{uid}/file").status_code == 404
    make_handout(uid)

    ready = client.get(f"/reports/runs/{run.uid}/list").get_data(as_text=True)
    assert f"/reports/{uid}/file" in ready
    assert "hx-get" not in ready
    with client.get(f"/reports/{uid}/file") as file:
        said = file.headers
        assert said["Content-Disposition"].startswith("attachment; filename=heyan-report-")
        assert said["Cache-Control"] == "no-store"
        assert said["Content-Length"] == str(len(file.data))
        assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(file.data)).namelist()


def test_the_worker_makes_what_was_asked_for_even_if_its_bell_was_lost(app, client, run, redis):
    log_in(client, make_user(Role.VERIFIER))
    ask(client, run, HandoutKind.NOTICE_PDF)
    redis.flushdb()
    asked = db.session.scalars(select(Handout)).one()
    asked.requested_at = NOON
    db.session.commit()
    work_off(app)

    assert db.session.scalars(select(Handout.state)).one() == "done"


def test_a_paper_that_failed_says_what_to_do(app, client, run):
    log_in(client, make_user(Role.VERIFIER))
    ask(client, run, HandoutKind.ANNEX)
    handout = db.session.scalars(select(Handout)).one()
    handout.state, handout.failure = "failed", "RunOutdated"
    db.session.commit()

    assert "请重新推算" in client.get(f"/reports/runs/{run.uid}").get_data(as_text=True)


def test_a_kind_nobody_knows_is_a_bad_request(client, run):
    log_in(client, make_user(Role.VERIFIER))
    assert ask(client, run, "poem").status_code == 400


def test_a_city_is_offered_its_own_regions_and_no_bundle(client, run):
    log_in(client, make_user(Role.VERIFIER, region=LUOHE))
    page = client.get(f"/reports/runs/{run.uid}").get_data(as_text=True)

    assert f'value="{LUOHE}"' in page
    assert f'value="{LANKAO}"' not in page
    assert 'value="bundle"' not in page
    assert ask(client, run, HandoutKind.BUNDLE).status_code == 404
    assert ask(client, run, HandoutKind.ANNEX, LANKAO).status_code == 404


def test_whoever_may_not_export_gets_no_paper(client, run):
    log_in(client, make_user(Role.OPERATOR))
    assert client.get(f"/reports/runs/{run.uid}").status_code == 403
    assert ask(client, run, HandoutKind.ANNEX).status_code == 403

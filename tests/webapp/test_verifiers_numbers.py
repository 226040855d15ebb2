"""Every number on the verifier's pages leads to its evidence, in few clicks and few queries."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from sqlalchemy import event, select

from casework.accounts.roles import Role
from casework.calls.desk_models import PlacedCall
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.estimates.models import EstimateRun
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.visits.head_models import HeadCount
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    add_attempt,
    computed,
    enter_desk,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user, saved
from tests.grounds import begins_with
from tests.webapp.people import log_in

P0, P1, P3 = Project.NEW_EMPLOYMENT, Project.RE_EMPLOYMENT, Project.OVERCAPACITY
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD
MOST_QUERIES = 12


def make_survey() -> EstimateRun:
    campaign = make_released_campaign(projects=(P0, P1, P3), units=(LUOHE, LANKAO))
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=20),
        Said(site="N1", reason=RANDOM, times=2),
        Said(PhoneClass.DEEMED, times=3),
        Said(PhoneClass.NOT_ACHIEVED, "N4", LEAD, times=3),
        Said(PhoneClass.NOT_ACHIEVED, "V1", LEAD),
        Said(PhoneClass.REFUSED, times=3),
        frame_size=120,
    )
    make_stratum(campaign, Said(times=5), frame_size=40, region=WUYANG)
    for name in ("演示一矿", "演示二矿", "演示三矿"):
        make_stratum(
            campaign,
            Said(site="S1", reason=RANDOM, times=2),
            Said(PhoneClass.NOT_ACHIEVED, "SX", RANDOM, has_lead=True),
            Said(phone=None, claims_not_settled=True),
            frame_size=6,
            region=LUOHE,
            project=P3,
            enterprise=name,
        )
    saved(
        HeadCount(
            campaign_id=campaign.id,
            unit_code=LUOHE,
            enterprise="演示三矿",
            inspector_id=make_user(Role.INSPECTOR).id,
            total=6,
            resettled={"S1": 4},
            waived=1,
            unsettled={"2": 1},
            confirmed=True,
            found_at=NOON,
            received_at=NOON,
            idempotency_key="a count",
        )
    )
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=3), frame_size=3, region=LANKAO, unit=LANKAO
    )
    for region, persons in ((LUOHE, 130), (LINYING, 100), (WUYANG, 50), (LANKAO, 3)):
        set_target(campaign, region, persons, P1)
    set_target(campaign, LUOHE, 9, P3)
    enter_desk(campaign, LANKAO, met=True)
    case = db.session.scalars(
        select(Case).where(Case.region_code == LINYING).order_by(Case.code).limit(1)
    ).one()
    attempt = add_attempt(case)
    placed = PlacedCall(attempt_id=attempt.id, dialler="simulated", placed_at=NOON)
    placed.recording = "sim-demo.wav"
    saved(placed)
    computed(campaign)
    return computed(campaign)


pytestmark = begins_with(make_survey)


@pytest.fixture
def run(begun):
    return begun


@pytest.fixture
def verifier(client, app):
    return log_in(client, make_user(Role.VERIFIER))


class Numbers(HTMLParser):
    """Finds the numeric cells of a page that hold a figure and no link."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = ""
        self.linked = False
        self.text = ""
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "dd" or (tag == "td" and "num" in (facts.get("class") or "").split()):
            self.inside, self.linked, self.text = tag, False, ""
        elif tag == "a" and self.inside:
            self.linked = True

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.found.append((self.text.strip(), self.linked))
            self.inside = ""


def pages(run):
    base = f"/estimates/runs/{run.uid}"
    return [
        f"{base}/regions/{PROVINCE}",
        f"{base}/regions/{LUOHE}",
        f"{base}/regions/{LINYING}",
        f"{base}/regions/{PROVINCE}/table",
        f"{base}/regions/{PROVINCE}/table?project=overcapacity&map=tiles&sort=width",
        f"{base}/regions/{LUOHE}/table?sort=-rate",
        f"{base}/regions/{LUOHE}?sort=chance",
        f"{base}/regions/{LUOHE}/overcapacity?sort=-completed",
        f"{base}/regions/{PROVINCE}/re_employment",
        f"{base}/regions/{LUOHE}/re_employment",
        f"{base}/regions/{LUOHE}/overcapacity",
        f"{base}/regions/{LINYING}/re_employment",
        f"{base}/settling",
        f"{base}/judgement",
        f"{base}/small-areas",
        f"{base}/beside/{other_run(run).uid}?show=all",
    ]


def other_run(run):
    return db.session.scalars(select(EstimateRun).where(EstimateRun.id != run.id)).first()


def counts_something(text):
    """Zeros, dashes and words of their own lead nowhere."""
    return bool(re.search(r"[1-9]", text))


def test_every_number_on_every_page_is_a_link_that_opens(run, verifier):
    links: dict[str, str] = {}
    for path in pages(run):
        page = verifier.get(path)
        assert page.status_code == 200, path
        reader = Numbers()
        reader.feed(page.text[page.text.index("<main") :])
        cells = [(text, linked) for text, linked in reader.found if counts_something(text)]
        assert cells or "settling" in path, path
        assert [text for text, linked in cells if not linked] == [], path
        main = page.text[page.text.index("<main") :]
        here = {*re.findall(r'id="([^"]+)"', main)}
        for address in re.findall(r'<a[^>]* href="([^"]+)"', main):
            target, _hash, anchor = address.replace("&amp;", "&").partition("#")
            assert target or anchor in here, (path, address)
            if target.startswith("/estimates"):
                links[target] = path
    assert len(links) > 40
    for target, path in links.items():
        assert verifier.get(target).status_code in {200, 302}, (path, target)


def test_every_number_of_the_statement_leads_to_its_figure(run, verifier):
    page = verifier.get(f"/estimates/runs/{run.uid}/statement").text
    cells = [cell for cell in re.findall(r'<td class="num">(.*?)</td>', page) if cell[-1] in "a>"]
    assert len(cells) >= 6
    for address in re.findall(r'href="([^"#]+)', "".join(cells)):
        assert verifier.get(address).status_code == 200
    assert not re.search(r'<td class="num">[^<]*[1-9]', page)


def test_a_number_of_cases_lists_as_many_cases(run, verifier):
    base = f"/estimates/runs/{run.uid}/regions/{LINYING}/re_employment/cases?only="
    for only, amount in (
        ("verdict:achieved", 21),
        ("void", 3),
        ("class:lead,true", 1),
        ("visited", 26),
    ):
        page = verifier.get(base + only).text
        assert f"个案 {amount}<" in page, only
    for nothing in ("magic", "open:magic", "visited,", ":"):
        assert verifier.get(base + nothing).status_code == 404


def test_every_figure_is_as_large_as_the_list_it_leads_to(run, verifier):
    """Enterprises counted whole, claims that settle themselves, leads that are random, and all."""
    figures: dict[str, int] = {}
    paths = pages(run)
    for path in paths:
        page = verifier.get(path).text
        found = re.findall(r'href="([^"]*/cases[^"]*)"[^>]*>([0-9,]+)<', page)
        for address, text in found:
            target, _hash, anchor = unescape(address).partition("#")
            if anchor:
                continue
            amount = int(text.replace(",", ""))
            assert figures.setdefault(target, amount) == amount, (path, target)
            if "stratum=" in target and target.partition("&only=")[0] not in paths:
                paths.append(target.partition("&only=")[0])
    assert len(figures) > 60
    assert any("claims_not_settled" in target for target in figures)
    for target, amount in figures.items():
        assert f"个案 {amount:,}<" in verifier.get(target).text, target


def test_lists_are_ordered_by_their_heads_and_pages_keep_the_order(run, verifier):
    """Counties stay under their unit; the head says which way its column is ordered."""
    base = f"/estimates/runs/{run.uid}"
    for path, way, first, second in (
        (f"regions/{PROVINCE}?chosen={LUOHE}&sort=re_employment", "ascending", "兰考县", "漯河市"),
        (f"regions/{PROVINCE}?chosen={LUOHE}&sort=-re_employment", "descending", "漯河", "兰考"),
        (f"regions/{LUOHE}?sort=re_employment", "ascending", "舞阳县", "临颍县"),
        (f"regions/{LUOHE}?sort=-re_employment", "descending", "临颍县", "舞阳县"),
        (f"regions/{LUOHE}/table?sort=target", "descending", "临颍县", "舞阳县"),
        (f"regions/{LUOHE}/table?sort=-target", "ascending", "舞阳县", "临颍县"),
        (f"regions/{LUOHE}/re_employment?sort=share", "ascending", "临颍县", "舞阳县"),
        (f"regions/{LUOHE}/re_employment?sort=sampled", "descending", "临颍县", "舞阳县"),
        (f"regions/{LINYING}/re_employment/cases?sort=by_phone", "ascending", "D1", "U2"),
        (f"regions/{LINYING}/re_employment/cases?sort=-by_phone", "descending", "U2", "D1"),
        (f"beside/{other_run(run).uid}?show=all&sort=completed", "descending", "漯河市", "舞阳县"),
    ):
        page = verifier.get(f"{base}/{path}").text
        head = page.index(f'aria-sort="{way}"')
        rows = page[head : page.index("</table>", head)]
        rows = rows[rows.index("<tbody>") :]
        assert 0 < rows.index(first) < rows.index(second), path
        assert re.search(r'<th[^>]*aria-sort[^>]*><a class="sort" href="[^"]+"', page), path
    for path in ("/estimates/?sort=run", f"{base}/settling?sort=needed", "/objections/?sort=state"):
        assert verifier.get(path).status_code == 200


def test_from_the_province_to_a_recording_in_four_clicks(run, verifier):
    page = verifier.get(pages(run)[0]).text
    code = db.session.scalars(
        select(Case.code).where(Case.region_code == LINYING).order_by(Case.code).limit(1)
    ).one()
    steps = (
        rf'href="([^"]+/regions/{LUOHE})"',
        rf'href="([^"]+/regions/{LINYING}/re_employment)"',
        rf'href="([^"]+)"[^>]*>{code}<',
    )
    for step in steps:
        page = verifier.get(re.search(step, page)[1]).text
    assert len(steps) <= 4
    assert "录音 sim-demo.wav" in page


def queries_of(verifier, path):
    statements: list[str] = []

    def note(connection, cursor, statement, *rest):
        if not statement.lstrip().upper().startswith(("SAVEPOINT", "RELEASE")):
            statements.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert verifier.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return statements


@pytest.mark.both_engines
def test_no_page_takes_more_than_twelve_queries(run, verifier):
    case = db.session.scalars(select(Case.uid).where(Case.region_code == LINYING).limit(1)).one()
    base = f"/estimates/runs/{run.uid}"
    for path in [
        *pages(run),
        f"{base}/regions/{LINYING}/re_employment/cases",
        f"{base}/cases/{case}",
        f"{base}/statement",
    ]:
        found = queries_of(verifier, path)
        assert 3 < len(found) <= MOST_QUERIES, "\n".join([path, *found])


def test_how_sure_a_finding_is_stands_beside_it(run, verifier):
    page = verifier.get(pages(run)[1]).text
    part = page[page.index('id="sureness"') :]
    assert "本次推算共 5 项检验" in part
    assert "全面完成的可能性" in part


def test_a_table_that_was_rendered_once_says_so_of_each_reader_anew(run, client, verifier):
    path = f"/estimates/runs/{run.uid}/regions/{LUOHE}/table"
    first = verifier.get(path).text
    assert verifier.get(path).text.count("<tr") == first.count("<tr")
    assert "/cases?only=verdict:achieved" in first
    assert (
        "No task" in verifier.post("/language/en", data={"next": path}, follow_redirects=True).text
    )
    log_in(client, make_user(Role.COORDINATOR))
    assert "/cases?only=" not in client.get(path).text


def test_where_calling_may_stop_is_said_of_each_county_with_a_task(run, verifier):
    settling = verifier.get(f"/estimates/runs/{run.uid}/settling").text
    path = re.search(r'href="([^"]+/stopping)"', settling)[1]
    page = verifier.get(f"{path}?unit={LUOHE}").text
    assert {"临颍县", "舞阳县"} <= {*re.findall(r'<th scope="row">([^<]+)<', page)}
    assert verifier.get(f"{path}?unit=410100").status_code == 404


def test_the_numbers_of_where_calling_may_stop_lead_to_the_cases_behind_them(run, verifier, client):
    path = f"/campaigns/{run.campaign_id}/stopping?unit={LUOHE}"
    row = re.search(r'<tr><th scope="row">舞阳县<.*?</tr>', verifier.get(path).text)[0]
    found = re.findall(r'<a class="trace" href="([^"]+)">(\d+)</a>', row)

    assert row.count("台账少于任务，不抽样即未完成") == 2  # and not "replicate 0, row 0"
    assert [amount for _path, amount in found] == ["40", "50", "5", "5", "5"]
    for link, amount in found[3:]:
        cases = verifier.get(link.replace("&amp;", "&"))
        assert f"共 {amount} 条" in cases.text
    assert "第 1 批的个案" in cases.text
    assert verifier.get(link.split("only=")[0] + "only=replicates:x").status_code == 404
    log_in(client, make_user(Role.COORDINATOR))
    assert "/cases" not in client.get(path).text

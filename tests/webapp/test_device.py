"""What a phone asks for by itself, and what it is told of a report that it sends."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.db import db, transaction, utcnow
from casework.ledgers.projects import Project
from casework.visits.head_models import HeadCount
from casework.visits.kept_models import KeptFinding, KeptImage
from casework.visits.models import Finding, Photo, Signature, Visit, VisitState
from casework.visits.worklist import visit_pass
from tests.casework.visits.factories import make_assigned_visit, make_photo
from tests.casework.visits.test_photos import png_that_claims
from tests.factories import make_user
from tests.grounds import begins_with
from tests.webapp.people import log_in
from tests.webapp.test_visits import answers


def make_todays_work() -> tuple[Visit, User]:
    make_user(Role.INSPECTOR)
    return make_assigned_visit("N2")


pytestmark = begins_with(make_todays_work)


@pytest.fixture
def visit(begun):
    return begun[0]


@pytest.fixture
def phone(client, begun):
    return log_in(client, begun[1])


@pytest.fixture
def sent(begun):
    visit, inspector = begun
    now = utcnow().isoformat()
    form = answers(found_at=now, sent_at=now, shown=visit_pass(visit.uid, inspector))

    def send(phone, **changes):
        return phone.post(f"/visits/device/finding/{visit.uid}", data=form | changes)

    return send


def take_back(visit):
    with transaction():
        visit.state, visit.inspector_id = VisitState.PLANNED, None


def test_the_worker_may_serve_every_page_of_an_inspector(client):
    answer = client.get("/visits/device/worker.js")

    assert answer.status_code == 200
    assert answer.headers["Service-Worker-Allowed"] == "/visits/"
    assert answer.mimetype == "text/javascript"
    imported = re.findall(r'from "([^"]+)"', answer.text)
    assert len(imported) == 1
    module = client.get(imported[0])
    assert module.status_code == 200
    module.close()


def test_only_todays_pages_are_named(phone, visit):
    assert {*phone.get("/visits/device/day").json["pages"]} == {
        "/visits/today",
        f"/visits/{visit.uid}",
    }
    with transaction():
        visit.visit_on = (utcnow() + timedelta(days=3)).date()

    assert [*phone.get("/visits/device/day").json["pages"]] == ["/visits/today"]


def test_a_page_is_named_as_changed_when_its_visit_changed(phone, visit):
    def states():
        return phone.get("/visits/device/day").json["pages"]

    before = states()
    assert states() == before
    with transaction():
        visit.visit_on = utcnow().date() - timedelta(days=1)

    assert states()[f"/visits/{visit.uid}"] != before[f"/visits/{visit.uid}"]


def test_the_page_that_stands_in_for_a_kept_one_names_no_task(phone, visit):
    page = phone.get("/visits/device/locked").text

    assert visit.case.code not in page
    assert "演**" not in page


def test_a_report_gets_its_receipt(phone, sent):
    drawn = (BytesIO(make_photo("PNG", size=(300, 96))), "signature.png")
    place = {"latitude": "33.82", "longitude": "113.94", "accuracy": "14", "mocked": "0"}
    photos = [(BytesIO(make_photo()), "1.jpg")]

    answer = sent(phone, photos=photos, **{"signature-clerk": drawn}, **place)

    finding = db.session.scalar(select(Finding))
    assert answer.status_code == 200
    assert answer.json["state"] == "received"
    assert answer.json["uid"] == finding.uid
    assert answer.json["key"] == finding.idempotency_key
    assert finding.place["mocked"] is False
    assert (count(Photo), count(Signature)) == (1, 1)


def test_the_same_report_resent_makes_one_row(phone, sent):
    first = sent(phone, photos=(BytesIO(make_photo()), "1.jpg"))
    again = sent(phone, photos=(BytesIO(make_photo()), "1.jpg"))

    assert again.json == first.json
    assert count(Finding) == count(Photo) == 1


@pytest.mark.parametrize("hours", [2, -2])
def test_a_device_hours_off_keeps_its_time_and_says_by_how_much(phone, sent, hours):
    device = utcnow() + timedelta(hours=hours)

    sent(phone, found_at=device.isoformat(), sent_at=device.isoformat())

    finding = db.session.scalar(select(Finding))
    assert finding.found_at == device
    assert finding.skew_seconds == pytest.approx(hours * 3600, abs=60)
    assert abs((utcnow() - finding.received_at).total_seconds()) < 60


@pytest.mark.both_engines
@pytest.mark.parametrize("time", ["", "yesterday", "2017-12-05T03:04:05", "0001-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_is_no_time(phone, sent, time):
    sent(phone, found_at=time, sent_at=time)

    finding = db.session.scalar(select(Finding))
    assert finding.found_at == finding.received_at
    assert finding.skew_seconds is None


@pytest.mark.both_engines
@pytest.mark.parametrize("latitude", ["", "nan", "inf", "91", "north", "1e309"])
def test_a_place_that_cannot_be_is_no_place(phone, sent, latitude):
    sent(phone, latitude=latitude, longitude="113.94", accuracy="14")

    assert db.session.scalar(select(Finding)).place == {}


def test_a_visit_taken_back_meanwhile_is_said_in_words_and_kept(phone, sent, visit):
    take_back(visit)

    answer = sent(phone, photos=(BytesIO(make_photo()), "1.jpg"))

    assert answer.json["state"] == "kept"
    assert "已收到并留存" in answer.json["words"]
    assert "该核查任务已收回" in answer.json["words"]
    assert (count(Finding), count(KeptFinding), count(KeptImage)) == (0, 1, 1)


def test_a_stranger_to_the_visit_is_told_nothing(client, sent, visit):
    stranger = log_in(client, make_user(Role.INSPECTOR))

    assert sent(stranger).status_code == 404
    take_back(visit)
    assert sent(stranger).status_code == 404
    assert count(KeptFinding) == 0


def bomb() -> bytes:
    return png_that_claims(30_000, 30_000)


def polyglot() -> bytes:
    archive = BytesIO(make_photo())
    archive.seek(0, 2)
    with zipfile.ZipFile(archive, "a") as inside:
        inside.writestr("演示.txt", "演示数据")
    return archive.getvalue()


def page_in_an_image() -> bytes:
    return make_photo("JPEG", comment=b"<script>alert(1)</script>")


def cut_short() -> bytes:
    return make_photo()[:-600]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb, "超过 10 MB 或 4000 万像素"),
        (polyglot, "夹带了别的文件"),
        (page_in_an_image, "夹带了别的文件"),
        (cut_short, "不是完整的 JPEG"),
        (lambda: b"no image", "不是完整的 JPEG"),
    ],
)
def test_a_hostile_image_is_refused_in_plain_words_and_leaves_nothing(phone, sent, content, words):
    answer = sent(phone, photos=(BytesIO(content()), "1.jpg"))

    assert answer.status_code == 422
    assert answer.json["state"] == "refused"
    assert words in answer.json["words"]
    assert count(Finding) == count(Photo) == 0


def test_a_connection_lost_in_the_middle_of_a_photo_leaves_nothing(phone, visit, sent):
    part = 'Content-Disposition: form-data; name="photos"; filename="1.jpg"'
    body = f"--x\r\n{part}\r\n\r\n".encode() + make_photo()[:300]

    answer = phone.post(
        f"/visits/device/finding/{visit.uid}",
        data=body,
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code in {404, 422}
    assert count(Finding) == count(Photo) == 0
    assert sent(phone, photos=(BytesIO(make_photo()), "1.jpg")).json["state"] == "received"


def test_the_coordinator_decides_what_was_kept(phone, sent, visit, app):
    take_back(visit)
    sent(phone, note="演示备注", photos=(BytesIO(make_photo()), "1.jpg"))
    coordinator = log_in(app.test_client(), make_user(Role.COORDINATOR))
    uid = db.session.scalar(select(KeptFinding.uid))
    image = db.session.scalar(select(KeptImage.uid))

    page = coordinator.get("/visits/review/conflicts").text
    shown = coordinator.get(f"/visits/review/image/{image}")
    coordinator.post(f"/visits/review/conflicts/{uid}/accept")

    assert "该核查任务已收回" in page
    assert "演示备注" in page
    assert shown.data.startswith(b"\xff\xd8")
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert count(Finding) == count(Photo) == 1
    assert "没有待决定的结论" in coordinator.get("/visits/review/conflicts").text


def test_putting_a_report_aside_needs_a_reason(phone, sent, visit, app):
    take_back(visit)
    sent(phone)
    coordinator = log_in(app.test_client(), make_user(Role.COORDINATOR))
    uid = db.session.scalar(select(KeptFinding.uid))

    refused = coordinator.post(f"/visits/review/conflicts/{uid}/dismiss", data={"reason": " "})
    assert refused.status_code == 422
    assert "请用不超过 2000 字写明不采用的理由" in refused.text
    assert db.session.scalar(select(KeptFinding.state)) == "waiting"

    coordinator.post(f"/visits/review/conflicts/{uid}/dismiss", data={"reason": "演示理由"})
    assert db.session.scalar(select(KeptFinding.state)) == "dismissed"
    assert count(AuditEvent, AuditEvent.action == AuditAction.KEPT_FINDING_DISMISS) == 1


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR])
def test_signals_are_shown_with_their_reason_and_no_verdict(phone, sent, app, role):
    two_hours = utcnow() + timedelta(hours=2)
    sent(phone, found_at=two_hours.isoformat(), sent_at=two_hours.isoformat())

    page = log_in(app.test_client(), make_user(role)).get("/visits/review/signals").text

    assert "时钟偏差" in page
    assert "+120 分钟" in page
    assert "只是信号，不是结论" in page


def test_an_inspector_who_logs_out_keeps_what_the_phone_holds_sealed(phone, app):
    inspector = phone.post("/log-out").headers["Clear-Site-Data"]
    operator = log_in(app.test_client(), make_user()).post("/log-out").headers["Clear-Site-Data"]

    assert "storage" not in inspector
    assert "storage" in operator


def make_enterprise_visit() -> tuple[Visit, User]:
    make_user(Role.INSPECTOR)
    return make_assigned_visit("SN", project=Project.OVERCAPACITY, enterprise="演示矿业")


@begins_with(make_enterprise_visit)
def test_an_enterprise_is_counted_on_its_own_page(client, begun):
    visit, inspector = begun
    phone = log_in(client, inspector)
    page = phone.get(f"/visits/enterprise/{visit.uid}").text
    drawn = (BytesIO(make_photo("PNG", size=(300, 96))), "signature.png")
    form = {"total": "8", "resettled-S1": "5", "waived": "1", "unsettled-2": "2"}

    answer = phone.post(
        f"/visits/device/head-count/{visit.uid}",
        data=form | {"idempotency_key": "one", "signature-clerk": drawn},
    )

    assert "演示矿业" in page
    assert "岗位不足" in page
    assert answer.json["state"] == "received"
    counted = db.session.scalar(select(HeadCount))
    assert (counted.total, counted.resettled, counted.confirmed) == (8, {"S1": 5}, True)
    again = phone.get(f"/visits/enterprise/{visit.uid}").text
    assert "已确认：共 8 人，已安置 5 人，自愿放弃 1 人" in again
    assert "企业没有签字" not in again


@begins_with(make_enterprise_visit)
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"total": "9"}, "各项合计 8 人，总数 9 人"),
        ({"waived": "-1"}, "人数请填 0 或正整数"),
        ({"waived": "1e9"}, "人数请填 0 或正整数"),
        ({"total": "", "resettled-S1": "", "waived": ""}, "总数至少为 1"),
    ],
)
def test_a_count_that_cannot_be_is_refused_in_plain_words(client, begun, changes, words):
    visit, inspector = begun
    form = {"total": "8", "resettled-S1": "7", "waived": "1", "idempotency_key": "one"}

    answer = log_in(client, inspector).post(
        f"/visits/device/head-count/{visit.uid}", data=form | changes
    )

    assert answer.status_code == 422
    assert words in answer.json["words"]
    assert count(HeadCount) == 0


def test_only_an_enterprise_has_a_page_to_count_on(phone, visit, client):
    assert phone.get(f"/visits/enterprise/{visit.uid}").status_code == 404
    own, inspector = make_enterprise_visit()
    pages = log_in(client, inspector).get("/visits/device/day").json["pages"]
    assert f"/visits/enterprise/{own.uid}" in pages


def count(model, *where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0

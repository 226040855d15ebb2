"""Bodies of requests, and how often one may try: what is refused, and what never meets a disk."""

import tempfile

import pytest

from casework.accounts.roles import Role
from tests.factories import PASSWORD, make_user
from tests.webapp.people import log_in
from webapp.bodies import MOST_FORM


def test_an_uploaded_file_never_lies_on_a_disk(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a file was about to be written")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
        monkeypatch.setattr(f"werkzeug.formparser.{name}", refuse, raising=False)
    log_in(client, make_user(Role.CLERK))

    part = 'Content-Disposition: form-data; name="file"; filename="demo.csv"'
    body = f"--x\r\n{part}\r\n\r\n{'x' * 2 * MOST_FORM}\r\n--x--\r\n".encode()
    answer = client.post("/ledgers/", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 422


def test_a_file_that_is_too_large_is_refused_unread_and_says_so(client):
    log_in(client, make_user(Role.CLERK))

    answer = client.post(
        "/ledgers/",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(200 * 2**20)},
    )

    assert answer.status_code == 413
    assert "50 MB" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_whoever_is_not_logged_in_cannot_send_much(client):
    answer = client.post("/log-in", data={"login": "a", "password": "b" * 2 * MOST_FORM})

    assert answer.status_code == 413


class TestHowOften:
    @pytest.fixture(autouse=True)
    def limits_on(self, new_app, redis):
        app = new_app("sqlite")
        app.config.update(RATELIMIT_ENABLED=True)
        with app.app_context():
            yield app

    def try_(self, client, login: str, address: str = "192.0.2.1") -> int:
        return client.post(
            "/log-in",
            data={"login": login, "password": "not the password"},
            environ_base={"REMOTE_ADDR": address},
        ).status_code

    def test_one_account_is_tried_ten_times_from_one_place_and_is_not_locked(self, limits_on):
        user, client = make_user(), limits_on.test_client()
        spelled = [user.login, f" {user.login}", f"{user.login} ", user.login.upper()]

        tried = [self.try_(client, spelled[n % 4]) for n in range(12)]

        assert tried[-1] == 429
        assert 429 not in tried[:10]
        right = {"login": user.login, "password": PASSWORD}
        elsewhere = {"REMOTE_ADDR": "192.0.2.2"}
        assert client.post("/log-in", data=right, environ_base=elsewhere).status_code == 302

    def test_many_accounts_are_not_tried_from_one_place(self, limits_on):
        client = limits_on.test_client()
        limit = 200

        tried = [
            client.post(
                "/log-in",
                data={"login": f"演示{n}", "password": ""},
                environ_base={"REMOTE_ADDR": "192.0.2.1"},
            ).status_code
            for n in range(limit + 1)
        ]

        assert set(tried[:limit]) == {422}
        assert tried[-1] == 429

    @pytest.mark.parametrize(
        ("role", "path"),
        [
            (Role.OPERATOR, "/calls/case/number"),
            (Role.INSPECTOR, "/visits/nobody/person"),
            (Role.VERIFIER, "/estimates/cases/nobody/person"),
        ],
    )
    def test_sixty_persons_an_hour_are_shown_to_one_user(self, limits_on, role, path):
        client = log_in(limits_on.test_client(), make_user(role))

        tried = [client.post(path, data={"purpose": "objection"}).status_code for _ in range(61)]

        assert set(tried[:60]) == {404}
        assert tried[60] == 429
        assert (
            log_in(limits_on.test_client(), make_user(role))
            .post(path, data={"purpose": "objection"})
            .status_code
            == 404
        )

from dataclasses import replace

import pytest
from flask import request, request_started

from tests.conftest import dispose
from tests.databases import make_settings, new_database
from webapp import create_app

FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("behind_proxy", "seen"), [(True, ("203.0.113.7", True)), (False, ("127.0.0.1", False))]
)
def test_only_a_proxy_that_is_set_is_believed(tmp_path, redis_url, behind_proxy, seen):
    url, remove = new_database("sqlite", tmp_path, "proxy")
    app = create_app(replace(make_settings(url, redis_url), SECURE_COOKIES=behind_proxy))
    said = []

    with request_started.connected_to(
        lambda _: said.append((request.remote_addr, request.is_secure)), app
    ):
        app.test_client().get("/", headers=FORWARDED)

    assert said == [seen]
    dispose(app)
    remove()

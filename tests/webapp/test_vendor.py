import pytest
from flask import Flask

from webapp import vendor


@pytest.fixture
def client():
    app = Flask(__name__)
    vendor.init_app(app)
    return app.test_client()


@pytest.mark.parametrize("name", vendor.ASSETS)
def test_an_asset_comes_from_its_wheel_and_is_kept_for_a_year(client, name):
    with client.application.test_request_context():
        address = vendor.vendor_url(name)

    answer = client.get(address)

    assert answer.status_code == 200
    assert len(answer.data) > 10_000
    assert answer.mimetype == vendor.ASSETS[name].media_type
    assert answer.cache_control.max_age == 365 * 24 * 3600


def test_nothing_else_of_the_wheels_is_served(client):
    assert client.get("/vendor/1/bootstrap.css").status_code == 404

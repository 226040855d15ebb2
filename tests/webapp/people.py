"""Acting as somebody."""

from flask.testing import FlaskClient

from casework.accounts.models import User
from tests.factories import PASSWORD


def log_in(client: FlaskClient, user: User) -> FlaskClient:
    """Log in as a person would; return the client."""
    login = user.login
    response = client.post("/log-in", data={"login": login, "password": PASSWORD})
    assert response.status_code == 302, response.text
    return client

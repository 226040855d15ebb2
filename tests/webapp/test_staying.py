"""Refusals of words that must be given: said beside the field, never taken as given if blank."""

import pytest
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from casework.accounts.roles import Role
from tests.factories import make_user
from tests.webapp.people import log_in

pytestmark = pytest.mark.one_engine


def test_a_script_that_sends_a_form_is_told_where_to_go_on_and_what_was_refused(client):
    administrator = log_in(client, make_user(Role.ADMINISTRATOR))

    plain = administrator.post("/language/en")
    asked = administrator.post("/language/en", headers={"X-Stays": "1"})
    refused = administrator.post("/accounts/users/0/active", headers={"X-Stays": "1"})

    assert plain.status_code == 302
    assert (asked.status_code, asked.headers["X-Go-On"]) == (204, plain.location)
    assert asked.location is None
    assert refused.status_code == 404
    assert "X-Go-On" not in refused.headers


def forms_of_the_product() -> list[type[FlaskForm]]:
    found, more = [], [FlaskForm]
    while more:
        more = [below for form in more for below in form.__subclasses__()]
        found += [form for form in more if form.__module__.startswith("webapp.")]
    return found


def test_blanks_fill_in_no_text_field(app):
    lax = []
    for form in forms_of_the_product():
        with app.test_request_context():
            fields = list(form(meta={"csrf": False}))
        lax += [
            f"{form.__name__}.{field.name}"
            for field in fields
            if isinstance(field, StringField) and not isinstance(field, PasswordField)
            if any(isinstance(rule, InputRequired) for rule in field.validators)
        ]

    assert len(forms_of_the_product()) > 15
    assert lax == []

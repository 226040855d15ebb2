from concurrent.futures import ThreadPoolExecutor

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.service import LoginTaken, create_user
from casework.campaigns.design import open_campaign
from casework.campaigns.errors import NameTaken
from casework.db import db
from casework.regions.models import PROVINCE
from tests.casework.campaigns.test_design import plan
from tests.factories import NOON, PASSWORD, make_user


def test_two_who_take_one_name_at_once_are_told_alike(committed_app):
    with committed_app.app_context():
        coordinator_id = make_user(Role.COORDINATOR).id

    def take(_: int) -> str:
        with committed_app.app_context():
            actor = db.session.get_one(User, coordinator_id)
            try:
                open_campaign(plan(), actor=actor, at=NOON)
            except NameTaken:
                return "taken"
            return "opened"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(take, range(8)))

    assert sorted(answers) == ["opened"] + ["taken"] * 7


def test_two_who_take_one_log_in_name_at_once_are_told_alike(committed_app):
    def take(_: int) -> str:
        with committed_app.app_context():
            try:
                create_user("demo", "演示", Role.CLERK, PROVINCE, PASSWORD, actor=None, at=NOON)
            except LoginTaken:
                return "taken"
            return "created"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(take, range(4)))

    assert sorted(answers) == ["created"] + ["taken"] * 3

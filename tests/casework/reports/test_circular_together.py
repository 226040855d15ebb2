"""Two people who keep an edited circular at the same moment, with true commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.db import db
from casework.estimates.models import EstimateRun
from casework.reports.circular_texts import circular_texts, keep_circular_text
from tests.casework.estimates.factories import Said, computed, make_released_campaign, make_stratum
from tests.factories import NOON, make_user

PEOPLE = 6


def test_of_many_who_edit_one_version_only_the_first_is_kept(committed_app: Flask):
    with committed_app.app_context():
        campaign = make_released_campaign()
        make_stratum(campaign, Said(times=10), frame_size=20)
        campaign_id, run_id = campaign.id, computed(campaign).id
        people = [make_user(Role.VERIFIER).id for _ in range(PEOPLE)]
    together = Barrier(PEOPLE)

    def keep(user_id: int) -> bool:
        with committed_app.app_context():
            campaign = db.session.get_one(Campaign, campaign_id)
            run, actor = db.session.get_one(EstimateRun, run_id), db.session.get_one(User, user_id)
            together.wait()
            try:
                keep_circular_text(campaign, run, "演示通报", seen=0, actor=actor, at=NOON)
            except StaleDataError:
                return False
            return True

    with ThreadPoolExecutor(PEOPLE) as pool:
        kept = list(pool.map(keep, people))

    with committed_app.app_context():
        actor = db.session.get_one(User, people[0])
        texts = circular_texts(db.session.get_one(Campaign, campaign_id), actor=actor)
        versions = [text.version for text in texts]
    assert kept.count(True) == 1
    assert versions == [1]

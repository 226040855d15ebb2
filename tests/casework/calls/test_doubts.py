"""A disposition that does not go with the answers is asked about once; a confirmed one is kept."""

import pytest
from sqlalchemy import select

from casework.audit.models import AuditAction, AuditEvent
from casework.calls.dispositions import all_dispositions
from casework.calls.doubts import AgainstAnswers, Doubt, doubt, doubts
from casework.calls.script import every_path, script_for, walk
from casework.db import db
from casework.ledgers.projects import Project
from tests.casework.calls.rows import claimed, open_replicate, report
from tests.factories import make_user

SPOKE = {"G1": ("1",)}
BEGUN = {"G1": ("1",), "G2": ("1",), "G3": ("1",), "A1": ("1",)}
BY_PROXY = {"G1": ("2",), "G1a": ("3",), "G3": ("1",), "A1": ("1",)}


def against(disposition, answers):
    return doubt(all_dispositions()[disposition], walk(script_for(Project.RE_EMPLOYMENT), answers))


@pytest.mark.parametrize(
    ("disposition", "answers", "why"),
    [
        ("41", {}, None),
        ("41", SPOKE, Doubt.SOMEBODY),
        ("51", SPOKE, Doubt.SOMEBODY),
        ("53", SPOKE, Doubt.PERSON),
        ("38", SPOKE, Doubt.PERSON),
        ("33", SPOKE, None),
        ("21", SPOKE, None),
        ("33", BEGUN, Doubt.BEGUN),
        ("21", BEGUN, Doubt.BEGUN),
        ("31", BEGUN, Doubt.BEGUN),
        ("39", BEGUN, Doubt.BEGUN),
        ("14", BEGUN, None),
        ("71", BEGUN, None),
        ("81", BEGUN, None),
        ("12", BEGUN, Doubt.NO_RELATIVE),
        ("12", BY_PROXY, None),
        ("11", BY_PROXY, Doubt.RELATIVE),
        ("38", BY_PROXY, Doubt.BEGUN),
    ],
)
def test_a_disposition_is_doubted_by_what_was_answered(disposition, answers, why):
    assert against(disposition, answers) == why


@pytest.mark.parametrize("project", Project)
def test_no_end_to_which_a_script_leads_is_doubted(project):
    ends = [
        (end.disposition, doubts(walk(script_for(project), answers)))
        for answers, end in every_path(script_for(project))
    ]

    assert len(ends) > 20
    assert not [end for end, doubted in ends if end in doubted]


def test_what_the_answers_speak_against_is_recorded_only_when_confirmed_which_is_kept(app):
    open_replicate()
    actor = make_user()
    claim = claimed(actor)
    with pytest.raises(AgainstAnswers):
        report(claim, "33", actor=actor, answers=BEGUN, confirmed=False)

    report(claim, "33", actor=actor, answers=BEGUN, confirmed=True)

    acts = select(AuditEvent).where(AuditEvent.action == AuditAction.OUTCOME_RECORD)
    act = db.session.scalars(acts).one()
    assert act.facts == {"disposition": "33", "outcome": "", "confirmed_against": "begun"}

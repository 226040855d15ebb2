"""The count of a figure and the list behind it are one thing, whatever became of a case."""

from itertools import product

from sqlalchemy import select

from casework.cases.models import Case, PhoneClass
from casework.cases.outcomes import Verdict
from casework.db import db
from casework.estimates.case_filters import only
from casework.estimates.counts import LEAD, UNFINISHED, counts_of
from casework.estimates.inputs import CLAIMS_NOT_SETTLED, read_inputs
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import Said, make_released_campaign, make_stratum
from tests.factories import LUOHE

NAMES = (
    *(f"verdict:{each}" for each in Verdict),
    *(f"{of}:{each}" for of in ("open", "class") for each in (*PhoneClass, UNFINISHED)),
    *(f"class:{each}" for each in (LEAD, CLAIMS_NOT_SETTLED)),
    *("void", "reached", "resolved", "visited", "true", "site:false", "site:true"),
)


def test_every_count_lists_the_cases_it_counts(app):
    campaign = make_released_campaign(projects=(Project.OVERCAPACITY,))
    phones = (None, *PhoneClass)
    visits = [(None, ""), *product(VisitReason, ("", "S1", "SD", "SN", "SX", "U1"))]
    said = [
        Said(phone, site, reason, has_lead=lead, claims_not_settled=claim)
        for phone, (reason, site), lead, claim in product(
            phones, visits, (False, True), (False, True)
        )
        if not (claim and phone is not None)
    ]
    make_stratum(campaign, *said, frame_size=len(said), region=LUOHE, project=Project.OVERCAPACITY)
    for number, case in enumerate(db.session.scalars(select(Case).order_by(Case.id))):
        if case.site_outcome and number % 5 == 0:
            case.settled_outcome = ("S1", "SX", "U2")[number % 3]
    db.session.commit()

    counted = {case.uid: set(counts_of(case)) for case in read_inputs(campaign).cases}

    assert {name for names in counted.values() for name in names} == set(NAMES)
    for name in NAMES:
        listed = set(db.session.scalars(select(Case.uid).where(only(name))))
        assert listed == {uid for uid, names in counted.items() if name in names}, name
    both = set(db.session.scalars(select(Case.uid).where(only("class:lead,true"))))
    assert both == {uid for uid, names in counted.items() if {"class:lead", "true"} <= names}

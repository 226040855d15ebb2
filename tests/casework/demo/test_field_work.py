"""What the simulated inspectors hand in: answers that bear the finding out, photos of their own."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from casework.cases.outcomes import Verdict, verdict_of
from casework.demo.photos import draw_photo, used_again
from casework.demo.site_answers import answers_on_site
from casework.ledgers.projects import CALLED
from casework.visits.checklists import check_answers, site_outcomes
from casework.visits.likeness import fingerprint, near_pairs

ESTABLISHED = [
    (project, outcome.code)
    for project in CALLED
    for outcome in site_outcomes(project)
    if outcome.verdict is not Verdict.UNRESOLVED
]


@pytest.mark.parametrize(("project", "outcome"), ESTABLISHED)
def test_every_finding_has_answers_that_hold_together(project, outcome):
    checklist, reasons = answers_on_site(project, outcome)

    check_answers(project, outcome, checklist, reasons, has_lead=True)


@pytest.mark.parametrize(("project", "outcome"), ESTABLISHED)
def test_what_is_not_achieved_has_an_answer_that_speaks_against_it(project, outcome):
    checklist, _ = answers_on_site(project, outcome)

    refuted = verdict_of(outcome) is Verdict.NOT_ACHIEVED
    against = {"fails", "denies", "not_seen"} & set(checklist.values())
    assert bool(against) or not refuted
    assert checklist["L6"] == ("true" if refuted else "false")


def test_photos_of_different_cases_differ_and_one_used_again_is_found():
    photos = [draw_photo(f"P1-{number:06d}") for number in range(40)]
    photos.append(used_again(photos[7]))

    prints = [fingerprint(Image.open(BytesIO(photo))) for photo in photos]

    assert [(first, later) for first, later, _ in near_pairs(prints)] == [(7, 40)]
    assert all(np.asarray(Image.open(BytesIO(photo))).std() > 10 for photo in photos[:3])

"""Cases by their codes, for lists that name cases of any campaign and state."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from casework.cases.models import Case
from casework.db import db


def ids_of(code: str) -> list[int]:
    """Return the cases of all campaigns with this code."""
    return list(db.session.scalars(select(Case.id).where(Case.code == code.strip().upper())))


def codes_of(case_ids: Collection[int]) -> Mapping[int, str]:
    """Return the codes of cases by id."""
    found = db.session.execute(select(Case.id, Case.code).where(Case.id.in_(case_ids)))
    return dict(found.all())

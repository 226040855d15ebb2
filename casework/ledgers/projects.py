"""The projects whose completion is verified."""

from enum import StrEnum

from sqlalchemy import Case, case
from sqlalchemy.orm import InstrumentedAttribute


class Project(StrEnum):
    NEW_EMPLOYMENT = "new_employment"  #: judged at the desk; no calls by default
    RE_EMPLOYMENT = "re_employment"
    HARDSHIP = "hardship"
    OVERCAPACITY = "overcapacity"


#: The projects verified by calling a sample of the people in their ledgers.
CALLED = (Project.RE_EMPLOYMENT, Project.HARDSHIP, Project.OVERCAPACITY)


def official_order(column: InstrumentedAttribute[Project]) -> Case[int]:
    """Return what orders rows by their project as official tables do."""
    return case({project: place for place, project in enumerate(Project)}, value=column)

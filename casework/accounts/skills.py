"""What some operators can do that others cannot."""

from enum import StrEnum


class Skill(StrEnum):
    DIALECT = "dialect"  #: speaks with people who speak dialect
    REFUSAL = "refusal"  #: wins over people who refused once
    SUPERVISOR = "supervisor"  #: takes calls that a supervisor keeps for the experienced

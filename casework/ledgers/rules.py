"""What the rules of the self-check are called, how grave they are and what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from casework.ledgers.sources import read_source


class Severity(StrEnum):
    ERROR = "error"  #: the row cannot be accepted
    WARNING = "warn"  #: the row is accepted, a person should look


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    severity: Severity
    action: (
        str  #: 补充 supplement, 无效 invalid, 重复 duplicate, 提示 look, 自动 done, 拒绝 refused
    )
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What one rule found at one place of the file. ``facts`` holds no personal data."""

    sheet: str
    row: int  #: as the person sees it in the spreadsheet program
    column: str  #: the title as the person sees it
    rule: str
    severity: Severity
    facts: Mapping[str, object] = field(default_factory=dict)


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule of the row and file checks by its code."""
    return MappingProxyType(
        {
            row["rule"]: Rule(
                row["rule"], Severity(row["severity"]), row["action"], row["zh"], row["en"]
            )
            for row in read_source("rules")
        }
    )

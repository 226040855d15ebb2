"""What the operators of a storm saw, line by line in acks.jsonl. Their word judges the database."""

import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that is no report, and its answer. Times are seconds since the epoch."""

    who: str
    what: str
    sent: float
    done: float
    status: int | None  #: None: no answer came


@dataclass(frozen=True, slots=True)
class Granted:
    """A case came up on an operator's screen."""

    who: str
    case: int
    fence: int
    seen: float
    lease_until: float
    abandoned: bool = False  #: the operator walks away without dialling


@dataclass(frozen=True, slots=True)
class Vanished:
    """A case was given, and the page that should show it showed none."""

    who: str
    asked: float
    seen: float


@dataclass(frozen=True, slots=True)
class Reported:
    """One sending of an outcome. Sent again, it carries the same key."""

    who: str
    case: int
    fence: int
    key: str
    disposition: str
    sent: float
    done: float
    status: int | None
    said: list[str] = field(default_factory=list)  #: what the desk then said was done with the case

    @property
    def acknowledged(self) -> bool:
        return self.status == 303


@dataclass(frozen=True, slots=True)
class Killed:
    what: str
    at: float


Line = Asked | Granted | Vanished | Reported | Killed


@dataclass(frozen=True, slots=True)
class History:
    """A whole journal."""

    asked: list[Asked] = field(default_factory=list)
    granted: list[Granted] = field(default_factory=list)
    vanished: list[Vanished] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    killed: list[Killed] = field(default_factory=list)


class Journal:
    """Writes lines for many operators at once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, line: Line) -> None:
        text = json.dumps({"line": type(line).__name__} | asdict(line), ensure_ascii=False)
        with self._lock:
            self._file.write(text + "\n")


def read_journal(path: Path) -> History:
    """Read a journal back."""
    history = History()
    kinds: dict[str, tuple[type[Line], list[Any]]] = {
        "Asked": (Asked, history.asked),
        "Granted": (Granted, history.granted),
        "Vanished": (Vanished, history.vanished),
        "Reported": (Reported, history.reported),
        "Killed": (Killed, history.killed),
    }
    with path.open(encoding="utf-8") as lines:
        for text in lines:
            facts = json.loads(text)
            kind, place = kinds[facts.pop("line")]
            place.append(kind(**facts))
    return history

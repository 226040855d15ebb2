"""Telling people how far the rehearsal is and how long each part took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Say = Callable[[str], None]
Clock = Callable[[], float]  #: seconds since any moment, such as ``time.monotonic``


@dataclass
class Progress:
    """Says what is done, with the seconds since the beginning."""

    say: Say
    clock: Clock
    every: float = 10.0  #: seconds between two lines of one part
    seconds: dict[str, float] = field(default_factory=dict)  #: of each part that is over

    def __post_init__(self) -> None:
        self._begin = self._said = self.clock()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time one part of the work."""
        begin = self._said = self.clock()
        yield
        self.seconds[name] = round(self.clock() - begin, 1)
        self.line(f"{name}：{self.seconds[name]:.1f} s")

    def count(self, what: str, done: int, total: int) -> None:
        """Say how many of *total* are done, if nothing was said for a while."""
        if self.clock() - self._said >= self.every:
            self.line(f"  {what} {done} / {total}")

    def line(self, text: str) -> None:
        """Say one line."""
        self._said = self.clock()
        self.say(f"[{self._said - self._begin:5.0f} s] {text}")
